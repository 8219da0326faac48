import os
import pathlib

from gateway.stores.policy.files import fingerprint, read_policies


def test_policy_files_right_in_the_directory_are_read_in_order(tmp_path):
    for name in ("b.yaml", "a.yml", "c.json", "notes.txt", ".hidden.yaml", "d.py"):
        (tmp_path / name).write_text(name)
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "e.yaml").write_text("no")
    (tmp_path / "folder.yaml").mkdir()

    assert read_policies(tmp_path) == [("a.yml", "a.yml"), ("b.yaml", "b.yaml"), ("c.json", "c.json")]


def test_a_mark_at_the_head_of_a_file_is_no_part_of_it(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfversion: 1")

    assert read_policies(tmp_path) == [("a.yaml", "version: 1")]


def test_a_mounted_configmap_is_read_once_and_its_swap_is_seen(tmp_path):
    for version in ("one", "two"):
        (tmp_path / f"..{version}").mkdir()
        (tmp_path / f"..{version}" / "p.yaml").write_text(version)
    pathlib.Path(tmp_path / "..data").symlink_to("..one")
    pathlib.Path(tmp_path / "p.yaml").symlink_to("..data/p.yaml")
    before = fingerprint(tmp_path)

    assert read_policies(tmp_path) == [("p.yaml", "one")]
    pathlib.Path(tmp_path / "..new").symlink_to("..two")
    pathlib.Path(tmp_path / "..new").replace(tmp_path / "..data")

    assert read_policies(tmp_path) == [("p.yaml", "two")]
    assert fingerprint(tmp_path) != before


def test_files_are_never_mixed_with_those_of_a_directory_that_takes_their_place(tmp_path, monkeypatch):
    """A rule that moves from one file to another would be in neither."""
    for version in ("one", "two"):
        (tmp_path / version).mkdir()
        for name in ("a.yaml", "b.yaml"):
            (tmp_path / version / name).write_text(version)
    link = tmp_path / "current"
    link.symlink_to("one")
    read = pathlib.Path.read_text

    def swapping(path, *args, **more):
        text = read(path, *args, **more)
        (tmp_path / "new").symlink_to("two")
        (tmp_path / "new").replace(link)
        return text

    monkeypatch.setattr(pathlib.Path, "read_text", swapping)
    assert read_policies(link) == [("a.yaml", "one"), ("b.yaml", "one")]


def test_the_fingerprint_looks_at_names_and_contents_only(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("x")
    before = fingerprint(tmp_path)
    os.utime(file, (1, 1))
    (tmp_path / "notes.txt").write_text("y")

    assert fingerprint(tmp_path) == before
    file.rename(tmp_path / "b.yaml")
    assert fingerprint(tmp_path) != before
