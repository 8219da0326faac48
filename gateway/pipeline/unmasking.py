"""The answer of a target that saw placeholders: the values come back where they were, event by event."""

from typing import Any, Final

from gateway.sensitivity.unmask import Unmasker, unmask
from gateway.sensitivity.vault import PREFIX, Vault
from gateway.wire import fields
from gateway.wire.body import read_answer, serialise
from gateway.wire.slots import ANSWER, Channel, is_responses, names, number, rest_event, slots
from gateway.wire.sse import data_of

_FIRST: Final = PREFIX[0].encode()
_ESCAPED: Final = b"\\u00"
_LAST: Final = ("response.completed", "response.incomplete", "response.failed")
_ANSWER: Final = frozenset({"content", "text"})
"""What the answer itself is in OpenAI's chat and in Anthropic's Messages."""


def whole_answer(tree: Any, vault: Vault, *, json_content: bool = False) -> bytes:
    """Return a complete answer with its values; ``json_content``: the caller requested JSON as content."""
    return serialise(unmask(tree, vault, json_content=json_content))


class StreamUnmasker:
    """Restores the values in one stream; what is held back comes before the end of its text at the latest."""

    def __init__(self, vault: Vault, *, json_content: bool = False) -> None:
        self._vault = vault
        self._json_content = json_content
        self._follows = vault.readers.plain.places
        """Every event is read: how a value is written depends on what stands before it."""
        self._channels: dict[Channel, Unmasker] = {}
        self._last: dict[Channel, dict[str, Any]] = {}
        """The last event of each text of which something is held back, as the shape of one more."""

    def event(self, raw: bytes) -> bytes:
        """Return what is sent to the client for one event; untouched if it holds no piece of a placeholder."""
        if not (self._last or self._follows or _FIRST in raw or _ESCAPED in raw):
            return raw
        try:
            tree = read_answer(data_of(raw))
        except ValueError:
            return raw
        changed = self._whole_blocks(tree)
        before = b""
        present: set[Channel] = set()
        for slot in slots(tree):
            if slot.name == "thinking":  # signed by its vendor, which must get the same bytes back
                continue
            present.add(slot.channel)
            if slot.channel not in self._channels:  # clients take what comes before for done, where a text begins
                before += self._rest_of_choice(slot.channel)
            is_answer = slot.name in _ANSWER or ANSWER in slot.channel
            inside_json = slot.inside_json or (self._json_content and is_answer)
            reader = self._reader(slot.channel, inside_json=inside_json)
            text = reader.feed(slot.text)
            if self._ends(tree, slot.channel):
                text += reader.end()
            changed |= text != slot.text
            slot.holder[slot.name] = text
            if reader.holds:
                self._last[slot.channel] = tree
            else:
                self._last.pop(slot.channel, None)
        before += b"".join(
            self._rest(channel) for channel in list(self._last) if channel not in present and self._ends(tree, channel)
        )
        return before + (_rebuilt(raw, tree) if changed else raw)

    def end(self) -> bytes:
        """Return the events that carry what is still held back."""
        return b"".join(self._rest(channel) for channel in list(self._last))

    def _rest_of_choice(self, beginning: Channel) -> bytes:
        return b"".join(self._rest(each) for each in list(self._last) if each[0] == beginning[0])

    def _whole_blocks(self, tree: Any) -> bool:
        """Restore texts that are complete in one event: a block that begins with its text, a citation, a name."""
        changed = False
        if is_responses(tree) and not any(slots(tree)):
            plain = unmask(tree, self._vault, json_content=self._json_content)
            changed = bool(plain != tree)
            tree.update(plain)
            return changed
        for called in names(tree):
            if (plain := unmask(called["name"], self._vault)) != called["name"]:
                called["name"], changed = plain, True
        for name in ("content_block", "delta") if isinstance(tree, dict) and not any(slots(tree)) else ():
            block = tree.get(name)
            if isinstance(block, dict) and (plain := unmask(block, self._vault)) != block:
                tree[name], changed = plain, True
        return changed

    def _reader(self, channel: Channel, *, inside_json: bool) -> Unmasker:
        reader = self._channels.get(channel)
        if reader is None:
            reader = self._channels[channel] = Unmasker(self._vault, inside_json=inside_json)
        return reader

    def _rest(self, channel: Channel) -> bytes:
        template = self._last.pop(channel)
        return rest_event(channel, self._channels[channel].end(), template)

    @staticmethod
    def _ends(tree: Any, channel: Channel) -> bool:
        """Return whether an event ends a text: its block stops, or its choice finishes."""
        if not isinstance(tree, dict):
            return False
        if tree.get("type") == "content_block_stop":
            return number(tree.get("index")) == channel[0]
        if is_responses(tree):
            kind = str(tree["type"])
            return kind in _LAST or (kind.endswith(".done") and number(tree.get("output_index")) == channel[0])
        return any(
            choice.get("finish_reason") and number(choice.get("index")) == channel[0]
            for choice in fields.objects(tree.get("choices"))
        )


def _rebuilt(raw: bytes, tree: dict[str, Any]) -> bytes:
    """Return the event with other data; its other lines stay."""
    lines = [line for line in raw.splitlines() if line and not line.startswith(b"data:")]
    return b"".join(line + b"\n" for line in lines) + fields.event_data(tree)
