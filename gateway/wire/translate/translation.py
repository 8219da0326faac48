"""A call between two dialects: its request, and then its answer, whole or as a stream."""

from collections.abc import Callable, Mapping
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
from gateway.wire.translate.names import CHAT_LONGEST, MESSAGES_LONGEST, renamed

CHAT: Final[Dialect] = "openai.chat"
MESSAGES: Final[Dialect] = "anthropic.messages"
OPENAI: Final = "api.openai.com"
_READ: Final[Mapping[Dialect, Callable[[Tree, Losses], Asked]]] = {CHAT: read_chat, MESSAGES: read_messages}
_LONGEST: Final[Mapping[Dialect, int]] = {CHAT: CHAT_LONGEST, MESSAGES: MESSAGES_LONGEST}


class Translated(Struct, frozen=True):
    """A request in the target's dialect."""

    tree: Tree
    """Without the model's name."""
    losses: tuple[Loss, ...]
    names: Mapping[str, str]
    """Sent -> asked name of the tools whose names do not fit there."""


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
    asked = _READ[spoken](tree, losses)
    most = target.max_output_tokens
    if wanted == CHAT:
        body = write_chat(asked, losses, newest=target.vendor == OPENAI, most=most)
    else:
        body = write_messages(asked, losses, model=target.model, most=most)
    names = renamed([tool.name for tool in asked.tools], _LONGEST[wanted])
    return Translated(body, losses.found, names)


def answer(tree: Tree, spoken: Dialect, names: Mapping[str, str], *, created: int) -> tuple[Tree, tuple[Loss, ...]]:
    """Return a complete answer in the caller's dialect, ``spoken``, and what it has no place for."""
    losses = Losses()
    if spoken == CHAT:
        made = write_chat_answer(_named(read_messages_answer(tree, losses), names), created=created)
    else:
        made = write_messages_answer(_named(read_chat_answer(tree, losses), names), losses)
    return made, losses.found


def _named(given: Given, names: Mapping[str, str]) -> Given:
    if not names:
        return given
    parts = [replace(one, name=names.get(one.name, one.name)) if isinstance(one, Call) else one for one in given.parts]
    return replace(given, parts=tuple(parts))


class StreamTranslation:
    """Turns one stream into the caller's dialect, event by event."""

    def __init__(
        self, spoken: Dialect, names: Mapping[str, str], *, created: int, usage_asked: bool, about: int
    ) -> None:
        """Take what the caller speaks.

        Args:
            spoken: the caller's dialect.
            names: sent -> asked name of tools.
            created: now, in UTC seconds.
            usage_asked: the caller wants usage, where its dialect leaves it the choice.
            about: about how many tokens the request has.
        """
        self._names = names
        self._reader: _Reader = MessagesEvents() if spoken == CHAT else ChatEvents()
        self._writer: _Writer = (
            ChatWriter(created=created, usage_asked=usage_asked) if spoken == CHAT else MessagesWriter(about=about)
        )

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
        if self._names and isinstance(event, Opened) and event.name in self._names:
            return replace(event, name=self._names[event.name])
        return event
