"""Files come into force whole, compared with those in force, and never because somebody is saving them."""

import pytest
import yaml

from gateway.bootstrap.keeping import keep
from gateway.policy.load.errors import PolicyErrors
from gateway.stores.policy.kept import KeptPolicy
from tests.unit.policy.diff.test_holding import BASE, clearance


@pytest.fixture
def place(tmp_path):
    directory = tmp_path / "policies"
    directory.mkdir()
    write(directory)
    return directory


@pytest.fixture
def kept(tmp_path):
    return KeptPolicy(tmp_path / "policy")


def write(directory, change=lambda data: None):
    data = yaml.safe_load(yaml.safe_dump(BASE))
    change(data)
    (directory / "p.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    return data


def wider(data):
    clearance(data, max="confidential")


def test_an_empty_data_directory_takes_what_is_there_and_says_so(place, kept):
    found = keep(place, kept, "hold")

    assert (found.event, found.first, found.problem) == ("taken", True, "")
    assert kept.files()[0][0] == "p.yaml"


def test_without_any_policy_in_force_a_bad_one_is_an_error(place, kept):
    (place / "p.yaml").write_text("version: 1\nnew: 1\n")

    with pytest.raises(PolicyErrors, match=r"p.yaml:2: new"):
        keep(place, kept, "hold")


def test_what_widens_is_held_and_what_is_in_force_stays(place, kept):
    keep(place, kept, "hold")
    before = kept.files()
    write(place, wider)
    found = keep(place, kept, "hold")

    assert found.event == "held"
    assert f"gateway policy accept {found.policy}" in kept.refused()
    assert kept.files() == before


def test_once_accepted_it_comes_into_force(place, kept):
    keep(place, kept, "hold")
    write(place, wider)
    held = keep(place, kept, "hold")
    kept.accept(held.policy, by="ann", reason="reviewed", at_ns=1)

    assert keep(place, kept, "hold").event == "taken"
    assert (kept.refused(), keep(place, kept, "hold").event) == ("", "same")


def test_a_file_beside_the_policy_accepts_it_too_and_only_this_one(place, kept):
    keep(place, kept, "hold")
    write(place, wider)
    held = keep(place, kept, "hold")
    (place / "accepted").write_text(f"accepted: {held.policy}\n")
    write(place, lambda data: (wider(data), clearance(data, forbid=[])))
    assert keep(place, kept, "hold").event == "held"
    write(place, wider)
    assert keep(place, kept, "hold").event == "taken"


def test_a_policy_that_was_accepted_may_not_prove_less(place, kept):
    keep(place, kept, "hold")
    write(place, wider)
    held = keep(place, kept, "hold")
    kept.accept(held.policy, by="ann", reason="reviewed", at_ns=1)
    write(place, lambda data: (wider(data), data.pop("invariants")))
    less = keep(place, kept, "hold")

    assert (less.event, less.policy != held.policy) == ("held", True)
    kept.accept(less.policy, by="ann", reason="reviewed, too", at_ns=2)
    assert keep(place, kept, "hold").event == "taken"


def test_holding_can_be_switched_off(place, kept):
    keep(place, kept, "hold")
    write(place, wider)

    assert keep(place, kept, "allow").event == "taken"


@pytest.mark.parametrize("break_it", ["bad", "gone", "not UTF-8"])
def test_files_that_cannot_be_used_leave_the_kept_ones_in_force(place, kept, break_it):
    keep(place, kept, "hold")
    before = kept.files()
    if break_it == "gone":
        (place / "p.yaml").unlink()
        place.rmdir()
    else:
        (place / "p.yaml").write_bytes(b"version: 1\nnew: 1\n" if break_it == "bad" else b"\xff")
    found = keep(place, kept, "hold")

    assert found.event == "refused"
    assert found.problem == kept.refused() != ""
    assert kept.files() == before


def test_every_prefix_of_a_narrower_file_is_held_refused_or_no_wider(place, kept):
    """A writer that stops after any line: what is taken meanwhile forbids all that the old policy did."""
    keep(place, kept, "hold")
    before = kept.files()
    text = (place / "p.yaml").read_text() + "# reviewed\n"
    for number in range(text.count("\n")):
        (place / "p.yaml").write_text("".join(text.splitlines(keepends=True)[:number]))
        keep(place, kept, "hold")
        assert kept.files() == before
