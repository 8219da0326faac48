"""Many texts looked at in one pass, and the way back from a place among them to the place in the request."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.sensitivity.seams import Seam, Text
from gateway.sensitivity.view import View

APART: Final = "\n\0\n"
"""Between two texts that have nothing to do with each other: no pattern goes over it."""


@dataclass(frozen=True, slots=True)
class RequestPlace:
    """Where something is in the request."""

    path: str
    start: int
    end: int
    turn: int | None


class Layer:
    """Texts of the request side by side."""

    def __init__(self, texts: Sequence[Text]) -> None:
        """Put the texts side by side; a value stays beside its key."""
        pieces: list[str] = []
        self._starts: list[int] = []
        self._texts = texts
        length = 0
        for text in texts:
            pieces += (text.glue or APART, text.value)
            self._starts.append(length + len(pieces[-2]))
            length = self._starts[-1] + len(text.value)
        self.depth = 0
        self.view = View("".join(pieces))

    def place(self, start: int, end: int) -> RequestPlace:
        """Return where a place of the view is in the request."""
        text, first, last = self._within(start, end)
        if isinstance(text, Seam) and first >= text.cut:
            shift = text.other_offset - text.cut
            return RequestPlace(text.other, first + shift, last + shift, text.other_turn)
        return RequestPlace(text.path, text.offset + first, text.offset + last, text.turn)

    def written(self, start: int, end: int) -> str:
        """Return what is at a place of the view as it is written in the request."""
        text, first, last = self._within(start, end)
        return text.value[first:last]

    def is_value(self, start: int) -> bool:
        """Return whether a place of the view is the start of a text that is the value of a key."""
        text, first, _ = self._within(start, start + 1)
        return first == 0 and bool(text.glue)

    def _within(self, start: int, end: int) -> tuple[Text, int, int]:
        """Return the text that a place of the view is in, and where in it."""
        start, end = self.view.back(start, end)
        number = max(bisect_right(self._starts, start) - 1, 0)
        text, first = self._texts[number], self._starts[number]
        size = len(text.value)
        return text, min(max(start - first, 0), size), min(end - first, size)


class Decoded:
    """What was encoded in another layer, side by side; its places are those of the encoded text."""

    def __init__(self, outer: "Layer | Decoded", tokens: Sequence[tuple[int, int, str]]) -> None:
        """Put the decoded texts side by side."""
        self._outer, self._tokens = outer, tokens
        self._starts: list[int] = []
        length = 0
        for _, _, text in tokens:
            self._starts.append(length)
            length += len(text) + len(APART)
        self.depth: int = outer.depth + 1
        self.view = View(APART.join(text for _, _, text in tokens))

    def place(self, start: int, end: int) -> RequestPlace:
        """Return where the encoded whole is in the request."""
        return self._outer.place(*self._token(start, end))

    def written(self, start: int, end: int) -> str:
        """Return the encoded whole as it is written in the request."""
        return self._outer.written(*self._token(start, end))

    def is_value(self, _start: int) -> bool:
        """Return False: what is encoded is a text of its own."""
        return False

    def _token(self, start: int, end: int) -> tuple[int, int]:
        start, _ = self.view.back(start, end)
        token = self._tokens[max(bisect_right(self._starts, start) - 1, 0)]
        return token[0], token[1]


def layers(texts: Sequence[Text]) -> Iterator[Layer]:
    """Yield the texts in layers: plain ones together, so that one odd letter does not make all of them slow."""
    plain = [text for text in texts if text.value.isascii()]
    if plain:
        yield Layer(plain)
    if len(plain) < len(texts):
        yield Layer([text for text in texts if not text.value.isascii()])
