"""Coding agents can live with the detectors: what is harmless is not moved away from closed targets."""

from support.agent_sessions import Session

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import scanner_for

SESSIONS = 200
TURNS = 100
MOST = SESSIONS * 5 // 1000
"""Five in a thousand."""
MASKED = frozenset({"email"})
"""What is masked on its way out and moves nothing: the addresses of a package's authors."""


def test_harmless_sessions_of_agents_stay_below_what_closed_targets_may_see():
    scanner = scanner_for(SensitivitySpec())
    moved = {}
    for seed in range(SESSIONS):
        # a label only rises with more text, so turn by turn is as good as the whole history each time; the seams
        # between turns are in the last scan, which is of everything
        history = list(Session(seed).turns(TURNS))
        found = scanner.scan({"messages": history})
        if any(part.label.data_class > DataClass.INTERNAL for part in found.parts if part.kind not in MASKED):
            moved[seed] = [(each.detector, each.path) for each in found.findings if each.detector != "ip_address"]

    assert len(moved) <= MOST, moved
