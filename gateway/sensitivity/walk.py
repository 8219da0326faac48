"""Everything that is sent is walked: each string of the body, keys and values alike, and what cannot be read."""

import re
from collections.abc import Iterator
from hashlib import sha256
from math import inf
from typing import Any, Final

from msgspec import Struct

_READABLE: Final = frozenset(
    {
        "text",
        "message",
        "input_text",
        "output_text",
        "refusal",
        "thinking",
        "tool_use",
        "tool_result",
        "tool_reference",
        "search_result",
        "reasoning",
        "reasoning_text",
        "summary_text",
        "function_call",
        "function_call_output",
        "server_tool_use",
        "custom_tool_call",
        "custom_tool_call_output",
    }
)
"""Content parts whose whole matter is in strings that are walked anyway."""

_KNOWN_PARTS: Final = frozenset(
    {"document", "file", "image", "image_url", "input_audio", "input_image", "input_file", "video_url"}
)

_MEDIA: Final = frozenset(
    {
        *("audio_url", "document", "file", "file_data", "file_id", "file_url", "image", "image_embeds", "image_url"),
        *("input_audio", "video", "video_url", "images", "audio", "audios", "videos"),
    }
)
"""Keys that make a part one of media where a server takes parts without a type (vLLM does)."""

_BESIDE: Final = _MEDIA - {"document", "file", "image"}
"""Keys that no readable part has; servers that guess read them whatever the part's type says."""

_CONVERSATION: Final = frozenset({"messages", "system", "input", "content"})
"""Where typed parts are content; elsewhere (JSON schemas, say) ``type`` means something else."""

_FIELDS: Final = frozenset(
    {
        *("arguments", "content", "data", "description", "file", "function", "functions", "image_url", "input"),
        *("input_schema", "json_schema", "messages", "metadata", "model", "name", "parameters", "prediction"),
        *(
            "prompt",
            "properties",
            "reasoning_content",
            "response_format",
            "role",
            "schema",
            "source",
            "stop",
            "stop_sequences",
        ),
        *("system", "text", "thinking", "tool_calls", "tool_choice", "tools", "type", "url", "user", "user_id"),
    }
)
"""Names of the protocols' own fields: the only ones that a path may show, for any other key is the caller's text."""

_SEALED: Final[dict[str, str]] = {
    "redacted_thinking": "data",
    "thinking": "signature",
    "reasoning": "encrypted_content",
    "reasoning.encrypted": "data",
}
"""Type of a part of an assistant's turn → the field that only the vendor can read."""

_ELSEWHERE: Final = frozenset({"attachments", "container", "file_ids", "previous_response_id", "tool_resources"})
"""Fields of a request that refer to content which is not in it."""

_NOTHING: Final[frozenset[str]] = frozenset()
_SPEAKERS: Final = frozenset({"assistant", "developer", "function", "system", "tool", "user"})
_LEAST_NUMBER: Final = 10**7
"""Shorter numbers cannot be a card, account or identity number."""
_SEAM: Final = 80
"""So much on either side of a seam between two texts is looked at as one."""


class Text(Struct, frozen=True):
    """One string of the request and where it is."""

    path: str
    value: str
    turn: int | None = None
    glue: str = ""
    """What joins it to the text before it; nothing: they have nothing to do with each other."""
    offset: int = 0
    """Where ``value`` starts in the string at the path."""
    speaker: str = ""


class Unscannable(Struct, frozen=True):
    """A part that holds what cannot be read: an image, a file, audio, tokens, an unknown type."""

    path: str
    part_type: str
    turn: int | None = None


class Sealed(Struct, frozen=True):
    """A blob that only its vendor can read, and that the vendor itself has made."""

    sha256: str


Item = Text | Unscannable | Sealed


def walk(tree: Any) -> list[Item]:
    """Return each string of a request, object keys and long numbers included, and each part that cannot be read."""
    walked = _Walk()
    walked.value(tree, "", None, "", "")
    return walked.found


class _Walk:
    """One walk over a body. Each value of it passes here: where it is comes as arguments, not as an object."""

    __slots__ = ("_seams", "found")

    def __init__(self) -> None:
        self.found: list[Item] = []
        self._seams = _Seams()

    def text(self, path: str, value: str, turn: int | None, glue: str, speaker: str) -> None:
        """Note a string, and the seams between it and the ones before it."""
        text = Text(path, value, turn, glue, 0, speaker)
        self.found.append(text)
        if value and not glue and path.endswith(_CONTENT_ENDS) and _CONTENT.search(path):
            self.found += self._seams.after(text)

    def value(self, node: Any, path: str, turn: int | None, speaker: str, glue: str, *, parts: bool = False) -> None:
        """Walk a value. ``parts``: lists here hold content parts."""
        if isinstance(node, str):
            self.text(path, node, turn, glue, speaker)
        elif isinstance(node, dict):
            self.object(node, path, turn, speaker, parts=parts)
        elif isinstance(node, list):
            if node and path.startswith(("input", "prompt")) and all(type(value) is int for value in node):
                self.found.append(Unscannable(path, "tokens", turn))
            turns = path in {"messages", "input"}
            for index, value in enumerate(node):
                at = index if turns and isinstance(value, dict) else turn
                self.value(value, f"{path}[{index}]", at, speaker, "", parts=parts)
        elif isinstance(node, int | float) and not isinstance(node, bool) and _LEAST_NUMBER <= abs(node) < inf:
            # a card's number may be in a tool's input without quotes
            self.text(path, str(int(node)), turn, glue, "")

    def object(self, node: dict[str, Any], path: str, turn: int | None, speaker: str, *, parts: bool) -> None:
        """Walk an object."""
        role = node.get("role")
        if isinstance(role, str) and role in _SPEAKERS:
            speaker = role
        seal = self._seal(node, path, turn, speaker) if parts else None
        inside = _CONVERSATION if not _is_schema(path) else _NOTHING
        for key, value in node.items():
            if key == seal and isinstance(value, str):
                if value:
                    self.found.append(Sealed(sha256(value.encode("utf-8", "surrogatepass")).hexdigest()))
                continue
            if key in _FIELDS:
                below, glue = f"{path}.{key}" if path else key, ""
            else:
                self.text(f"{path}.<key>", key, turn, "", "")
                below, glue = f"{path}.*" if path else "*", '": "'
            if not path and key in _ELSEWHERE and value:
                self.found.append(Unscannable(key, "file" if key != "previous_response_id" else key))
            if type(value) is str:
                self.text(below, value, turn, glue, speaker)
            else:
                self.value(value, below, turn, speaker, glue, parts=key in inside)

    def _seal(self, node: dict[str, Any], path: str, turn: int | None, speaker: str) -> str | None:
        """Return the field of a content part that only its vendor can read; note a part that cannot be read."""
        kind = node.get("type")
        own = speaker == "assistant" or kind == "reasoning"
        seal = _SEALED.get(kind) if isinstance(kind, str) and own else None
        sealed = node.get(seal) if seal is not None else None
        if not isinstance(sealed, str) and (unreadable := _unreadable(node)):
            self.found.append(Unscannable(path, unreadable, turn))
        return seal


def _unreadable(part: dict[str, Any]) -> str:
    """Return the type of a content part that cannot be read, as evidence may name it; empty for one that can."""
    part_type = part.get("type")
    if part_type is None:  # a turn, or a part that leaves its type to be guessed
        return next((name if name in _KNOWN_PARTS else "unknown" for name in part if name in _MEDIA), "")
    if isinstance(part_type, str) and part_type in _READABLE:
        return next((name if name in _KNOWN_PARTS else "unknown" for name in part if name in _BESIDE), "")
    return part_type if isinstance(part_type, str) and part_type in _KNOWN_PARTS else "unknown"


def _is_schema(path: str) -> bool:
    """Return whether a path is in the schema of a tool or response, or in a tool's arguments: no content parts."""
    return path.startswith(("tools", "functions", "response_format", "metadata")) or ".input" in path


class _Seams:
    """Values that are cut by the end of a part or of a turn, whoever goes on with them."""

    def __init__(self) -> None:
        self._last: dict[str, _End] = {}

    def after(self, text: Text) -> Iterator[Text]:
        """Yield the seams between a text and the ones before it, if a value may go over them."""
        last, spoken = self._last.get(""), self._last.get(text.speaker)
        here = _End(text, _tail(text.value.rstrip()))
        for before in (last,) if spoken is last else (last, spoken):
            if before is None:
                continue
            yield from _seam(before, text, same_turn=before is last and before.text.turn == text.turn)
            if before is last and _GROUP.fullmatch(text.value):
                here = _End(before.text, f"{before.tail} {text.value.strip()}"[-_SEAM:])
        self._last[""] = self._last[text.speaker] = here


class _End(Struct, frozen=True):
    """The end of a text, to which the next one may add something."""

    text: Text
    """Where it is; where it starts, for one digit group a part."""
    tail: str


def _tail(text: str) -> str:
    """Return the end of a text; a word that does not fit whole is left out."""
    if len(text) <= _SEAM:
        return text
    cut = re.search(r"\s", text[-_SEAM:])
    return text[-_SEAM:] if cut is None else text[len(text) - _SEAM + cut.end() :]


def _seam(last: _End, text: Text, *, same_turn: bool) -> Iterator[Text]:
    end, start = last.tail, text.value.lstrip()[:_SEAM]
    if not end or not start:
        return
    rest = _REST.match(start)
    joints: tuple[str, ...] = ()
    if same_turn and _goes_on(end[-1]) and _goes_on(start[0]):
        joints = ("", " ")
    elif end[-1] in _DIGITS and start[0] in _DIGITS:
        joints = ("", " ") if _is_long(end, start) else (" ",) if last.text.speaker == text.speaker else ()
    elif end[-1] in _DIGITS and rest is not None and _is_long(end, rest["rest"]):
        start, joints = rest["rest"], ("",)
    offset = max(len(last.text.value.rstrip()) - len(end), 0)
    for joint in joints:
        yield Text(last.text.path, end + joint + start, last.text.turn, "", offset)


def _goes_on(character: str) -> bool:
    return character.isalnum() or character in _INSIDE


def _is_long(end: str, start: str) -> bool:
    """Return whether the digits on both sides are enough for a card: shorter ones meet by chance."""
    return sum(len(re.sub(r"\D", "", match[0])) for match in (_TAIL.search(end), _HEAD.match(start)) if match) >= _CARD


_CARD: Final = 13
_TAIL: Final = re.compile(r"\d[\d -]*$", re.ASCII)
_HEAD: Final = re.compile(r"\d[\d -]*", re.ASCII)
_DIGITS: Final = frozenset("0123456789")
_INSIDE: Final = frozenset("@._+-")
"""Signs inside of addresses and numbers."""
_GROUP: Final = re.compile(r"\s{0,4}\d[\d -]{0,20}\s{0,4}", re.ASCII)
_REST: Final = re.compile(r"[^\d\n]{1,24}?(?P<rest>\d{1,15})(?!\d|[.,:/-]\d)", re.ASCII)
"""The other digits after a few words: ``and then 6467``."""
_CONTENT: Final = re.compile(r"(?:content|text|input|system|prompt)(?:\[\d+\])?$")
_CONTENT_ENDS: Final = ("content", "text", "input", "system", "prompt", "]")
"""Cheaper to look for first."""
