"""Are the proofs worth anything? Each deliberate fault must be noticed; the table that is printed says by what."""

import asyncio
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from guarantees import machine
from guarantees.bugs import BEHIND_A_BLIND_EGRESS, BLIND, BUGS
from guarantees.cases import CASES
from guarantees.machine import Gateway
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from support import fakes
from support.lab import Lab

QUICK = settings(
    max_examples=60,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def killers() -> list[str]:
    """Return what notices: names of cases, and the machine if no case does."""
    found = []
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory() as directory:
            try:
                asyncio.run(case(Lab(Path(directory))))
            except Exception:  # noqa: BLE001 -- a fault may show itself in any way
                found.append(name)
    return found


def machine_notices() -> bool:
    try:
        run_state_machine_as_test(Gateway, settings=QUICK)
    except Exception:  # noqa: BLE001
        return True
    return False


@pytest.fixture(autouse=True)
def policies_of_its_own():
    """Compile each policy anew: a policy keeps plans of decisions, which must be made under the fault alone."""
    for kept in (fakes._compiled, machine.random_policy):
        kept.cache_clear()
    yield
    for kept in (fakes._compiled, machine.random_policy):
        kept.cache_clear()


@cache
def killers_of_a_blind_egress() -> frozenset[str]:
    with BUGS[BLIND]():
        return frozenset(killers())


@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_is_noticed(name, record_property):
    apart = killers_of_a_blind_egress() if name in BEHIND_A_BLIND_EGRESS else frozenset()
    fakes._compiled.cache_clear()
    with ExitStack() as faults:
        if apart:
            faults.enter_context(BUGS[BLIND]())
        faults.enter_context(BUGS[name]())
        found = [case for case in killers() if case not in apart]
        found += ["the machine"] if not found and not apart and machine_notices() else []
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    record_property(name, f"case {found[0]}{more}" if found else "")
    assert found, f"nothing notices: {name}"


def test_without_a_bug_nothing_is_noticed():
    assert killers() == []


def test_there_are_enough_of_them():
    assert len(BUGS) >= 20
