"""Writes gateway/sensitivity/letter_forms.py: what Unicode says which characters are forms of an ASCII one.

Usage: python tests/support/make_letter_forms.py. The same bytes come out of every supported Python: characters that are
younger than the oldest one's Unicode stand in gateway/sensitivity/letters.py instead.
"""

import unicodedata
from pathlib import Path

from gateway.sensitivity.letters import YOUNGER

FILE = Path(__file__).parents[2] / "gateway" / "sensitivity" / "letter_forms.py"
WIDTH = 110
HEAD = '''"""Forms of ASCII characters by Unicode, written by tests/support/make_letter_forms.py."""

from typing import Final

'''


def plain(character: str) -> str | None:
    """Return the ASCII character that another one is a form of, with or without an accent."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(int(digit))
    first, *marks = list(unicodedata.normalize("NFKD", character))
    return first if first.isascii() and all(unicodedata.combining(mark) for mark in marks) else None


def forms() -> dict[str, str]:
    """Return character → the one it is a form of, by code point."""
    found = ((chr(code), plain(chr(code))) for code in range(0xA0, 0x20000) if chr(code) not in YOUNGER)
    return {character: letter for character, letter in found if letter is not None and letter.isprintable()}


def written() -> str:
    """Return the text of the file."""
    found = forms()
    first = [f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}" for one in found]
    second = [one if one.isalnum() or one == " " else f"\\x{ord(one):02x}" for one in found.values()]
    return (
        f"{HEAD}FORMS: Final = (\n{_lines(first)})\nPLAIN: Final = (\n{_lines(second)})\n"
        '"""The character that each of the forms is read as, in their order."""\n'
    )


def _lines(pieces: list[str]) -> str:
    lines, line = [], ""
    for piece in pieces:
        if len(line) + len(piece) > WIDTH:
            lines.append(line)
            line = ""
        line += piece
    return "".join(f'    "{each}"\n' for each in [*lines, line])


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
