"""A call between two dialects: its request, and then its answer, whole or as a stream."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from gateway.domain.target import Dialect, Target
from gateway.wire.body import Tree
from gateway.wire.sse import data_of
from gateway.wire.translate.answers import (
    read_chat_answer,
    read_messages_answer,
    write_chat_answer,
    write_messages_answer,
)
from gateway.wire.translate.chat_read import read_chat
from gateway.wire.translate.chat_stream import ChatEvents, ChatWriter
from gateway.wire.translate.chat_write import write_chat
from gateway.wire.translate.events import Event, Opened, Over
from gateway.wire.translate.hub import Asked, Call, Given, Loss, Losses
from gateway.wire.translate.messages_read import read_messages
from gateway.wire.translate.messages_stream import MessagesEvents, MessagesWriter
from gateway.wire.translate.messages_write import write_messages
from gateway.wire.translate.names import CHAT_LONGEST, MESSAGES_LONGEST, Known, known_as
from gateway.wire.translate.places import in_callers_words
from gateway.wire.translate.responses_answer import read_responses_answer, write_responses_answer
from gateway.wire.translate.responses_read import read_responses
from gateway.wire.translate.responses_stream import ResponsesEvents
from gateway.wire.translate.responses_stream_write import ResponsesWriter
from gateway.wire.translate.responses_write import write_responses

CHAT: Final[Dialect] = "openai.chat"
MESSAGES: Final[Dialect] = "anthropic.messages"
RESPONSES: Final[Dialect] = "openai.responses"
OPENAI: Final = "api.openai.com"
_READ: Final[Mapping[Dialect, Callable[[Tree, Losses, Dialect], Asked]]] = {
    CHAT: read_chat,
    MESSAGES: read_messages,
    RESPONSES: read_responses,
}
_READ_ANSWER: Final[Mapping[Dialect, Callable[[Tree, Losses], Given]]] = {
    CHAT: read_chat_answer,
    MESSAGES: read_messages_answer,
    RESPONSES: read_responses_answer,
}
NO_TOOLS: Final[Mapping[str, Known]] = MappingProxyType({})


class Translated(Struct, frozen=True):
    """A request in the target's dialect."""

    tree: Tree
    """Without the model's name."""
    losses: tuple[Loss, ...]
    tools: Mapping[str, Known]
    """Sent name -> tool, of those that the caller knows in another way."""


class Caller(Struct, frozen=True):
    """Who gets the answer, and what about the request the answer needs to know."""

    dialect: Dialect
    asked: Tree
    """The request as the caller sent it."""
    created: int
    """When it came, in UTC seconds."""
    tools: Mapping[str, Known] = NO_TOOLS
    """As in :class:`Translated`."""
    usage_asked: bool = True
    """The caller wants usage in a stream, where its dialect leaves it the choice."""
    about: int = 0
    """About how many tokens the request has."""


class _Reader(Protocol):
    def feed(self, data: bytes) -> list[Event]: ...


class _Writer(Protocol):
    def write(self, event: Event) -> list[bytes]: ...


class EventUnreadable(ValueError):
    """An event of a stream is not JSON, or does not follow on what came."""


def translated(tree: Tree, spoken: Dialect, wanted: Dialect, target: Target) -> Translated:
    """Return a request in another dialect.

    Raises:
        Unsupported: it cannot be said there.
    """
    losses = Losses()
    asked = _READ[spoken](tree, losses, wanted)
    most = target.max_output_tokens
    if wanted == CHAT:
        body = write_chat(asked, losses, newest=target.vendor == OPENAI, most=most)
    elif wanted == MESSAGES:
        body = write_messages(asked, losses, model=target.model, most=most)
    else:
        body = write_responses(asked, losses, most=most)
    longest = MESSAGES_LONGEST if wanted == MESSAGES else CHAT_LONGEST
    return Translated(body, in_callers_words(losses.found, spoken), known_as(asked.tools, longest))


def answer(tree: Tree, spoken: Dialect, caller: Caller) -> tuple[Tree, tuple[Loss, ...]]:
    """Return a complete answer, in the dialect ``spoken``, in the caller's, and what that has no place for."""
    losses = Losses()
    given = _known(_READ_ANSWER[spoken](tree, losses), caller.tools)
    if caller.dialect == CHAT:
        made = write_chat_answer(given, created=caller.created)
    elif caller.dialect == MESSAGES:
        made = write_messages_answer(given, losses)
    else:
        made = write_responses_answer(given, caller.asked, created=caller.created)
    return made, losses.found


def _known(given: Given, tools: Mapping[str, Known]) -> Given:
    if not tools:
        return given
    parts = [_call(one, tools[one.name]) if isinstance(one, Call) and one.name in tools else one for one in given.parts]
    return replace(given, parts=tuple(parts))


def _call(call: Call, known: Known) -> Call:
    return replace(call, name=known.name, namespace=known.namespace, free=known.free)


class StreamTranslation:
    """Turns one stream into the caller's dialect, event by event."""

    def __init__(self, spoken: Dialect, caller: Caller) -> None:
        """Take the target's dialect, and who gets the stream."""
        self._tools = caller.tools
        self._reader = _reader(spoken)
        self._writer = _writer(caller)

    def feed(self, raw: bytes) -> list[bytes]:
        """Return what one whole event of the target becomes, each event by itself.

        Raises:
            EventUnreadable: it is not JSON.
        """
        data = data_of(raw)
        if not data:
            return []
        try:
            events = self._reader.feed(data)
        except ValueError as error:
            raise EventUnreadable from error
        return [out for event in events for out in self._writer.write(self._own(event))]

    def end(self) -> list[bytes]:
        """Return the last events of a stream whose own last one is missing, although it had finished."""
        return self._writer.write(Over())

    def _own(self, event: Event) -> Event:
        if self._tools and isinstance(event, Opened) and event.name in self._tools:
            known = self._tools[event.name]
            return replace(event, name=known.name, namespace=known.namespace, free=known.free)
        return event


def _reader(spoken: Dialect) -> _Reader:
    if spoken == CHAT:
        return ChatEvents()
    return MessagesEvents() if spoken == MESSAGES else ResponsesEvents()


def _writer(caller: Caller) -> _Writer:
    if caller.dialect == CHAT:
        return ChatWriter(created=caller.created, usage_asked=caller.usage_asked)
    if caller.dialect == MESSAGES:
        return MessagesWriter(about=caller.about)
    return ResponsesWriter(caller.asked, created=caller.created)
