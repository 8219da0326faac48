"""What settled calls would cost at other prices: the same calls and the same prices give the same corrections.

A correction is an amount to add, never a new truth in the old one's place; its id is made of what it corrects, so that
booking it twice is booking it once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.domain.facts import canonical, digest
from gateway.domain.money import Nanos
from gateway.domain.price import Price
from gateway.domain.target import Target
from gateway.domain.usage import Usage
from gateway.pricing.cost import cost

_VERSION: Final = "@"
_BOOKED: Final = re.compile(r"@([0-9a-f]{16})$")


@dataclass(frozen=True, slots=True)
class Charged:
    """A settled call as the ledger has it."""

    attempt: str
    decision: str
    at_ns: int
    """When it began: the price of that time counts."""
    target: str
    team: str
    usage: Usage
    cost: int
    """What it costs so far, earlier corrections included."""
    source: str
    corrections: int = 0
    """How many adjustments it has so far, of whatever reason."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A call that costs something else at the new prices."""

    id: str
    charged: Charged
    cost: Nanos
    source: str
    version: str
    """Short hash of the rates."""

    @property
    def amount(self) -> int:
        """What to add to what it costs so far."""
        return self.cost - self.charged.cost

    @property
    def booked_source(self) -> str:
        """The price and its version, as the ledger keeps them."""
        return f"{self.source}{_VERSION}{self.version}"


@dataclass(frozen=True, slots=True)
class Rerated:
    """The outcome for a period."""

    corrections: tuple[Correction, ...]
    """By time, then by id; without those that cost the same."""
    looked_at: int
    unknown: tuple[str, ...]
    """Targets that the new policy does not have; their calls are left as they are."""


def rerate(calls: Iterable[Charged], targets: Mapping[str, Target]) -> Rerated:
    """Return what other prices would correct."""
    found, unknown, number = [], set(), 0
    versions: dict[Price, str] = {}
    for call in calls:
        number += 1
        target = targets.get(call.target)
        if target is None:
            unknown.add(call.target)
            continue
        price = target.charge(call.at_ns, call.usage.input_tokens, call.usage.service_tier)
        now = cost(price, call.usage)
        if now != call.cost:
            version = versions.setdefault(price, digest(canonical(price.as_json())))
            found.append(Correction(_id(call, version, now), call, now, price.source, version))
    found.sort(key=lambda one: (one.charged.at_ns, one.charged.attempt))
    return Rerated(tuple(found), number, tuple(sorted(unknown)))


def _id(call: Charged, version: str, now: int) -> str:
    return correction_id(call.attempt, version, call.cost, now, call.corrections)


def correction_id(attempt: str, version: str, before: int, after: int, done: int) -> str:
    """Return the name of a correction: of the call, the price, and what the call cost before and costs now."""
    return adjustment_id(f"{attempt}\n{version}\n{before}\n{after}", done)


def adjustment_id(text: str, done: int) -> str:
    """Name an adjustment by what it corrects, and by how many were ``done`` before it.

    Without the number, prices that go there, back and there again would give the first id a second time, and the ledger
    would take the last correction for booked.
    """
    numbered = f"{text}\n{done}" if done else text
    return f"adj_{sha256(numbered.encode()).hexdigest()[:32]}"


def version_in(source: str) -> str:
    """Return the version that :attr:`Correction.booked_source` ends with; empty if it has none."""
    found = _BOOKED.search(source)
    return found[1] if found else ""
