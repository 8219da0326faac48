"""When a shared state is raised to the ledger's sums: what is known of it, what was seen, what follows. It is pure.

Counters are raised when the state may lack something: at a start, after it was away, after it lost all, under a new
policy. Calls that run then have no hold of those counters, so that only the ledger will know what they cost; until the
last of them must have ended, counters are raised again and again.
"""

from dataclasses import dataclass
from typing import Final, assert_never

AGAIN_S: Final = 30.0
"""After a loss, how often the ledger is queried for calls whose holds were lost with the state."""
TELL_S: Final = 3.0
"""Grace period after an outage, in which workers send their queued settlements. Seeding earlier would count those
twice, because the ledger has them already.
"""


@dataclass(frozen=True, slots=True)
class Starting:
    """Nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """It has what the ledger has, and all calls have their holds."""

    policy: str
    """Hash of the policy whose counters it has."""


@dataclass(frozen=True, slots=True)
class Away:
    """It, or the ledger, did not answer, and it was not raised since."""

    back: float | None = None
    """When it answered again; None if it did not."""


@dataclass(frozen=True, slots=True)
class CatchingUp:
    """It has what the ledger has, and calls may run that have no hold of its counters."""

    policy: str
    until: float
    """By then the last of them must have ended."""
    raised: float
    """When it was raised last."""


Standing = Starting | Seeded | Away | CatchingUp


@dataclass(frozen=True, slots=True)
class Answered:
    """It was queried and answered."""

    kept: bool
    """False: it lost what it held."""
    policy: str
    """Hash of the policy that is in force."""
    calls_end: float
    """By then the last call that runs now must have ended."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It, or the ledger, did not answer."""

    kind: str


@dataclass(frozen=True, slots=True)
class Raised:
    """Its counters were raised to the ledger's sums."""

    policy: str
    until: float


Seen = Answered | Failed | Raised


@dataclass(frozen=True, slots=True)
class Raise:
    """Raise its counters to the ledger's sums; calls without holds of them may run until then."""

    until: float


@dataclass(frozen=True, slots=True)
class Report:
    """Say in the log that it does not answer."""

    kind: str


Action = Raise | Report


def next_step(standing: Standing, seen: Seen, now: float) -> tuple[Standing, tuple[Action, ...]]:
    """Return what is known after something was seen, and what is to be done. Times are monotonic seconds."""
    match seen:
        case Failed(kind):
            return Away(), () if isinstance(standing, Away) else (Report(kind),)
        case Raised(policy, until):
            return (CatchingUp(policy, until, now) if now < until else Seeded(policy)), ()
        case Answered():
            return _answered(standing, seen, now)
        case _:
            assert_never(seen)


def _answered(standing: Standing, seen: Answered, now: float) -> tuple[Standing, tuple[Action, ...]]:
    anew = Raise(seen.calls_end)
    match standing:
        case Away(back):
            back = now if back is None else back
            waits = seen.kept and now - back < TELL_S  # if holds are lost, too, nothing can be counted twice
            return Away(back), () if waits else (anew,)
        case Seeded(policy) | CatchingUp(policy) if not seen.kept or seen.policy != policy:
            return standing, (anew,)
        case CatchingUp(policy, until, raised):
            if now >= until:
                return Seeded(policy), ()
            return standing, (Raise(until),) if now - raised >= AGAIN_S else ()
        case Seeded():
            return standing, ()
        case Starting():
            return standing, (anew,)
        case _:
            assert_never(standing)
