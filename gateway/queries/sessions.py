"""What conversations carry, by the id of a session or of the decision that made them so, and which one that was."""

import re
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NamedTuple

import anyio

from gateway.domain.label import Part
from gateway.domain.time_text import utc
from gateway.pipeline.salt import Salt
from gateway.sensitivity.forgetting import Forgotten
from gateway.sensitivity.origins import PREFIX, origins_of
from gateway.sensitivity.traces import split
from gateway.settings import MEMORY
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.actions import Actor, Change, recorded
from gateway.stores.sessions.forgetting import ask
from gateway.stores.sessions.journal import read
from gateway.stores.sessions.loading import loaded

_HASH: Final = re.compile(r"[0-9a-f]{16}")
_DECISION: Final = "dec_"
_KINDS: Final = {"s": "session", "p": "place", "a": "answer"}
"""First letter of a key -> what it stands for."""


class Held(NamedTuple):
    """What a key carries."""

    team: str
    key: str
    parts: tuple[Part, ...]


def held(data: DataDir, state_url: str) -> list[Held]:
    """Return all that is kept of conversations: of the journal, or of Redis.

    Raises:
        OSError: the journal cannot be read; FileNotFoundError: no gateway has kept one there.
        SessionsUnavailable: Redis is not available.
    """
    if state_url != MEMORY:
        return anyio.run(partial(_of_redis, state_url))
    teams, _ = loaded(read(data.sessions), time.time(), 0.0)
    return [
        Held(team, key, entries.carried(key, 0.0) or ())
        for team, entries in teams.items()
        for key in entries
        if key[:1] in _KINDS
    ]


async def _of_redis(url: str) -> list[Held]:
    from gateway.stores.sessions.redis import RedisSessions  # noqa: PLC0415 -- its client takes 0.3 s to load

    store = RedisSessions(url)
    try:
        return [Held(*one) async for one in store.everything()]
    finally:
        await store.close()


def found(everything: list[Held], wanted: str, salt: bytes) -> list[Held]:
    """Return what is kept of a session, by the id that its caller sent or its hash, or because of a decision.

    Sessions come first, then places, then answers.
    """
    some = _matching(everything, wanted, salt)
    return sorted(some, key=lambda one: (one.team, list(_KINDS).index(one.key[:1]), one.key))


def _matching(everything: list[Held], wanted: str, salt: bytes) -> list[Held]:
    if wanted.startswith(_DECISION):
        marks = f"|{wanted}|"
        return [one for one in everything if any(p.kind.startswith(PREFIX) and marks in p.kind for p in one.parts)]
    hashes = {team: Salt(salt).hash("session", team, wanted) for team in {one.team for one in everything}}
    known = {wanted} if _HASH.fullmatch(wanted) else set()
    return [one for one in everything if one.key.removeprefix("s:") in {hashes[one.team], *known}]


def as_json(one: Held) -> dict[str, Any]:
    """Return a row: what a key stands for, each kind that it carries with its class, and the decision it comes from."""
    labels, traces = split(one.parts)
    bare = tuple([Part(part.kind.partition("\x1f")[0], part.label) for part in labels])
    carried, origins = origins_of(bare)
    made = {origin.kind: origin for origin in origins}
    return {
        "team": one.team,
        "of": _KINDS.get(one.key[:1], ""),
        "key": one.key,
        "carries": [
            {
                "kind": part.kind,
                "class": part.label.data_class.word,
                "decision": made[part.kind].decision if part.kind in made else None,
                "time": utc(made[part.kind].at) if part.kind in made else None,
            }
            for part in carried
        ],
        "masked_values": len(traces),
    }


def forget(
    data: DataDir, actor: Actor, some: list[Held], wanted: str, reason: str, *, now_ns: int, chance: bytes
) -> None:
    """Record that it is to be forgotten, then ask the running gateway to.

    Raises:
        LedgerUnavailable: it cannot be recorded, so nothing is asked.
        OSError: it cannot be asked.
    """
    carries = sorted({one["kind"] for row in map(as_json, some) for one in row["carries"]})
    change = Change("session.forget", wanted, before={"carries": carries}, after={"reason": reason})
    with recorded(data, actor, change, now_ns, chance):
        ask(data.forgetting, list(forgotten(some, wanted)))


def forgotten(some: list[Held], wanted: str) -> Iterator[Forgotten]:
    """Yield what is to be forgotten of what was found: what the decision brought, or all that the session carries."""
    decision = wanted if wanted.startswith(_DECISION) else ""
    for one in some:
        yield Forgotten(one.team, one.key, decision)
