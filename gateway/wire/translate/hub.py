"""The form between dialects: ordered turns of parts, tools, what is asked for. Readers make it, writers take it.

Strings are the caller's own wherever that is possible: writers move them, they do not make new ones. The arguments of a
tool's call stay the raw text until a writer needs an object.
"""

import re
from enum import Enum
from typing import Any, Final, Literal

from msgspec import Struct

from gateway.domain.errors import InvalidRequest
from gateway.domain.usage import Usage
from gateway.wire.body import Tree

Verdict = Literal["map", "drop", "refuse"]
Role = Literal["system", "user", "assistant"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
_WORD: Final = re.compile(r"[a-z]{2,20}(?:_[a-z]{1,20}){0,3}(?:_20\d{6})?")
EFFORTS: Final[tuple[Effort, ...]] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


class Unsupported(InvalidRequest):
    """The other dialect has nothing for a field that the request cannot do without. No target is to blame."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class Loss(Struct, frozen=True):
    """What the other dialect does not get."""

    path: str
    """In the caller's request: ``messages[2].name``, or the top-level field."""
    why: str


class Text(Struct, frozen=True):
    """Text that a person or model wrote."""

    text: str
    cache: Tree | None = None
    """Anthropic's ``cache_control`` on it."""


class Refusal(Struct, frozen=True):
    """What a model says instead of an answer."""

    text: str


class Media(Struct, frozen=True):
    """A picture, sound or file."""

    kind: Literal["image", "audio", "document"]
    path: str
    media_type: str = ""
    data: str = ""
    """Base64."""
    url: str = ""
    name: str = ""
    detail: str = ""
    cache: Tree | None = None


class Thought(Struct, frozen=True):
    """Thinking that can be read."""

    text: str
    signature: str = ""


class Sealed(Struct, frozen=True):
    """Thinking that only its vendor can read."""

    data: str


class Call(Struct, frozen=True):
    """A tool that the model calls."""

    id: str
    name: str
    arguments: str
    """JSON as text."""
    cache: Tree | None = None


class Result(Struct, frozen=True):
    """What a tool gave back."""

    id: str
    parts: tuple["Text | Media", ...]
    is_error: bool = False
    cache: Tree | None = None


Part = Text | Refusal | Media | Thought | Sealed | Call | Result


class Turn(Struct, frozen=True):
    """What one side says at once."""

    role: Role
    parts: tuple[Part, ...]


class Tool(Struct, frozen=True):
    """A function that the caller runs."""

    name: str
    description: str | None = None
    schema: Tree | None = None
    strict: bool | None = None
    cache: Tree | None = None


class Choice(Struct, frozen=True):
    """Which tools the model may or must call."""

    mode: Literal["auto", "none", "required", "named"] = "auto"
    name: str = ""


class Format(Struct, frozen=True):
    """The form that the answer must have: JSON, and its schema if there is one."""

    schema: Tree | None = None
    name: str = ""
    strict: bool | None = None


class Thinking(Struct, frozen=True):
    """How much the model thinks before it answers."""

    effort: Effort | None = None
    budget: int = 0
    """Tokens; 0: the model decides."""
    is_off: bool = False


class Asked(Struct, frozen=True):
    """What a request asks for, whatever its dialect."""

    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    choice: Choice | None = None
    parallel: bool | None = None
    """False: one call at a time."""
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    temperature: float | None = None
    top_p: float | None = None
    thinking: Thinking | None = None
    form: Format | None = None
    user: str = ""
    tier: Literal["", "auto", "standard"] = ""


class Finish(Enum):
    """Why an answer ended."""

    STOP = "stop"
    SEQUENCE = "stop sequence"
    LENGTH = "length"
    CALLS = "calls"
    REFUSED = "refused"
    PAUSED = "paused"


class Given(Struct, frozen=True):
    """A complete answer."""

    id: str
    model: str
    parts: tuple[Part, ...]
    finish: Finish
    sequence: str | None = None
    """The stop sequence that ended it."""
    usage: Usage | None = None


def tool_of(tree: Tree, schema: Any, path: str) -> Tool:
    """Return a tool from its name, description and so on; ``schema``: of its arguments.

    Raises:
        Unsupported: one of them is of another shape.
    """
    description, cache = tree.get("description"), tree.get("cache_control")
    return Tool(
        text_of(tree.get("name"), f"{path}.name"),
        None if description is None else text_of(description, f"{path}.description"),
        None if schema is None else object_of(schema, f"{path}.parameters"),
        flag_of(tree, "strict"),
        cache if isinstance(cache, dict) else None,
    )


class Losses:
    """Collects losses while a request is read and written; each path once."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[str, Loss] = {}

    def lose(self, path: str, why: str) -> None:
        """Note that something is not sent."""
        self._found.setdefault(path, Loss(path, why))

    @property
    def found(self) -> tuple[Loss, ...]:
        """All, in the order in which they were found."""
        return tuple(self._found.values())


def word_of(value: Any) -> str:
    """Return a type as a message may show it: a word, with a version behind it; nothing that may hold a text."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "unknown"


def text_of(value: Any, path: str) -> str:
    """Return a string.

    Raises:
        Unsupported: it is none.
    """
    if not isinstance(value, str):
        raise Unsupported(path, "must be a string")
    return value


def object_of(value: Any, path: str) -> Tree:
    """Return an object.

    Raises:
        Unsupported: it is none.
    """
    if not isinstance(value, dict):
        raise Unsupported(path, "must be an object")
    return value


def number_of(tree: Tree, name: str) -> float | None:
    """Return a number; None if there is none.

    Raises:
        Unsupported: it is something else.
    """
    value = tree.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Unsupported(name, "must be a number")
    return value


def flag_of(tree: Tree, name: str) -> bool | None:
    """Return true or false; None if neither is said.

    Raises:
        Unsupported: it is something else.
    """
    value = tree.get(name)
    if value is not None and not isinstance(value, bool):
        raise Unsupported(name, "must be true or false")
    return value


def strings_of(value: Any, path: str) -> tuple[str, ...]:
    """Return the strings of a list.

    Raises:
        Unsupported: it is no list, or holds something else.
    """
    if not isinstance(value, list):
        raise Unsupported(path, "must be a list")
    return tuple([text_of(item, f"{path}[{number}]") for number, item in enumerate(value)])


def objects_of(value: Any, path: str) -> list[Tree]:
    """Return the objects of a list.

    Raises:
        Unsupported: it is no list, or holds something else.
    """
    if not isinstance(value, list):
        raise Unsupported(path, "must be a list")
    return [object_of(item, f"{path}[{number}]") for number, item in enumerate(value)]
