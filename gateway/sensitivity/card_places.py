"""Where a number stands that may be a card's: what is beside it says whether it is one of something else."""
# ruff: noqa: E501 -- tables

import re
from itertools import pairwise
from typing import Final

from gateway.sensitivity.finding import LETTERS, before

_IDS: Final = re.compile(
    r"(?:uuid|trace|span|hash|sha\d*|timestamp|time|epoch|nonce|offset|serial|isbn|ean|imei|version"
    r"|size|bytes|tweet|snowflake|tracking)[\"'`]{0,2}\s{0,2}[:=#/]?\s{0,2}[\"'\[(]?$"
)
_ROWS: Final = re.compile(
    r"(?:(?:\bid|_id|[a-z]id)(?:_?str(?:ing)?)?|status(?:es)?/|rowid|order|invoice)[\"'`]{0,2}\s{0,2}[:=#/]?\s{0,2}[\"'\[(]?$"
)
"""Names of numbers of rows: there only the commonest cards count, for a row's number is right by chance in one of ten."""
_COMMON: Final = re.compile(r"4\d{15}|5[1-5]\d{14}|3[47]\d{13}")
_UUID_TAIL: Final = re.compile(r"-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_of_uuid(text: str, end: int) -> bool:
    """Return whether the rest of a UUID follows."""
    return _UUID_TAIL.match(text, end) is not None


def counts_up(text: str, groups: list[tuple[int, int]]) -> bool:
    """Return whether each group is one more than the last: these are numbers of lines."""
    numbers = [int(text[start:end]) for start, end in groups]
    return len(numbers) > 1 and all(after - one == 1 for one, after in pairwise(numbers))


def is_no_id(text: str, start: int, end: int) -> bool:
    """Return whether nothing before a number says that it is one of something else."""
    head = before(text, start, 24)
    if _IDS.search(head) or _DOMAIN.match(text, end):
        return False
    if _COMMON.fullmatch(text, start, end) is not None:
        return True
    listed = _LONG_LEFT.search(head) is not None or _LONG_RIGHT.match(text, end) is not None
    if listed and _KNOWN_ISSUERS.fullmatch(text, start, end) is None:
        return False
    return _ROWS.search(head) is None


def is_inside(text: str, start: int, end: int) -> bool:
    """Return whether letters are right before and right after a number."""
    return text[max(0, start - 1) : start] in LETTERS and text[end : end + 1] in LETTERS


_KNOWN_ISSUERS: Final = re.compile(r"62\d{14,17}|(?:6011|65\d\d|35(?:2[89]|[3-8]\d))\d{12}")
"""UnionPay, Discover, JCB: with Visa, Mastercard and American Express all that count in a list of long numbers."""
_LONG_LEFT: Final = re.compile(r"\d{6}[,;|] ?$")
_LONG_RIGHT: Final = re.compile(r"[,;|] ?\d{6}")
_DOMAIN: Final = re.compile(
    r"\.(?:com|net|org|info|biz|xyz|top|site|online|shop|club|co|io|ru|cn|de|uk|fr|pl|br|in|jp)\b(?!\.\s)"
)
_GLUED: Final = re.compile(r"(?:^|[^A-Za-z0-9+/=.])[A-Za-z]{1,12}$")
_AFTER: Final = re.compile(r"[A-Za-z]{1,3}(?![A-Za-z0-9+/=])|\.0{1,4}(?![\d.])|\.(?![\d])|[^A-Za-z0-9.]", re.ASCII)


def starts(text: str, start: int) -> bool:
    """Return whether a number may begin here: also behind a word, but not in the middle of a hash or a fraction."""
    ahead = text[max(0, start - 1) : start]
    return ahead != "." and (ahead not in LETTERS or _GLUED.search(text, max(0, start - 14), start) is not None)


def ends(text: str, end: int, *, alone: bool) -> bool:
    """Return whether a number may end here: ``.0`` is how programs write a whole number, a letter may be glued to it."""
    if not alone and text[end : end + 1] in LETTERS:
        return False
    return end == len(text) or _AFTER.match(text, end) is not None
