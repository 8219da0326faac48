"""Knows a conversation again without an id: by its answers, each at its place behind what had been said until then.

A conversation begins with its first answer. A place is a chain of keyed hashes over the turns before an answer that are
not the assistant's, salted by team; the key of an answer adds a hash of what it says. So a request holds the places of
all answers that it repeats, a fork keeps those before it, and of two callers who said the same neither has the other's
conversation unless it got the same answer. Instructions are left out: clients write the time into them.
"""

import json
from hashlib import blake2b
from typing import Any, Final

import orjson
from msgspec import Struct

from gateway.domain.label import Part
from gateway.sensitivity.said import NOTHING_SAID, Said, said_in, together

_LINK_BYTES: Final = 16
_CARETAKERS: Final = frozenset({"cache_control"})
"""Fields that clients move from turn to turn without changing what is said."""
_OF: Final = "\x1f"
"""Between the kind of a part and whose it is."""
DECLARED: Final = "declared"
"""Kind of the part that a caller's header adds."""


class Answer(Struct, frozen=True):
    """An answer that a request repeats."""

    place: str
    """Key of what had been said to the model before it."""
    key: str
    """Key of what it says at that place."""


class Conversation(Struct, frozen=True):
    """The keys under which the label of a conversation is kept."""

    id: str
    """Key of the id that the caller sent; empty without one."""
    answers: tuple[Answer, ...]
    """Those that the request repeats, in order."""
    link: bytes
    """Hash of all that has been said to the model; empty for a body without turns."""
    caller: str
    """Whose key it is: what a caller declares, and sends outside of the turns, taints no other's conversations."""
    instructions: frozenset[int] = frozenset()
    """Which of the turns are instructions: they are no part of a place, and count as outside of the turns."""
    begun: Said = NOTHING_SAID
    """The beginning of the answer that the caller wrote itself."""
    earlier: str | None = None
    """Stands for the previous request: empty: this is the first one; None: unknown (an explicit session id says nothing
    about history).
    """
    now: str = ""
    """Stands for this request, as ``earlier`` of the next one will; empty for a body without turns."""

    @property
    def here(self) -> str:
        """Key of the place of the answer to this request; empty for a body without turns."""
        return _place(self.link) if self.link else ""

    def answer_keys(self, said: Said, secret: bytes) -> tuple[str, ...]:
        """Return the keys by which an answer to this request will be known again.

        ``secret``: as for :func:`conversation`. Two if the caller wrote its beginning, which may be left out.
        """
        if not self.link:
            return ()
        both = (said,) if self.begun == NOTHING_SAID else (said, together([self.begun, said]))
        return tuple([_answer(self.link, one, secret[:64]) for one in both])

    def is_outside(self, part: Part) -> bool:
        """Return whether a part of the label is from outside of the turns, which each request brings anew."""
        return part.turn is None or part.turn in self.instructions

    def scoped(self, part: Part) -> Part:
        """Return a part as it is kept without an id: what is outside of the turns is the caller's own."""
        if part.kind != DECLARED and not self.is_outside(part):
            return part
        return Part(f"{part.kind}{_OF}{self.caller}", part.label)

    def unscoped(self, part: Part) -> Part | None:
        """Return a part as it was before :meth:`scoped`; None if it is another caller's."""
        kind, _, caller = part.kind.partition(_OF)
        if not caller:
            return part
        return Part(kind, part.label) if caller == self.caller else None


def conversation(tree: dict[str, Any], *, team: str, key: str, session: str, secret: bytes) -> Conversation:
    """Return the keys of a request's conversation.

    Args:
        tree: the request's body, of any dialect.
        team: keys of two teams never meet.
        key: the id of the caller's key.
        session: salted hash of the id that the caller sent; empty without one.
        secret: what hashes are keyed with.
    """
    secret, turns = secret[:64], _turns(tree)
    caller = blake2b(key.encode(), key=secret, digest_size=_LINK_BYTES).digest()
    link = blake2b(team.encode(), key=secret, digest_size=_LINK_BYTES).digest()
    answered: list[tuple[bytes, list[Said]]] = []
    asked = answering = False
    for turn in turns:
        if asked and _answers(turn):
            if not answering:
                answered.append((link, []))
            answered[-1][1].append(said_in(turn))
            answering = True
        elif not _instructs(turn):  # a greeting before anybody asked is a text like any other
            link = blake2b(link + _bytes(_said(turn)), key=secret, digest_size=_LINK_BYTES).digest()
            asked, answering = asked or not _answers(turn), False
    return Conversation(
        id=f"s:{session}" if session else "",
        answers=tuple([Answer(_place(place), _answer(place, together(said), secret)) for place, said in answered]),
        link=link if turns else b"",
        caller=caller[:6].hex(),
        instructions=frozenset([number for number, turn in enumerate(turns) if _instructs(turn)]),
        begun=together(answered[-1][1]) if answering else NOTHING_SAID,
        earlier=None if session else _earlier(turns, [_own(place, caller) for place, _ in answered[-1:]]),
        now=_own(link, caller) if turns else "",
    )


def _place(link: bytes) -> str:
    return "p:" + link.hex()


def _answer(link: bytes, said: Said, secret: bytes) -> str:
    text = link + said.normal.encode("utf-8", "surrogatepass")
    return "a:" + blake2b(text, key=secret, digest_size=_LINK_BYTES, person=b"answer").hexdigest()


def _own(link: bytes, caller: bytes) -> str:
    return "k:" + blake2b(link, key=caller, digest_size=_LINK_BYTES).hexdigest()


def _earlier(turns: list[Any], asked: list[str]) -> str | None:
    """Return what stands for the request that the last answer was given to; ``asked``: that of the last answer."""
    if asked:
        return asked[0]
    return "" if sum(not _instructs(turn) for turn in turns) <= 1 and not any(map(_answers, turns)) else None


def _answers(turn: Any) -> bool:
    """Return whether a model made it: a turn of the assistant, or an item of a response (a call, reasoning)."""
    if not isinstance(turn, dict):
        return False
    return turn.get("role") == "assistant" or ("role" not in turn and not str(turn.get("type")).endswith("_output"))


def _instructs(turn: Any) -> bool:
    return isinstance(turn, dict) and turn.get("role") in ("system", "developer")  # a role may be a list, too


def _turns(tree: dict[str, Any]) -> list[Any]:
    for name in ("messages", "input"):
        turns = tree.get(name)
        if isinstance(turns, list):
            return turns
    return []


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
