"""Every answer is recorded before the client sees its end, so that its conversation is known again.

A vendor's, and one whose target saw placeholders, is labelled too.

Placeholders that a model changed are counted here as well and reported; the original value is never guessed.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final

import anyio

from gateway.domain.label import IN_ANSWER, UNKNOWN, Label, Part
from gateway.domain.target import Target
from gateway.pipeline import session
from gateway.pipeline.case import Case
from gateway.pipeline.label import remembering
from gateway.pipeline.said import DONE, decoded, restored, said_in_answer, said_in_stream
from gateway.pipeline.world import World
from gateway.ports import SessionsUnavailable
from gateway.scanning import ScanFailed, scanned
from gateway.sensitivity.said import Said
from gateway.sensitivity.scan import scanner_for
from gateway.sensitivity.unmask import unmask
from gateway.sensitivity.vault import Vault
from gateway.wire import fields
from gateway.wire.body import Tree
from gateway.wire.slots import Channel, is_responses, number, slots

LAST_WORDS_S: Final = 5.0
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a stream that is kept to be read at its end; a longer answer cannot be labelled, and counts as such."""
_LONG: Final = 64 * 1024
"""Bytes of an answer that is read in a thread."""
_SEALS: Final = (b'"signature"', b'"redacted_thinking"', b'"reasoning.encrypted"', b'"encrypted_content"')
_SEALED: Final = {
    "thinking": "signature",
    "signature_delta": "signature",
    "redacted_thinking": "data",
    "reasoning.text": "signature",
    "reasoning.encrypted": "data",
    "reasoning": "encrypted_content",
    "compaction": "encrypted_content",
}
"""Type of a part -> the field that only its vendor can read."""
_JSON: Final = frozenset({"json_object", "json_schema"})
_UNREAD: Final = Part("unscannable", UNKNOWN)
"""It was too long to keep, or could not be read."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was found in an answer."""

    parts: tuple[Part, ...]
    """What the conversation must remember."""
    sealed: tuple[str, ...] = ()
    """Hashes of the blocks that only the vendor can read."""
    unknown: int = 0
    """Placeholders that stand for no value."""
    said: tuple[Said, ...] = ()
    """What each choice says; none if it was too long to keep."""


class Answered:
    """Collects one answer, and records it at its end."""

    def __init__(self, case: Case, target: Target, world: World, vault: Vault | None = None) -> None:
        self._case = case
        self._target = target
        self._world = world
        self._vault = vault
        self._labels = target.zone == "closed" or vault is not None
        """Whether what it says is searched: our own servers' answers are when they come back."""
        self._events: list[bytes] = []
        self._size = 0
        self._read: _Read | None = None
        self._done = False

    def event(self, raw: bytes) -> None:
        """Note one event of a stream."""
        self._size += len(raw)
        if self._size <= MOST_BYTES:
            self._events.append(raw)

    async def last_words(self) -> None:
        """Label the part of an answer that arrived before its client disconnected, because the client has seen it."""
        if self._events and not self._done:
            with anyio.CancelScope(shield=True, deadline=anyio.current_time() + LAST_WORDS_S):
                await self.label()

    async def label(self, whole: Any = None, size: int = 0) -> None:
        """Record the answer, a complete one of ``size`` bytes or the noted events, with what it carries.

        May be called again if it was cancelled. If the store is down the answer is sent all the same: the next request
        finds it down, and is restricted.
        """
        if self._read is None and not self._labels and size + self._size < _LONG and not self._may_seal(whole):
            self._read = _Read((), said=self._said(whole))
        if self._read is None:
            try:
                self._read = await scanned(partial(self._found, whole), size or self._size)
            except ScanFailed:
                self._read = _Read((_UNREAD,))
            if self._read.unknown:
                self._world.observer.mangled(self._case.team.id, self._target.id, self._read.unknown)
        found, own = self._read, Label(self._case.team.default_class)
        raising = [Part(part.kind, part.label, IN_ANSWER) for part in session.lasting(found.parts, own)]
        team, memory, store = self._case.team.id, self._case.labelled.memory, self._world.sessions
        with suppress(SessionsUnavailable, TimeoutError), session.in_time(store):
            await memory.answered(store, team, found.said, raising, self._world.salt.key)
            if found.sealed:
                await store.seal(team, found.sealed, self._target.vendor)
        self._done = True

    def _found(self, whole: Any) -> _Read:
        """Read all texts of the answer; runs in a thread if they are long."""
        said = self._said(whole)
        texts, sealed = _of_answer(whole) if whole is not None else _of_events(self._events)
        if self._vault is not None:
            for text in texts:
                self._vault.note_unknown(text)
        parts: tuple[Part, ...] = (_UNREAD,) if self._labels and self._size > MOST_BYTES else ()
        if texts and self._labels:
            tree = {"messages": [{"role": "assistant", "content": texts}]}
            scanner = scanner_for(self._case.snapshot.sensitivity)
            _, tracing = remembering(self._case.request, (), self._world.salt)
            parts += scanner.scan(tree, self._case.labelled.exceptions, tracing=tracing).memory
        hashes = tuple(sha256(block.encode()).hexdigest() for block in sealed)
        return _Read(parts, hashes, 0 if self._vault is None else self._vault.unknown, said)

    def _may_seal(self, whole: Any) -> bool:
        """Return whether there may be a sealed block in it: our own engines make some, which go home only."""
        if isinstance(whole, dict):
            said = [choice.get("message") for choice in fields.objects(whole.get("choices"))]
            said += fields.objects(whole.get("output"))
            return isinstance(whole.get("content"), list) or any(any(_seals(message)) for message in said)
        stream = b"".join(self._events)
        return any(name in stream for name in _SEALS)

    def _said(self, whole: Any) -> tuple[Said, ...]:
        """Return what the client gets to read."""
        if whole is None and self._size > MOST_BYTES:
            return ()
        choices = self._case.shape.choices or 1
        said = said_in_answer(whole) if whole is not None else said_in_stream(self._events, choices=choices)
        if self._vault is None:
            return tuple(said)
        restore = partial(unmask, vault=self._vault, inside_json=wants_json(self._case.tree))
        return tuple([restored(one, restore) for one in said])


def _of_events(events: list[bytes]) -> tuple[list[str], list[str]]:
    """Return the texts of a stream, each whole, and the blocks that its vendor sealed."""
    texts: dict[Channel, list[str]] = {}
    sealed: dict[int, list[str]] = {}
    whole: list[str] = []
    items: dict[int, Tree] = {}
    for event in decoded(events):
        if is_responses(event) and isinstance(event.get("item"), dict) and event["type"] == DONE:
            items[number(event.get("output_index"))] = event["item"]
        for slot in slots(event):
            texts.setdefault(slot.channel, []).append(slot.text)
        if isinstance(event, dict):
            started = event.get("content_block"), None if any(slots(event)) else event.get("delta")
            texts.setdefault((number(event.get("index")), "rest"), []).extend(
                text for block in started for text in _strings(block) if text not in _seals(block)
            )
            for block in (event.get("delta"), event.get("content_block")):
                for seal in _seals(block):
                    sealed.setdefault(number(event.get("index")), []).append(seal)
            for choice in fields.objects(event.get("choices")):  # whole in one event each
                whole += _seals(choice.get("delta"))
    seals = [*("".join(pieces) for pieces in sealed.values()), *whole]
    more, others = _of_answer({"output": list(items.values())})
    pieced = ["".join(pieces) for channel, pieces in texts.items() if channel[0] not in items]
    return [*pieced, *more], [*seals, *others]


def _of_answer(tree: Any) -> tuple[list[str], list[str]]:
    """Return the strings of a complete answer and its sealed blocks."""
    if not isinstance(tree, dict):
        return [], []
    said = [choice.get("message") for choice in fields.objects(tree.get("choices"))]
    said += [*fields.objects(tree.get("content")), *fields.objects(tree.get("output"))]
    sealed = [seal for block in said for seal in _seals(block)]
    return [text for block in said for text in _strings(block) if text not in sealed], sealed


def _seals(block: Any) -> Iterator[str]:
    """Yield what only the vendor can read in a block: the signature of thinking, thinking that was redacted.

    In OpenAI's chat both are items of ``reasoning_details``.
    """
    if not isinstance(block, dict):
        return
    name = _SEALED.get(str(block.get("type")))
    if name is not None and isinstance(value := block.get(name), str) and value:
        yield value
    for item in fields.objects(block.get("reasoning_details")):
        yield from _seals(item)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list | dict):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _strings(value)


def wants_json(tree: Tree) -> bool:
    """Return whether the caller requested JSON as the answer's content."""
    wanted = [tree.get("response_format"), tree.get("output_format")]
    wanted += [
        config.get("format") for config in (tree.get("output_config"), tree.get("text")) if isinstance(config, dict)
    ]
    return any(isinstance(form, dict) and str(form.get("type")) in _JSON for form in wanted)
