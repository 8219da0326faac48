"""Real files that are installed here, and lines of them that hold values which are masked."""

import os
import random
import sysconfig
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from support.plants import card, email, iban, secret

from .formats import FORMATS, OF_FILES

PLACES = (sysconfig.get_paths()["purelib"], sysconfig.get_paths()["stdlib"], "/usr/share", "/usr/lib/python3")
MOST_BYTES = 60_000
AROUND = 40
"""Lines that a tool shows before and after."""
NAMES = ("db_password", "smtp_password", "api_token", "ADMIN_PASSWORD", "client_secret", "redis_password")
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SIGNS = {
    "plain": "",
    "double quote": '"',
    "single quote": "'",
    "backslash": "\\",
    "both": '"\\',
    "other signs": "$%&!+=/<>",
    "not ASCII": "üßé密",
}


@dataclass(frozen=True)
class Line:
    """A line of a file that holds a value."""

    text: str
    """The file."""
    row: int
    first: int
    """The row that is shown first."""
    kind: str
    """Of the file, by its name's end."""
    format: str = ""
    """How the value is written; empty for one that stood there."""
    name: str = ""
    value: str = ""
    sort: str = "as found"

    @property
    def written(self) -> str:
        """The value as its format writes it; empty if it stood there."""
        return FORMATS[self.format].write(self.value) if self.format else ""

    @property
    def lines(self) -> list[str]:
        """The lines that are shown."""
        return self.text.split("\n")[self.first : self.first + 2 * AROUND]


@cache
def _installed() -> dict[str, list[str]]:
    """Return all files of the kinds that can be edited here, by the ends of their names."""
    found: dict[str, list[str]] = defaultdict(list)
    for place in PLACES:
        for folder, inside, names in os.walk(place):
            inside.sort()
            for name in sorted(names):
                kind = name[name.rfind(".") :]
                if kind in OF_FILES:
                    found[kind].append(f"{folder}/{name}")
    return found


def files(most: int, chance: random.Random) -> dict[str, list[Path]]:
    """Return real files by the ends of their names, drawn from all that are installed."""
    drawn: dict[str, list[Path]] = {}
    for kind, names in sorted(_installed().items()):
        paths = map(Path, chance.sample(names, len(names)))
        fits = (path for path in paths if path.is_file() and 200 < path.stat().st_size <= MOST_BYTES)
        drawn[kind] = [*islice(fits, most)]
    return drawn


def password(chance: random.Random, sort: str) -> str:
    """Return a password with signs of a sort."""
    letters = [chance.choice(ALPHABET) for _ in range(chance.randint(12, 20))]
    for _ in range(chance.randint(1, 2) if SIGNS[sort] else 0):
        letters.insert(chance.randint(3, len(letters) - 3), chance.choice(SIGNS[sort]))
    return "".join(letters)


def lines(count: int, seed: int) -> Iterator[Line]:
    """Yield lines with values: a third that stand in files as they are, the others planted beside real lines."""
    chance = random.Random(seed)
    by_kind = files(max(count // 5, 10), chance)
    pairs = [(kind, path) for kind, paths in by_kind.items() for path in paths]
    chance.shuffle(pairs)
    found = (line for kind, path in pairs for line in _addresses(kind, path))
    planted = 0
    for number in range(count):
        if number % 3 == 0 and (line := next(found, None)) is not None:
            yield line
        else:
            planted += 1
            yield _planted(by_kind, planted, chance)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _addresses(kind: str, path: Path) -> Iterator[Line]:
    """Yield a line of a file that may hold an address; whether it is masked shows when it is sent."""
    text = _read(path)
    for row, line in enumerate(text.split("\n")):
        at = line.find("@")
        if 0 < at < 300 and len(line) < 400 and line[at - 1].isalnum() and "." in line[at + 1 : at + 40]:
            yield Line(text, row, max(row - AROUND, 0), kind)
            return


def _planted(by_kind: dict[str, list[Path]], number: int, chance: random.Random) -> Line:
    kind = [*OF_FILES][number % len(OF_FILES)]
    paths = by_kind.get(kind) or by_kind[".py"]
    text = _read(paths[number % len(paths)])
    rows = text.split("\n")
    form = chance.choice(OF_FILES[kind])
    name = chance.choice(NAMES)
    sort = [*SIGNS][number % len(SIGNS)]
    value = password(chance, sort)
    if chance.random() < 0.25:
        sort, name = chance.choice((("e-mail", "mail"), ("card", "card_number"), ("IBAN", "iban"), ("key", "api_key")))
        made = {"e-mail": email, "card": card, "IBAN": iban, "key": secret}[sort]
        value = made(number).value
    if not FORMATS[form].takes(value):
        sort, value = "plain", password(chance, "plain")
    at = chance.randrange(len(rows))
    indent = rows[at][: len(rows[at]) - len(rows[at].lstrip())][:24]
    indent = chance.choice((indent, indent, "\t", ""))
    rows.insert(at, indent + FORMATS[form].written(name, value))
    ending = "\r\n" if chance.random() < 0.15 else "\n"
    changed = "\n".join(row + ending[:-1] for row in rows)
    return Line(changed, at, max(at - chance.randint(0, AROUND), 0), kind, form, name, value, sort)
