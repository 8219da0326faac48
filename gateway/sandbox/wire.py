"""The words that the three wires share: what comes in, what is to be generated, what goes out."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

import jiter
import orjson

Json: TypeAlias = dict[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Finish: TypeAlias = Literal["stop", "length", "tool", "stop_sequence"]
JSON_TYPE = "application/json"
SSE_TYPE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """One request as it was received; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class SandboxAnswer:
    """A whole response that needs no generation."""

    status: int
    body: bytes = b""
    content_type: str | None = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """One server-sent event. `done` is the terminal one; only `content` takes time to make."""

    data: bytes
    kind: Literal["frame", "content", "done"] = "frame"


@dataclass(frozen=True, slots=True)
class Tool:
    """The call of a tool, with arguments as JSON text."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One generated choice: its tokens are text, or the arguments of the tool that is called."""

    tokens: tuple[str, ...]
    finish: Finish
    stop: str | None = None
    tool: Tool | None = None

    @property
    def text(self) -> str:
        """All tokens in one."""
        return "".join(self.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One generation that was requested and found valid."""

    id: str
    created: int
    model: str
    prompt: str
    prompt_tokens: int
    replies: tuple[Reply, ...]
    stream: bool
    cache: "CacheWish"
    options: Json = field(default_factory=dict)

    @property
    def completion_tokens(self) -> int:
        """Tokens of all choices together."""
        return sum(len(reply.tokens) for reply in self.replies)


@dataclass(frozen=True, slots=True)
class CacheWish:
    """What of a prompt a vendor caches: the prefix, if it is long enough, in steps of so many tokens.

    Writing to the cache costs extra where it is `billed`.
    """

    prefix: str
    minimum: int = 1
    step: int = 1
    billed: bool = False

    def hit(self, matched: int, prompt_tokens: int) -> int:
        """Round what was found to what the vendor reports; one token is always computed anew."""
        usable = min(matched, prompt_tokens - 1)
        return usable - usable % self.step if usable >= self.minimum else 0


@dataclass(frozen=True, slots=True)
class SandboxUsage:
    """What is billed; `prompt` counts cached and newly cached tokens too."""

    prompt: int
    completion: int
    cached: int = 0
    written: int = 0


@dataclass(eq=False)
class SandboxRefusal(Exception):
    """A request is not served; the wire words it as its vendor does."""

    status: int
    message: str
    kind: str | None = None
    param: str | None = None
    code: str | None = None


class QueueFull(Exception):
    """No slot and no place in the queue."""


class SandboxDialect(Protocol):
    """One request format that ends in a generation."""

    def parse(self, request: SandboxRequest) -> Job:
        """Check a request and compose its replies, or raise `Refusal`."""

    def whole(self, job: Job, usage: SandboxUsage | None) -> bytes:
        """Word the response in one piece; without usage if there is none."""

    def frames(self, job: Job, usage: SandboxUsage | None) -> Iterator[Frame]:
        """Word the response as a stream, terminal frame included."""

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error."""

    def overloaded(self, *, stream: bool) -> SandboxAnswer:
        """Word the error of a full queue."""

    def error_frames(self) -> tuple[Frame, ...]:
        """Word an error inside a stream."""


class Wire(Protocol):
    """All that one vendor answers, apart from what is generated."""

    @property
    def dialects(self) -> Mapping[str, SandboxDialect]:
        """The paths of `POST` requests that end in a generation."""

    def admit(self, request: SandboxRequest) -> None:
        """Check the key and the headers, or raise `Refusal`."""

    def look_up(self, request: SandboxRequest) -> SandboxAnswer:
        """Answer all that needs no generation, unknown paths included; may raise `Refusal`."""

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error outside a dialect."""

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Headers that the vendor adds to each response."""


def dump(value: Any) -> bytes:
    """Write JSON as it goes over the wire."""
    return orjson.dumps(value)


def data(value: Json) -> bytes:
    """Frame an event that has no name."""
    return b"data: " + dump(value) + b"\n\n"


def event(value: Json) -> bytes:
    """Frame an event that is named as its type."""
    return b"event: " + str(value["type"]).encode() + b"\n" + data(value)


def items(value: Any) -> list[Any]:
    """Take what should be a list for one, and anything else for an empty one."""
    return value if isinstance(value, list) else []


def fields(value: Any) -> Json:
    """Take what should be an object for one, and anything else for an empty one."""
    return value if isinstance(value, dict) else {}


def parse_object(body: bytes) -> Json:
    """Read a JSON object.

    Raises:
        ValueError: It is not JSON, or not an object.
    """
    value = jiter.from_json(body, allow_inf_nan=False)
    if not isinstance(value, dict):
        raise ValueError("expected an object")  # noqa: TRY004 - callers catch what jiter raises
    return value
