"""A start takes over what is left of a journal."""

from math import inf

from gateway.domain.label import DataClass, Label
from gateway.stores.sessions.journal import Kept, Line
from gateway.stores.sessions.loading import KEPT_S, loaded

IBAN = {"iban": Label(DataClass.RESTRICTED)}


def line(key, ends, labels=IBAN):
    return Line("t", key, ends, labels, "")


def test_what_has_ended_is_left_out():
    teams, lost = loaded(Kept([line("s:1", 1000), line("s:2", 99)]), 100.0, 5.0)
    assert list(teams["t"]) == ["s:1"]
    assert lost == -inf


def test_lines_of_one_key_are_joined():
    other = {"email": Label(DataClass.CONFIDENTIAL)}
    teams, _ = loaded(Kept([line("s:1", 1000), line("s:1", 1000, other)]), 100.0, 5.0)
    assert teams["t"].get("s:1").labels == IBAN | other


def test_a_damaged_journal_counts_as_a_loss_for_a_day():
    assert loaded(Kept(damaged=True), 100.0, 5.0)[1] == 5.0 + KEPT_S
    assert loaded(Kept(lost_until=160.0), 100.0, 5.0)[1] == 65.0
