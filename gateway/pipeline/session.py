"""Label of the conversation: looked up and extended in one step, before anything is decided or sent.

A store that does not answer, or cannot keep what was found, makes the conversation ``restricted`` and of every
category: its label is unknown, or would be unknown the next time.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import anyio
from msgspec import Struct

from gateway.domain.label import UNKNOWN, DataClass, Label, Part
from gateway.pipeline.inbound import Headers
from gateway.ports import SessionLabels, SessionsUnavailable
from gateway.sensitivity.conversation import DECLARED, Conversation
from gateway.sensitivity.traces import split
from gateway.wire.dialect import RequestShape

STORE_SECONDS: Final = 1.0
_HEADERS: Final = ("x-gateway-session", "x-claude-code-session-id", "session-id")
_NO_TIME_OUT: Final = nullcontext()
UNAVAILABLE: Final = Part("session:unavailable", UNKNOWN)
AWAY: Final = (UNAVAILABLE,)
LOST: Final = Part("session:lost", UNKNOWN)
"""The store forgot what it held, and the conversation may be older than that."""


class Carried(Struct, frozen=True):
    """What the session labels add to a request."""

    parts: tuple[Part, ...] = ()
    """The label of earlier requests of the conversation."""
    traces: tuple[Part, ...] = ()
    """The values that were found in it and are found again wherever they stand."""
    vendors: tuple[str, ...] = ()
    """Who issued the sealed blocks that the request carries, sorted."""
    unknown_seals: bool = False
    """True if it is unknown who issued one of them: it may hold anything, and its vendor is unknown."""


def session_id(headers: Headers, shape: RequestShape) -> str:
    """Return the id that the caller gave to its conversation; empty without one."""
    for name in _HEADERS:
        if value := headers.get(name):
            return value
    return shape.session


async def recalled(store: SessionLabels, team: str, conversation: Conversation) -> tuple[Part, ...]:
    """Return all that is remembered of the conversation; :data:`AWAY` if the store does not answer."""
    try:
        with in_time(store):
            return await store.find(team, conversation.keys)
    except (SessionsUnavailable, TimeoutError):
        return AWAY


async def carried(
    store: SessionLabels,
    team: str,
    conversation: Conversation,
    parts: Sequence[Part],
    sealed: Sequence[str],
    *,
    keep: bool = True,
    found: tuple[Part, ...] | None = None,
) -> Carried:
    """Return the label of the conversation so far, and add the label of this request.

    ``found``: what is remembered, if it has just been recalled.
    """
    if found is AWAY:
        return Carried((UNAVAILABLE,), (), (), bool(sealed))
    try:
        with in_time(store):
            if found is None:
                found = await store.find(team, conversation.keys)
            found, traces = split(found)
            if not await store.covers(team, conversation.earlier, conversation.now, keep=keep):
                found = merged((*found, LOST))
                if keep:  # it outlives the day after the loss, as what was forgotten would have
                    await remember(store, team, conversation, [LOST], answered=True)
            if keep:
                await remember(store, team, conversation, parts)
            issued = await store.sealed_by(team, sealed) if sealed else {}
    except (SessionsUnavailable, TimeoutError):
        return Carried((UNAVAILABLE,), (), (), bool(sealed))
    return Carried(found, traces, tuple(sorted(set(issued.values()))), len(issued) < len(sealed))


def in_time(store: SessionLabels) -> AbstractContextManager[object]:
    """Return the scope of a use of the store: it has a time-out if a network lies between.

    Raises:
        TimeoutError: in the scope, if it took too long.
    """
    return anyio.fail_after(STORE_SECONDS) if store.remote else _NO_TIME_OUT


async def remember(
    store: SessionLabels, team: str, conversation: Conversation, parts: Sequence[Part], *, answered: bool = False
) -> None:
    """Taint the conversation with parts of a label, each from the turn on that carries it, or those of an answer.

    Raises:
        SessionsUnavailable: they cannot be kept.
    """
    by_keys: dict[tuple[str, ...], list[Part]] = {}
    for part in parts:
        by_keys.setdefault(conversation.carried(part, answered=answered), []).append(part)
    for keys, same in by_keys.items():
        await store.add(team, keys, same)


def lasting(parts: Sequence[Part], own: Label) -> list[Part]:
    """Return the parts that a conversation must remember.

    That is all but what everybody's texts hold and the team's own label covers (hosts of the intranet, say). The rest
    is kept even if the team's label covers it now: the next policy may lower that.
    """
    return [
        part
        for part in parts
        if not own.covers(part.label)
        or part.label.data_class > DataClass.INTERNAL
        or part.label.categories
        or (part.kind == DECLARED and part.label.data_class > DataClass.PUBLIC)
    ]


def merged(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return one part a kind, sorted, each the join of all of its kind."""
    if not parts:
        return ()
    labels: dict[str, Label] = {}
    for part in parts:
        labels[part.kind] = part.label.join(labels.get(part.kind, Label()))
    return tuple(Part(kind, labels[kind]) for kind in sorted(labels))
