"""Secrets that only what is around them gives away: manifests of Kubernetes, passwords of wireless networks.

Each place of a text is looked at once, however many triggers are near it.
"""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from bisect import bisect_left, bisect_right
from typing import Final

from gateway.sensitivity.finding import Hit
from gateway.sensitivity.placeholder import entropy, is_placeholder

_LEAST_BITS: Final = 2.5
_DATA_HEAD: Final = re.compile(
    r"[dD]ata(?=:[ \t]*\r?\n[ \t]+[\w.-]{1,128}:[ \t]*[^\s{$<][^\n]{3}|\"\s*:\s*\{\s*\"[\w.-]{1,128}\"\s*:\s*\"[^\"\s{$<]{4})"
)
"""What each of the following begins with, but for the blanks before it."""
_DATA: Final = re.compile(
    r"(?:^|\n)[ \t]*(?:stringData|data):[ \t]*\r?\n(?P<hit>(?:[ \t]+[\w.-]{1,128}:[ \t]*[^\s{$<][^\n]{3,4000}(?:\n|$)){1,60})"
)
_DATA_JSON: Final = re.compile(
    r"\"(?:stringData|data)\"\s*:\s*\{\s*(?P<hit>\"[\w.-]{1,128}\"\s*:\s*\"[^\"\s{$<]{4,4000}\"[^{}]{0,8000})\}"
)
_SECRET_ROOM: Final = 3000


_APART: Final = re.compile("\n---")
_WIDTH: Final = 4


class Manifests:
    """Secrets of Kubernetes in one text."""

    def __init__(self) -> None:
        self._heads: list[int] | None = None
        self._aparts: list[int] = []

    def __call__(self, text: str, end: int) -> Hit | None:
        """Return the data of a Secret, all of its values."""
        if self._heads is None:
            self._heads = [match.start() for match in _DATA_HEAD.finditer(text)]
            self._aparts = [match.start() for match in _APART.finditer(text)]
        first, last = self._around(end)
        place = bisect_left(self._heads, first)
        return _data(text, first, last) if place < len(self._heads) and self._heads[place] < last else None

    def _around(self, end: int) -> tuple[int, int]:
        """Return start and end of the document that a place is in, or of what is near."""
        first, last = max(0, end - _SECRET_ROOM), end + _SECRET_ROOM
        before = bisect_right(self._aparts, end - _WIDTH) - 1
        if before >= 0 and self._aparts[before] > 0:
            first = max(first, self._aparts[before])
        after = bisect_left(self._aparts, end)
        if after < len(self._aparts) and 0 < self._aparts[after] <= last - _WIDTH:
            last = self._aparts[after]
        return first, last


def _data(text: str, first: int, last: int) -> Hit | None:
    for pattern in (_DATA, _DATA_JSON):
        match = pattern.search(text, first, last)
        if match is not None and not is_placeholder(match["hit"][:64]):
            start, stop = match.span("hit")
            return Hit(
                start + len(match["hit"]) - len(match["hit"].lstrip()),
                stop - len(match["hit"]) + len(match["hit"].rstrip()),
            )
    return None


_WIFI: Final = re.compile(
    r"(?:ssid|wi-?fi|wlan|wpa[23]?)[^\n]{0,80}?\b(?:key|password|psk|pass|pw|code)\b[ :=]{1,3}(?:is )?[\"']?(?P<hit>[^\s\"',;]{8,63})",
    re.IGNORECASE,
)
_NETWORK: Final = re.compile(r"ssid|wi-?fi|wlan|wpa", re.IGNORECASE)
_NETWORK_BACK: Final = 100
_NAME_ROOM: Final = 4


class Networks:
    """Passwords of wireless networks in one text."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int, int] | None] = {}
        """Where a network is named → start and end of its password, and of the whole."""

    def __call__(self, text: str, end: int) -> Hit | None:
        """Return the password that goes over a trigger's end."""
        place = max(0, end - _NETWORK_BACK)
        while (seen := _NETWORK.search(text, place, end + _NAME_ROOM)) is not None and seen.start() < end:
            start = seen.start()
            if start not in self._known:
                match = _WIFI.match(text, start)
                self._known[start] = None if match is None else (*match.span("hit"), match.end())
            known = self._known[start]
            place = start + 1 if known is None else known[2]
            if known is not None and known[2] >= end:
                return _password(text, known[0], known[1])
        return None


def _password(text: str, start: int, stop: int) -> Hit | None:
    value = text[start:stop]
    random = any(map(str.isdigit, value)) and not is_placeholder(value[-24:]) and entropy(value) >= _LEAST_BITS
    return Hit(start, stop, sure=False) if random else None
