"""A pattern of policy as it must be to match folded text: each letter in it as the letter that the text has there."""

import re
from typing import Final

from gateway.sensitivity.letters import FOLDS
from gateway.sensitivity.view import fold

_PIECE: Final = re.compile(
    r"\\x\{(?P<code>[0-9A-Fa-f]{1,6})\}|\\.|\[(?P<negated>\^)?|\]|(?P<odd>[^\x00-\x7f])", re.DOTALL
)
_RANGE: Final = re.compile(r"([^\x00-\x7f])-([^\x00-\x7f])")
_CASELESS: Final = re.compile(r"\(\?[a-zA-Z]*i")


def folded_pattern(expression: str) -> str:
    """Return an expression of RE2's syntax that matches in a folded text what the given one matches in the text."""
    if expression.isascii() and "\\x{" not in expression:
        return expression
    caseless = _CASELESS.search(expression) is not None
    pieces: list[str] = []
    place, inside, negated = 0, False, False
    while match := _PIECE.search(expression, place):
        pieces.append(expression[place : match.start()])
        place = match.end()
        piece = match[0]
        odd = match["odd"] or (chr(int(match["code"], 16)) if match["code"] else "")
        if piece.startswith("[") and not inside:
            inside, negated = True, match["negated"] is not None
        elif piece == "]":
            inside = False
        elif odd and inside and negated:
            piece = match[0]
        elif odd and inside and (span := _RANGE.match(expression, match.start())):
            place, piece = span.end(), _range(span[1], span[2], caseless=caseless)
        elif odd:
            forms = _forms(odd, caseless=caseless)
            piece = forms if inside or len(forms) == 1 else f"[{forms}]"
        pieces.append(piece)
    return "".join((*pieces, expression[place:]))


def _forms(letter: str, *, caseless: bool) -> str:
    """Return what a letter may be in the folded text; upper and lower case may be read as different letters."""
    cases = (letter, letter.lower(), letter.upper()) if caseless else (letter,)
    return "".join(dict.fromkeys(fold(one) for one in cases if len(one) == 1))


def _range(first: str, last: str, *, caseless: bool) -> str:
    more = {form for letter in FOLDS if first <= letter <= last for form in _forms(letter, caseless=caseless)}
    return f"{first}-{last}" + "".join(re.escape(form) for form in sorted(more))
