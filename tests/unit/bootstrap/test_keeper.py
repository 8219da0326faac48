"""A change is taken once nothing has changed for a while."""

import pytest

from gateway.bootstrap.keeper import Keeper


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keeper(tmp_path, clock):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.yaml").write_text("a")
    return Keeper(tmp_path / "policies", tmp_path / "policy", 3.0, clock)


def test_without_a_change_nothing_is_due(keeper, clock):
    clock.now = 100.0
    assert not keeper.due()


def test_a_writer_that_pauses_is_waited_for(keeper, clock, tmp_path):
    for second in range(0, 20, 2):
        clock.now = float(second)
        (tmp_path / "policies" / "p.yaml").write_text("a" * second)
        assert not keeper.due()
    clock.now = 20.9
    assert not keeper.due()
    clock.now = 21.1
    assert keeper.due()
    assert not keeper.due()


@pytest.mark.parametrize("place", ["policies/accepted", "policy/accepted", "policies/q.yaml"])
def test_an_acceptance_and_new_files_are_changes_too(keeper, clock, tmp_path, place):
    (tmp_path / "policy").mkdir()
    (tmp_path / place).write_text("x")
    assert not keeper.due()
    clock.now = 3.0
    assert keeper.due()


def test_a_directory_that_is_gone_for_a_moment_is_a_change(keeper, clock, tmp_path):
    (tmp_path / "policies").rename(tmp_path / "elsewhere")
    assert not keeper.due()
    clock.now = 3.0
    assert keeper.due()


def test_a_change_that_could_not_be_looked_at_is_due_again(keeper, clock, tmp_path):
    (tmp_path / "policies" / "p.yaml").write_text("b")
    keeper.due()
    clock.now = 3.0
    assert keeper.due()
    keeper.again()
    assert not keeper.due()
    clock.now = 6.0
    assert keeper.due()
