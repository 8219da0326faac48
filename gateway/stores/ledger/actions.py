"""Audit log: each manual change is recorded in the ledger before it is made.

A change and its record lie in different places, the keys' database and the spool, so no transaction holds both. The
record comes first, with what is intended, and is durable before the change begins: no change is ever without one. What
fails after that is recorded once more, as failed. A process that dies in between leaves a record of a change that may
not have been made; to make it again is then safe, and recorded again.
"""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from gateway.domain.errors import LedgerUnavailable
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.records import FAILED, Action
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.place import write_action
from gateway.stores.ledger.requests import time_text
from gateway.stores.ledger.rows import action_of
from gateway.stores.ledger.snapshot import LedgerSnapshot

CHANCE_BYTES: Final = 2 * RANDOM_BYTES
"""For the records of one change: that it is made, and that it failed."""
_LIST: Final = (
    "SELECT * FROM {db}.actions WHERE at >= :since AND (:actor = '' OR actor = :actor)"
    " AND (:action = '' OR action = :action) ORDER BY at DESC, id DESC LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change; the fields are those of :class:`gateway.domain.records.Action`."""

    name: str
    role: str
    via: Literal["cli", "api"]


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to be changed; the fields are those of :class:`gateway.domain.records.Action`."""

    action: str
    subject: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


def as_json(action: Action) -> dict[str, Any]:
    """Return a row of ``gateway audit list`` and of the admin plane."""
    row: dict[str, Any] = {name: getattr(action, name) for name in Action.__slots__}
    del row["at"]
    return {"id": row.pop("id"), "time": time_text(action.at), **row}


@contextmanager
def recorded(data_dir: DataDir, actor: Actor, change: Change, now_ns: int, chance: bytes) -> Iterator[None]:
    """Record a change, then make it inside of this scope; what raises there is recorded as failed.

    Not to be entered from an event loop. ``chance``: :data:`CHANCE_BYTES` random bytes.

    Raises:
        LedgerUnavailable: the record cannot be written; the scope is not entered, so nothing is changed.
    """
    first, second = chance[:RANDOM_BYTES], chance[RANDOM_BYTES:]
    action = Action(
        id=new_id("act", now_ns // 1_000_000, first),
        at=now_ns,
        actor=actor.name,
        role=actor.role,
        via=actor.via,
        action=change.action,
        subject=change.subject,
        before=change.before,
        after=change.after,
    )
    write_action(data_dir, action, first)
    try:
        yield
    except BaseException:
        failed = replace(
            action,
            id=new_id("act", now_ns // 1_000_000, second),
            at=now_ns + 1,  # it came later, and lists go by time
            action=change.action + FAILED,
        )
        with contextlib.suppress(LedgerUnavailable):  # the first record remains, and the caller learns why
            write_action(data_dir, failed, second)
        raise


def actions(seen: LedgerSnapshot, since_ns: int, limit: int, *, actor: str = "", action: str = "") -> list[Action]:
    """Return who changed what since a time, newest first; once each, also while one is being shipped.

    ``actor``, ``action``: only this one's; empty: all.
    """
    asked = {"since": since_ns, "limit": limit, "actor": actor, "action": action}
    found = {row["id"]: action_of(row) for row in seen.select(_LIST, asked)}
    return sorted(found.values(), key=lambda one: (one.at, one.id), reverse=True)[:limit]
