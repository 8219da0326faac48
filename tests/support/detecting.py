"""One detector at work on one text, as the scanner runs it, without the rest."""

from functools import cache

from gateway.patterns.engine import compile_patterns
from gateway.sensitivity.finding import Hit
from gateway.sensitivity.view import View


@cache
def _made(kind, engine):
    detector = kind()
    plain = [each for each in detector.triggers if not each.pattern.utf8]
    scripts = [each for each in detector.triggers if each.pattern.utf8]
    return [
        (triggers, compile_patterns([each.pattern for each in triggers], engine))
        for triggers in (plain, scripts)
        if triggers
    ]


def hits(kind, text: str, engine: str | None = None) -> list[Hit]:
    """Return the places that a class of detector finds, left to right, each once."""
    view = View(text)
    places = {}
    for triggers, matcher in _made(kind, engine):
        utf8 = triggers[0].pattern.utf8
        data = view.text.encode() if utf8 else view.data
        for number, end in matcher.find(data, 100_000):
            one = triggers[number].extract(view.text, len(data[:end].decode()) if utf8 else end)
            for hit in [one] if isinstance(one, Hit) else [] if one is None or isinstance(one, int) else list(one):
                place = view.back(hit.start, hit.end)
                places[place] = places.get(place, False) or hit.sure
    return [Hit(*place, sure=sure) for place, sure in sorted(places.items())]


def found(kind, text: str, engine: str | None = None) -> list[str]:
    """Return what a class of detector finds."""
    return [text[hit.start : hit.end] for hit in hits(kind, text, engine)]
