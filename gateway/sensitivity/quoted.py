"""The whole of a secret: quotes inside of it, escaped or of another kind, do not end it."""

import re
from typing import Final

from gateway.sensitivity.finding import Hit
from gateway.sensitivity.layer import Decoded, Layer
from gateway.sensitivity.view import View

_QUOTES: Final = frozenset("\"'`")
_MOST: Final = 512
"""Characters of a secret."""
_MORE: Final = re.compile(r"[\"'`](?=[A-Za-z0-9])(?:[^\s,;<>{}()|&\\]|&(?!\w{1,64}=))*")
"""What goes on behind a quote without a space is no end of a word."""
_CLOSING: Final = "\"'`.,;:"


def whole(layer: Layer | Decoded, hit: Hit) -> Hit:
    """Return a hit that goes on to the end of its value.

    Patterns see escaped quotes as plain ones, and end a value at the first quote of any kind. A value in quotes ends at
    the next quote that is written as the opening one is; one without ends at no quote that a letter or digit follows.
    The value of a key is all of it.
    """
    view, start, end = layer.view, hit.start, hit.end
    text = view.text
    if text[end : end + 1] == "\n":
        return hit
    if layer.is_value(start):
        return Hit(start, _line_end(text, end), hit.sure)
    quote = text[start - 1 : start] if start else ""
    if quote in _QUOTES:
        found = _closing(view, start - 1, end, quote)
        return hit if found is None else Hit(start, found, hit.sure)
    more = _MORE.match(text, end, min(len(text), start + _MOST)) if text[end : end + 1] in _QUOTES else None
    return hit if more is None else Hit(start, end + len(more[0].rstrip(_CLOSING)), hit.sure)


def _closing(view: View, opening: int, end: int, quote: str) -> int | None:
    """Return where the quote is that closes a value; None if there is none on its line."""
    last = _line_end(view.text, end)
    width = _width(view, opening)
    place = view.text.find(quote, end, last)
    while place >= 0:
        found = _width(view, place)
        if found <= width:
            return place if found == width else None
        place = view.text.find(quote, place + 1, last)
    return None


def _line_end(text: str, start: int) -> int:
    last = min(len(text), start + _MOST)
    line = text.find("\n", start, last)
    return last if line < 0 else line


def _width(view: View, place: int) -> int:
    """Return how many characters a quote is written with, its backslashes included."""
    start, end = view.back(place, place + 1)
    return end - start
