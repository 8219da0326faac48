"""Recognises a conversation without an id, by a chain of hashes over its turns.

Each link stands for everything up to a turn, so that a request holds all links of its earlier ones, and a fork keeps
those before it. Turns of the assistant do not count: clients rewrite them (drop reasoning, join parts), and the same
user turns make the same conversation. Links are keyed with a secret and salted by team, so that nobody can look one up.
"""

import json
from hashlib import blake2b
from typing import Any, Final

import orjson
from msgspec import Struct

from gateway.domain.label import Part

_LINK_BYTES: Final = 16
_CARETAKERS: Final = frozenset({"cache_control"})
"""Fields that clients move from turn to turn without changing what is said."""


class Conversation(Struct, frozen=True):
    """The keys under which the label of a conversation is kept."""

    id: str
    """Key of the id that the caller sent; empty without one."""
    links: tuple[str, ...]
    """One a message, in order: the key of everything up to it."""
    own: tuple[str, ...]
    """The same for the caller's key alone: what a caller declares, or was answered, taints no other's conversations."""
    says: tuple[bool, ...]
    """Whether a message is one of those that make a link: not of the assistant."""
    answered: tuple[bool, ...] = ()
    """Whether a turn of the assistant comes after a message."""
    earlier: str | None = None
    """Key (one of ``own``) of the previous request: empty: this is the first one; None: unknown (an explicit session id
    says nothing about history).
    """

    @property
    def now(self) -> str:
        """The one of ``own`` that stands for this request; empty for a body without turns."""
        return self.own[-1] if self.own else ""

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys under which an earlier request may have left a label.

        What a caller declared, or was answered, counts from the answer on: of two callers' equal first words, or of the
        same words said again, neither is the other's conversation yet.
        """
        answered = [key for key, is_answered in zip(self.own, self.answered, strict=True) if is_answered]
        return (*((self.id,) if self.id else ()), *dict.fromkeys((*self.links, *answered)))

    def carried(self, part: Part, *, answered: bool = False) -> tuple[str, ...]:
        """Return the keys that a part of the label taints: the link of the first turn that carries it, none before.

        Every later request of the conversation holds that link, and so all later ones are tainted with it. What is
        outside of the turns (a tool, ``user``, a declared class) taints the conversation as it is now. A turn of the
        assistant makes no link: the next one does, and until then its text is there to be found again.
        """
        own = part.kind == DECLARED or answered
        links = self.own if own else self.links
        wanted = range(part.turn, len(links)) if part.turn is not None else range(len(links) - 1, -1, -1)
        first = next((place for place in wanted if self.says[place]), None)
        return (*((self.id,) if self.id else ()), *(() if first is None else (links[first],)))


DECLARED: Final = "declared"
"""Kind of the part that a caller's header adds."""


def conversation(tree: dict[str, Any], *, team: str, key: str, session: str, secret: bytes) -> Conversation:
    """Return the keys of a request's conversation.

    Args:
        tree: the request's body, of any dialect.
        team: links of two teams never meet.
        key: the id of the caller's key.
        session: salted hash of the id that the caller sent; empty without one.
        secret: what links are keyed with.
    """
    secret, turns = secret[:64], _turns(tree)
    caller = blake2b(key.encode(), key=secret, digest_size=_LINK_BYTES).digest()
    links: list[str] = []
    own: list[str] = []
    says: list[bool] = []
    link = _hash(team.encode(), tree.get("system"), secret)
    for turn in turns:
        says.append(_says(turn))
        if says[-1]:
            link = _hash(link, turn, secret)
        links.append("c:" + link.hex())
        own.append("k:" + blake2b(link, key=caller, digest_size=_LINK_BYTES).hexdigest())
    return Conversation(
        id=f"s:{session}" if session else "",
        links=tuple(links),
        says=tuple(says),
        own=tuple(own),
        answered=_answered(turns),
        earlier=None if session else _earlier(turns, own),
    )


def _answered(turns: list[Any]) -> tuple[bool, ...]:
    """Return for each turn whether a model's comes after it."""
    last = next((place for place in range(len(turns) - 1, -1, -1) if _answers(turns[place])), -1)
    return tuple([place < last for place in range(len(turns))])


def _earlier(turns: list[Any], own: list[str]) -> str | None:
    """Return what stands for the request that the last answer was given to."""
    answered = next((place for place in range(len(turns) - 1, -1, -1) if _answers(turns[place])), None)
    if answered is None:
        return "" if sum(not _instructs(turn) for turn in turns) <= 1 else None
    return next((own[place] for place in range(answered - 1, -1, -1) if not _answers(turns[place])), None)


def _answers(turn: Any) -> bool:
    """Return whether a model made it: a turn of the assistant, or an item of a response (a call, reasoning)."""
    if not isinstance(turn, dict):
        return False
    return turn.get("role") == "assistant" or ("role" not in turn and not str(turn.get("type")).endswith("_output"))


def _instructs(turn: Any) -> bool:
    return isinstance(turn, dict) and turn.get("role") in {"system", "developer"}


def _says(turn: Any) -> bool:
    return isinstance(turn, dict) and turn.get("role") != "assistant"


def _turns(tree: dict[str, Any]) -> list[Any]:
    for name in ("messages", "input"):
        turns = tree.get(name)
        if isinstance(turns, list):
            return turns
    return []


def _hash(link: bytes, content: Any, secret: bytes) -> bytes:
    said = _bytes(_said(content))
    return blake2b(link + said, key=secret, digest_size=_LINK_BYTES).digest()


def _bytes(said: Any) -> bytes:
    try:
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # integers beyond 64 bits, which orjson refuses
        return json.dumps(said, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _said(node: Any) -> Any:
    """Return what a turn says: without caretakers' marks, and a text in one part as the text itself."""
    if isinstance(node, dict):
        return {
            name: value if type(value) is str else _said(value)
            for name, value in node.items()
            if name not in _CARETAKERS
        }
    if isinstance(node, list):
        parts = [_said(item) for item in node]
        if parts and all(isinstance(part, dict) and part.keys() == {"type", "text"} for part in parts):
            return "".join(str(part["text"]) for part in parts)
        return parts
    return node
