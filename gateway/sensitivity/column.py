"""The header of a column is a label for all of its cells: CSV, tabs, semicolons, Markdown, what psql prints."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from gateway.sensitivity.finding import GLANCE, Hit

_HEADER: Final = re.compile(r"[^\n,;|\t\0(){}\[\]=:<>]{0,28}(?P<sign>[,;|\t\n])")
"""What may follow the word in its cell, and the sign behind that."""
_SIGNS: Final = re.compile(r"[,;|\t\n\0]")
_LONGEST_LINE: Final = 4000
_MOST_COLUMNS: Final = 64
_MOST_WORK: Final = 1_200_000
"""Characters of rows times columns that are read for one header: the wider a table, the fewer of its rows."""
_CODE: Final = re.compile(r"[(){}\[\]=:<>][^,;|\t]*$")
"""What stands before the word in no header: brackets and signs of code."""
_QUOTES: Final = " \"'`\r"
_WIDEST_WORD: Final = 24
_VALUES: Final = re.compile(r"[^\n]*\d{3}[^\n]*\n[^\n]*\d{3}")
_NARROWEST: Final = 5
"""Characters that one of the first three cells has at least; shorter ones are nobody's number."""
_TRIES: Final = 32
"""If none of so many cells is a value, it is another column."""
_STEPS_A_CELL: Final = 6
_NO_HEADER: Final = 3
"""Steps to see that a word is in no header."""
_RULE: Final = re.compile(r"[-+|: =]+")


def below(text: str, end: int, is_value: Callable[[str, int, int], bool]) -> Iterator[Hit] | int:
    """Return the values below a word that ends at ``end``, one after the other; the steps it took if there are none."""
    after = _HEADER.match(text, end)
    if after is None:
        return GLANCE
    place = _place(text, end, after["sign"])
    if place is None:
        return _NO_HEADER
    column = _cells(text, place)
    hits = (Hit(*cell) for cell in column if is_value(text, *cell))
    first = next((Hit(*cell) for cell in islice(column, _TRIES) if is_value(text, *cell)), None)
    return _TRIES * _STEPS_A_CELL if first is None else chain((first,), hits)


def cells(text: str, end: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of the cells below a word that ends at ``end``; nothing if it is in no header."""
    after = _HEADER.match(text, end)
    place = None if after is None else _place(text, end, after["sign"])
    if place is not None:
        yield from _cells(text, place)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a column is."""

    sign: str
    """Between columns; a line break: there is only one."""
    number: int
    columns: int
    start: int
    """Of the first row."""


def _cells(text: str, place: _Place) -> Iterator[tuple[int, int]]:
    start = place.start
    stop = min(len(text), start + _MOST_WORK // place.columns)
    while start < stop:
        end = _line(text, start)
        line = text[start:end]
        found = _cell(line, place)
        if found is not None:
            cell, at = found
            bare = cell.strip(_QUOTES)
            if bare:
                first = start + at + len(cell) - len(cell.lstrip(_QUOTES))
                yield first, first + len(bare)
        elif not _RULE.fullmatch(line):
            return
        start = end + 1


def _cell(line: str, place: _Place) -> tuple[str, int] | None:
    """Return a row's cell in the column and where it starts; None if the line is no row of the table."""
    sign, number = place.sign, place.number
    if line.count(sign) < place.columns - 1 or not line or line[-1] == ":":
        return None
    if '"' in line or sign == "\n":
        match = _row(sign, number).match(line)
        return None if match is None else (match["cell"], match.start("cell"))
    parts = line.split(sign, number + 1)
    return parts[number], sum(map(len, parts[:number])) + number


def _place(text: str, end: int, sign: str) -> _Place | None:
    first = text.rfind("\n", max(0, end - _LONGEST_LINE), end) + 1
    last = text.find("\n", end, end + _LONGEST_LINE)
    if last < 0 or (first == 0 and end > _LONGEST_LINE) or _CODE.search(text, max(first, end - 80), end):
        return None
    if sign == "\n":
        signs = _SIGNS.findall(text, first, end)
        sign = signs[-1] if signs else "\n"
    alone = sign == "\n"
    columns = 1 if alone else text.count(sign, first, last) + 1
    if columns > _MOST_COLUMNS or (not alone and columns == 1) or not _begins(text, first, sign):
        return None
    below_it = last + 1
    if _RULE.fullmatch(text, below_it, _line(text, below_it)):
        below_it = _line(text, below_it) + 1
    if alone and (end - first > _WIDEST_WORD or not _is_column(text, below_it)):
        return None
    place = _Place(sign, 0 if alone else text.count(sign, first, end), columns, below_it)
    widest = max((stop - start for start, stop in islice(_cells(text, place), 3)), default=0)
    return place if widest >= _NARROWEST else None


def _begins(text: str, first: int, sign: str) -> bool:
    """Return whether a table may begin at a line: the one above is empty, an introduction, or no row."""
    if first == 0:
        return True
    above = text[max(text.rfind("\n", 0, first - 1) + 1, first - _LONGEST_LINE) : first - 1]
    if sign == "\n":
        return not above.strip() or above == "\0"
    return sign not in above or above.endswith(":")


def _is_column(text: str, start: int) -> bool:
    """Return whether at least two lines with digits follow: one value below a word is no column."""
    return _VALUES.match(text, start, start + 160) is not None


def _line(text: str, start: int) -> int:
    end = text.find("\n", start, start + _LONGEST_LINE)
    return min(len(text), start + _LONGEST_LINE) if end < 0 else end


@lru_cache(maxsize=256)
def _row(sign: str, number: int) -> re.Pattern[str]:
    if sign == "\n":
        return re.compile(r"(?P<cell>[^\n]{1,60})$")
    other = re.escape(sign)
    cell = rf"(?: *\"(?:[^\"\n]|\"\")*\" *|[^{other}\"\n]*)"
    return re.compile(rf"(?:{cell}{other}){{{number}}}(?P<cell>{cell})(?=[{other}\r\n]|\Z)")
