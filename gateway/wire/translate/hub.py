"""The form between dialects: ordered turns of parts, tools, what is asked for. Readers make it, writers take it.

Strings are the caller's own wherever that is possible: writers move them, they do not make new ones. The arguments of a
tool's call stay the raw text until a writer needs an object.
"""

from enum import Enum
from typing import Final, Literal

from msgspec import Struct

from gateway.domain.errors import InvalidRequest
from gateway.domain.usage import Usage
from gateway.wire.body import Tree

Origin = Literal["anthropic", "openai"]
Verdict = Literal["map", "drop", "refuse"]
Role = Literal["system", "user", "assistant"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
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
    """Its vendor's, by which it takes the thinking back."""
    origin: Origin = "anthropic"
    """In whose form the signature is; says nothing without one."""
    id: str = ""
    """As that vendor knows it."""


class Sealed(Struct, frozen=True):
    """Thinking that only its vendor can read."""

    data: str
    origin: Origin = "anthropic"
    id: str = ""


class Call(Struct, frozen=True):
    """A tool that the model calls."""

    id: str
    name: str
    arguments: str
    """JSON as text; of a free tool an object with its text as ``input``."""
    cache: Tree | None = None
    free: bool = False
    namespace: str = ""
    """Of an answer; in requests names are unique."""


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
    free: bool = False
    """It takes text and no JSON; where a dialect has no such tool, its text stands under ``input``."""
    form: Tree | None = None
    """What a free tool's text must look like, as its dialect says it."""
    namespace: str = ""
    """Group of tools that its name is unique in."""


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
    tier: str = ""
    """``auto``, ``standard``, or a tier of OpenAI's."""
    beside: Tree | None = None
    """What only OpenAI's two dialects have, as both have it."""


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
