"""Who is in a rollout's share: decided by a hash, so that no caller is moved back when the share grows."""

import hashlib
from typing import Final

from gateway.domain.facts import Facts
from gateway.policy.snapshot import Rollout

WHOLE: Final = 10_000
"""A share is counted in hundredths of a percent."""
_SPACE: Final = 1 << 64


def unit_of(rollout: Rollout, facts: Facts) -> str:
    """Return what is moved as one: the session (else the conversation), the user, or the key behind them."""
    if rollout.unit == "session":
        return facts.session or facts.conversation or facts.key
    if rollout.unit == "user":
        return facts.user or facts.key
    return facts.key


def in_share(rollout: Rollout, facts: Facts) -> bool:
    """Return whether the caller is in the rollout's share."""
    name = f"{rollout.id}\0{unit_of(rollout, facts)}".encode()
    place = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest())
    return place * WHOLE < rollout.basis_points * _SPACE
