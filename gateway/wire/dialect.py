"""The shape that every dialect fills in, so that the pipeline knows no favourite."""

from enum import Enum, auto
from typing import Any, Protocol

from msgspec import Struct

from gateway.domain.price import ServiceTier
from gateway.domain.target import Dialect as DialectName
from gateway.domain.usage import Usage
from gateway.wire.body import Tree


class RequestShape(Struct, frozen=True):
    """What the gateway acts on in a request; the rest of the body is the upstream's to judge."""

    model: str
    stream: bool
    max_tokens: int
    choices: int
    has_tools: bool
    has_images: bool
    needs: tuple[str, ...]
    user: str
    session: str
    opening: str
    """System prompt and first turn as text: what holds a conversation together. Hashed before any use."""
    usage_asked: bool
    """True if the client gets usage in a stream because it asked (or because the dialect always sends it)."""
    service_tier: ServiceTier = ""
    images: int = 0
    fetches: int = 0
    """How often the vendor may fetch more input by itself; negative if that has no limit."""


class EventKind(Enum):
    """What an event of a stream means to the gateway."""

    LIFECYCLE = auto()
    """Before any content: may be held back while failover is still possible."""
    CONTENT = auto()
    FINISH = auto()
    USAGE_ONLY = auto()
    """Carries nothing but usage that only the gateway requested: removed."""
    ERROR = auto()
    TERMINAL = auto()


class Event(Struct, frozen=True):
    """One event, judged: the bytes to pass on and what was found in them."""

    kind: EventKind
    raw: bytes
    error: str = ""
    """Message of an error event, not yet cleaned."""


class StreamReader(Protocol):
    """Reads one stream: finds content, usage, finish, errors and the end."""

    @property
    def usage(self) -> Usage | None:
        """Usage as reported so far; None if none was."""

    @property
    def finish(self) -> str:
        """The finish reason; empty if none was seen."""

    @property
    def content_events(self) -> int:
        """How many events carried content: at least so many tokens were made."""

    def read(self, event: bytes) -> Event:
        """Judge one complete event."""

    def content(self, event: bytes) -> bytes | None:
        """Count an event that is plainly content, by its bytes alone, and return what is passed on of it.

        None: :meth:`read` must judge it. So it is with all events before the first content.
        """


class Answer(Struct, frozen=True):
    """What matters of a complete, non-streamed answer."""

    usage: Usage | None
    finish: str
    content_bytes: int
    """To count by where no usage was reported; 0 where it was."""
    error: str | None
    """Message of an error that came as a 200; None for a real answer."""


class Dialect(Protocol):
    """A wire protocol as the gateway sees it."""

    @property
    def name(self) -> DialectName:
        """The name in facts and CEL."""

    @property
    def path(self) -> str:
        """The path of the call, on our side and on an upstream that speaks it."""

    def shape(self, tree: Tree) -> RequestShape:
        """Return what the gateway acts on.

        Raises:
            InvalidRequest: a field it acts on has the wrong type.
        """

    def prepare(self, tree: Tree, model: str) -> Tree:
        """Return a shallow copy that names the served model and requests usage."""

    def reader(self, *, usage_asked: bool) -> StreamReader:
        """Return a fresh reader for one stream."""

    def answer(self, tree: Any) -> Answer:
        """Judge a complete answer."""

    def error_body(self, error_type: str, code: str, message: str, details: Tree) -> Tree:
        """Return the error envelope."""

    def error_event(self, error_type: str, code: str, message: str, details: Tree) -> bytes:
        """Return the event that ends a stream that already started."""
