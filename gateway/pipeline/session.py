"""Label of the conversation: what earlier answers of it carried, looked up before anything is decided.

A store that does not answer makes the conversation ``restricted`` and of every category: its label is unknown. What
this request adds is kept once it is sent (:mod:`gateway.pipeline.remembering`).
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import anyio
from msgspec import Struct

from gateway.domain.label import UNKNOWN, DataClass, Label, Part
from gateway.pipeline.inbound import Headers
from gateway.ports import SessionLabels, SessionsUnavailable
from gateway.sensitivity.conversation import DECLARED, Conversation
from gateway.sensitivity.origins import Origin, origins_of
from gateway.sensitivity.traces import split
from gateway.wire.dialect import RequestShape

STORE_SECONDS: Final = 1.0
_HEADERS: Final = ("x-gateway-session", "x-claude-code-session-id", "session-id")
_NO_TIME_OUT: Final = nullcontext()
UNAVAILABLE: Final = Part("session:unavailable", UNKNOWN)
LOST: Final = Part("session:lost", UNKNOWN)
"""The store forgot what it held, and the conversation may be older than that."""


class Recalled(Struct, frozen=True):
    """What is remembered of a conversation."""

    by_id: tuple[Part, ...] = ()
    """Under the id that the caller gave to it: labels, traces and origins."""
    by_answers: tuple[Part, ...] = ()
    """With the answers that the request repeats."""
    parts: tuple[Part, ...] = ()
    """Both, one a kind: labels alone."""
    traces: tuple[Part, ...] = ()
    """The values that were found in it and are found again wherever they stand."""
    origins: tuple[Origin, ...] = ()
    """The decisions that made it what it is."""
    marked: bool = False
    """Whether another answer to the same words carries something: then one that carries nothing must say so."""
    away: bool = False
    """The store does not answer."""


class Carried(Struct, frozen=True):
    """What the session labels add to a request."""

    parts: tuple[Part, ...] = ()
    """The label of earlier requests of the conversation."""
    vendors: tuple[str, ...] = ()
    """Who issued the sealed blocks that the request carries, sorted."""
    unknown_seals: tuple[str, ...] = ()
    """Hashes of those of which nobody knows who issued them."""
    lost: tuple[Part, ...] = ()
    """What stands for earlier requests that the store may have forgotten."""


_AWAY: Final = Recalled(parts=(UNAVAILABLE,), away=True)


def session_id(headers: Headers, shape: RequestShape) -> str:
    """Return the id that the caller gave to its conversation; empty without one."""
    for name in _HEADERS:
        if value := headers.get(name):
            return value
    return shape.session


async def recalled(store: SessionLabels, team: str, conversation: Conversation) -> Recalled:
    """Return all that is remembered of the conversation."""
    known = conversation
    places = tuple(dict.fromkeys(answer.place for answer in known.answers))
    asked = [key for key in (known.id, known.here) if key]
    try:
        with in_time(store):
            found = await store.find(team, (*asked, *places))
            marked = dict(zip((*asked, *places), found, strict=True))
            doubtful = [answer for answer in known.answers if marked[answer.place]]
            exact = await store.find(team, [answer.key for answer in doubtful]) if doubtful else []
    except (SessionsUnavailable, TimeoutError):
        return _AWAY
    by_id = (marked[known.id] or ()) if known.id else ()
    if not by_id and not doubtful:
        return Recalled(marked=bool(known.here and marked[known.here]))
    # An answer that nobody here gave, at a place where others were given: it may be any of them, written anew.
    each = [(marked[one.place] or ()) if parts is None else parts for one, parts in zip(doubtful, exact, strict=True)]
    by_answers = joined_by_kind(_own(known, (part for parts in each for part in parts)))
    labels, traces = split((*by_id, *by_answers))
    labels, origins = origins_of(labels)
    return Recalled(
        by_id, by_answers, merged(labels), joined_by_kind(traces), origins, bool(known.here and marked[known.here])
    )


def _own(conversation: Conversation, parts: Iterable[Part]) -> list[Part]:
    """Return the parts that are this caller's, too."""
    return [own for part in parts if (own := conversation.unscoped(part)) is not None]


async def carried(
    store: SessionLabels,
    team: str,
    conversation: Conversation,
    found: Recalled,
    sealed: Sequence[str],
    *,
    keep: bool = True,
) -> Carried:
    """Return what the conversation adds to a request that carries these sealed blocks (hashes).

    ``keep``: the store may note that the conversation goes on.
    """
    if found.away:
        return Carried((UNAVAILABLE,), (), tuple(sealed))
    try:
        with in_time(store):
            covered = await store.covers(team, conversation.earlier, conversation.now, keep=keep)
            issued = await store.sealed_by(team, sealed) if sealed else {}
    except (SessionsUnavailable, TimeoutError):
        return Carried((UNAVAILABLE,), (), tuple(sealed))
    lost = () if covered else (LOST,)
    unknown = tuple(digest for digest in sealed if digest not in issued)
    return Carried(merged((*found.parts, *lost)), tuple(sorted(set(issued.values()))), unknown, lost)


def in_time(store: SessionLabels) -> AbstractContextManager[object]:
    """Return the scope of a use of the store: it has a time-out if a network lies between.

    Raises:
        TimeoutError: in the scope, if it took too long.
    """
    return anyio.fail_after(STORE_SECONDS) if store.remote else _NO_TIME_OUT


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
    return tuple(sorted(joined_by_kind(parts), key=lambda part: part.kind)) if parts else ()


def joined_by_kind(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return one part a kind, each the join of all of its kind, in the order in which the kinds come."""
    labels: dict[str, Label] = {}
    for part in parts:
        labels[part.kind] = part.label.join(labels.get(part.kind, Label()))
    return tuple(Part(kind, label) for kind, label in labels.items())
