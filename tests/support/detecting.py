"""One detector at work on one text, as the scanner runs it, without the rest."""

from functools import cache

from gateway.patterns.engine import compile_patterns
from gateway.sensitivity.finding import Hit
from gateway.sensitivity.view import View


@cache
def _made(kind, engine):
    detector = kind()
    return detector, compile_patterns([each.pattern for each in detector.triggers], engine)


def hits(kind, text: str, engine: str | None = None) -> list[Hit]:
    """Return the places that a class of detector finds, left to right, each once."""
    detector, matcher = _made(kind, engine)
    view = View(text)
    found = (detector.triggers[number].extract(view.text, end) for number, end in matcher.find(view.data, 100_000))
    places = {view.back(hit.start, hit.end) for hit in found if hit is not None}
    return [Hit(*place) for place in sorted(places)]


def found(kind, text: str, engine: str | None = None) -> list[str]:
    """Return what a class of detector finds."""
    return [text[hit.start : hit.end] for hit in hits(kind, text, engine)]
