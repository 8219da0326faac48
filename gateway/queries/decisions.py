"""Decisions of the past, as far as those who ask may see them, and whether the same policy would decide so again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.domain.errors import ModelNotFound
from gateway.domain.facts import Facts
from gateway.stores.ledger.reader import EVER, LedgerReader


@dataclass(frozen=True, slots=True)
class Replayed:
    """A stored decision beside the one that its policy makes of its facts now."""

    policy: str
    """Hash of the policy that decided."""
    stored: bytes
    again: bytes | None
    """None: its policy is not in this ledger."""


def decisions(
    reader: LedgerReader,
    span: tuple[int, int],
    limit: int,
    only: Mapping[str, str] | None = None,
    teams: frozenset[str] | None = None,
) -> list[dict[str, Any]]:
    """Return the newest decisions of ``[from, to)``, newest first.

    Args:
        reader: of the ledger.
        span: from and to, in nanoseconds; see :func:`since`.
        limit: at most so many.
        only: dimension of the reports → the one name in it that counts.
        teams: only these teams count, because the caller may see no others; None: all.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    only = only or {}
    with reader.view() as view:
        if teams is None:
            return view.decisions(span[0], limit, only, span[1])
        own = teams & {only.get("team", team) for team in teams}
        found = [row for team in sorted(own) for row in view.decisions(span[0], limit, {**only, "team": team}, span[1])]
    found.sort(key=lambda row: (row["time"], row["id"]), reverse=True)
    return found[:limit]


def since(from_ns: int) -> tuple[int, int]:
    """Return the span from a time on."""
    return from_ns, EVER


def decision(reader: LedgerReader, decision_id: str, *, later: bool = False) -> dict[str, Any] | None:
    """Return all there is to one decision; None if there is none of this id.

    ``later``: also the decisions that have their label from it. Not for callers: these are other keys' too, and finding
    them reads a week.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        found = view.decision(decision_id)
        if found is None or not later:
            return found
        return {**found, "led_to": view.led_to(decision_id) if found["evidence"] else []}


def replayed(reader: LedgerReader, decision_id: str) -> Replayed | None:
    """Decide again, by the stored policy on the stored facts; None if there is no decision of this id.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        stored = view.stored(decision_id)
        policy = None if stored is None else view.policy(stored.policy)
    if stored is None:
        return None
    again = None if policy is None else _decide(policy, Facts.from_json(stored.facts))
    return Replayed(stored.policy, stored.canonical, again)


def _decide(policy: bytes, facts: Facts) -> bytes:
    from gateway.policy.decide.evaluate import decide  # noqa: PLC0415 -- looking needs no deciding
    from gateway.policy.replay.replay import from_canonical  # noqa: PLC0415 -- as above

    try:
        return decide(from_canonical(policy), facts).canonical()
    except ModelNotFound as error:
        return orjson.dumps({"error": error.code, "message": error.message})
