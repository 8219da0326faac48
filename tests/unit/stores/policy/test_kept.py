"""The files in force outlive whatever happens to the ones that people edit."""

import pytest

from gateway.stores.policy.kept import KeptPolicy, Waiting, accepted_beside

FILES = [("a.yaml", "version: 1\n"), ("b.yaml", "targets: []\n")]


@pytest.fixture
def kept(tmp_path):
    return KeptPolicy(tmp_path / "policy")


def test_nothing_was_kept_at_first(kept):
    assert (kept.files(), kept.refused(), kept.accepted()) == (None, "", frozenset())


def test_what_was_taken_is_read_again_whole_and_alone(kept):
    kept.take([("old.yaml", "x"), *FILES])
    kept.take(FILES)

    assert kept.files() == FILES


def test_files_are_swapped_at_once_and_only_those_before_stay(kept, tmp_path):
    for number in range(5):
        kept.take([("a.yaml", str(number))])

    assert kept.files() == [("a.yaml", "4")]
    assert len([place for place in (tmp_path / "policy").iterdir() if not place.is_symlink()]) == 2
    assert (tmp_path / "policy").stat().st_mode & 0o777 == 0o700


def test_taking_the_same_files_again_changes_nothing(kept):
    kept.take(FILES)
    before = kept.directory.readlink()
    kept.take(FILES)

    assert kept.directory.readlink() == before


def test_why_newer_files_are_not_in_force_is_noted_and_forgotten(kept):
    kept.refuse(Waiting("a.yaml:1: key: wrong", since_ns=5))
    assert kept.refused() == "a.yaml:1: key: wrong"
    kept.refuse(None)
    assert (kept.refused(), kept.waiting()) == ("", None)


def test_the_time_since_when_files_wait_is_that_of_the_first_look(kept):
    kept.refuse(Waiting("it widens", "held", "a" * 16, since_ns=5))
    kept.refuse(Waiting("it widens", "held", "a" * 16, since_ns=9))
    assert kept.waiting() == Waiting("it widens", "held", "a" * 16, since_ns=5)

    kept.refuse(Waiting("it widens more", "held", "b" * 16, since_ns=12))
    assert kept.waiting().since_ns == 12


def test_what_an_older_release_noted_is_still_read(kept, tmp_path):
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "refused").write_text("a.yaml:1: key: wrong; mend it")

    assert kept.waiting() == Waiting("a.yaml:1: key: wrong; mend it")


def test_what_was_accepted_is_known_and_a_broken_line_accepts_nothing(kept, tmp_path):
    for policy in ("a" * 16, "b" * 16):
        kept.accept(policy, by="ann", reason="reviewed", at_ns=1)
    with (tmp_path / "policy" / "accepted").open("a") as file:
        file.write('{"policy": "cccccccccccccccc", "by\n[1]\n')

    assert kept.accepted() == {"a" * 16, "b" * 16}


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("accepted: 0123456789abcdef\n", {"0123456789abcdef"}),
        ("accepted:\n  - 0123456789abcdef # CHG-1\n  - 00000000000000ff\n", {"0123456789abcdef", "00000000000000ff"}),
        ("accepted: 0123\naccepted: everything\n", set()),
    ],
)
def test_a_file_beside_the_policy_accepts_by_hash(tmp_path, text, hashes):
    (tmp_path / "accepted").write_text(text)

    assert accepted_beside(tmp_path) == hashes


def test_without_such_a_file_nothing_is_accepted(tmp_path):
    assert accepted_beside(tmp_path) == frozenset()
