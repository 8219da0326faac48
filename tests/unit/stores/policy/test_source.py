"""The last good policy stays in force, whatever happens to its files."""

import pathlib
from functools import partial

import anyio
import pytest
import yaml
from support.fakes import closed, local

from gateway.policy.load.compile import compile_documents
from gateway.policy.load.errors import PolicyErrors
from gateway.pricing.book import PriceBook
from gateway.stores.policy import source as policy_source
from gateway.stores.policy.source import PolicySource

pytestmark = pytest.mark.anyio

COMPILE = partial(compile_documents, prices=PriceBook.load_bundled())


def text(*models: str) -> str:
    return yaml.safe_dump(
        {
            "version": 1,
            "targets": [local("home"), closed("away")],
            "models": [{"name": name, "candidates": ["home", "away"]} for name in models],
            "teams": [{"id": "t", "default_class": "public"}],
        }
    )


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "policies" / "p.yaml"
    path.parent.mkdir()
    path.write_text(text("one"))
    return path


@pytest.fixture
def source(file):
    return PolicySource(file.parent, COMPILE)


def models(source) -> list[str]:
    return sorted(source.current().models)


def test_a_bad_policy_at_the_start_is_no_start(file):
    file.write_text("version: 1\nnew: 1\n")

    with pytest.raises(PolicyErrors, match=r"p.yaml:2: new"):
        PolicySource(file.parent, COMPILE)


def test_a_directory_that_is_not_there_is_no_start(tmp_path):
    with pytest.raises(OSError, match="gone"):
        PolicySource(tmp_path / "gone", COMPILE)


def test_files_that_did_not_change_are_not_compiled_again(source):
    before = source.current()

    assert not source.reload()
    assert source.current() is before


def test_a_changed_file_comes_into_force(source, file):
    file.write_text(text("one", "two"))

    assert source.reload()
    assert (models(source), source.problem()) == (["one", "two"], "")
    assert not source.reload()


def test_a_bad_file_keeps_the_last_good_policy_and_says_where_it_is_wrong(source, file):
    before = source.current()
    file.write_text(text("one") + "new: 1\n")

    assert source.reload()
    assert source.current() is before
    assert "p.yaml:" in source.problem()
    assert "new" in source.problem()
    assert not source.reload()
    assert source.problem()


def test_a_mended_file_comes_into_force_and_its_problem_is_gone(source, file):
    file.write_text("version: [")
    source.reload()
    file.write_text(text("two"))

    assert source.reload()
    assert (models(source), source.problem()) == (["two"], "")


def test_going_back_to_the_policy_in_force_ends_its_problem(source, file):
    file.write_text("version: [")
    source.reload()
    file.write_text(text("one"))

    assert source.reload()
    assert (models(source), source.problem()) == (["one"], "")


def test_a_second_fault_is_reported_instead_of_the_first(source, file):
    file.write_text("first: 1\nversion: 1\n")
    source.reload()
    file.write_text("second: 1\nversion: 1\n")

    assert source.reload()
    assert "second" in source.problem()
    assert "first" not in source.problem()


def test_a_file_that_is_no_text_keeps_the_last_good_policy(source, file):
    file.write_bytes(b"\xff\xfe\x00\x80")

    assert source.reload()
    assert "cannot be read (UnicodeDecodeError)" in source.problem()
    assert models(source) == ["one"]


def test_a_directory_that_vanishes_keeps_the_last_good_policy_and_is_reported_once(source, file):
    away = file.parent.with_name("away")
    file.parent.rename(away)

    assert source.reload()
    assert "cannot be read (FileNotFoundError)" in source.problem()
    assert str(file.parent) not in source.problem()
    assert not source.reload()
    assert models(source) == ["one"]
    away.rename(file.parent)
    assert source.reload()
    assert source.problem() == ""


def test_all_files_gone_is_no_policy_without_rules(source, file):
    file.unlink()
    source.reload()

    assert source.problem()
    assert models(source) == ["one"]


def test_another_file_that_repeats_a_name_keeps_the_last_good_policy(source, file):
    file.with_name("q.yaml").write_text(text("one"))

    assert source.reload()
    assert source.problem()
    assert models(source) == ["one"]


def test_a_configmap_whose_links_are_swapped_comes_into_force(tmp_path):
    mount = tmp_path / "mount"
    for version in ("one", "two"):
        (mount / f"..{version}").mkdir(parents=True)
        (mount / f"..{version}" / "p.yaml").write_text(text(version))
    (mount / "..data").symlink_to("..one")
    (mount / "p.yaml").symlink_to("..data/p.yaml")
    source = PolicySource(mount, COMPILE)
    assert models(source) == ["one"]

    (mount / "..new").symlink_to("..two")
    pathlib.Path(mount / "..new").replace(mount / "..data")

    assert source.reload()
    assert (models(source), source.problem()) == (["two"], "")


async def test_a_watcher_gets_each_change_and_nothing_else(source, file, monkeypatch):
    monkeypatch.setattr(policy_source, "PERIOD_S", 0.0)
    changes: list[tuple[list[str], bool]] = []
    expected: list[tuple[list[str], list[str]]] = []
    news = anyio.Event()
    rounds = 0
    reload = source.reload

    def counted(before):
        nonlocal rounds
        rounds += 1
        return reload(before)

    async def before(snapshot):
        expected.append((sorted(snapshot.models), models(source)))

    def changed(snapshot, problem):
        nonlocal news
        changes.append((sorted(snapshot.models), bool(problem)))
        news.set()
        news = anyio.Event()

    monkeypatch.setattr(PolicySource, "reload", lambda _, before: counted(before))
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(source.watch, changed, before)
            while rounds < 3:
                await anyio.lowlevel.checkpoint()
            assert changes == []
            for content in (text("two"), "version: ["):
                seen = news
                file.with_name("new").write_text(content)
                file.with_name("new").replace(file)
                await seen.wait()
            group.cancel_scope.cancel()

    assert changes == [(["two"], False), (["two"], True)]
    assert expected == [(["two"], ["one"])]  # while the old one was in force still


def test_what_a_policy_needs_is_made_before_it_comes_into_force(file):
    made = []
    source = PolicySource(file.parent, COMPILE, lambda snapshot: made.append((sorted(snapshot.models), len(made))))
    file.write_text(text("one", "two"))
    source.reload()
    assert [names for names, _ in made] == [["one"], ["one", "two"]]


def test_a_policy_for_which_that_fails_does_not_come_into_force(file):
    def prepare(snapshot):
        if "two" in snapshot.models:
            raise MemoryError

    source = PolicySource(file.parent, COMPILE, prepare)
    file.write_text(text("one", "two"))
    assert source.reload()
    assert models(source) == ["one"]
    assert "MemoryError" in source.problem()
