"""Word lists of policy: ten thousand names cost what one does, for only the words of the text are looked up."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.domain.label import Label
from gateway.domain.sensitivity import WordListSpec
from gateway.sensitivity.view import fold

_WORD: Final = re.compile(rb"[a-zA-Z0-9\x80-\xff]+")
_SPACES: Final = bytes(code if (chr(code).isalnum() and code < 0x80) or code >= 0x80 else 0x20 for code in range(256))  # noqa: PLR2004

Found = tuple[str, Label, int, tuple[str, ...], int, int]
"""Kind, label, how many it takes, globs of what does not count, start, end."""


class Words:
    """One list. A name of several words is found with any white space or hyphen between them."""

    def __init__(self, spec: WordListSpec) -> None:
        """Sort the names by the word that is looked up first: the longest one."""
        self._kind, self._label = f"word_list:{spec.id}", Label(spec.data_class, spec.categories)
        self._exact = spec.case_sensitive
        self._names: dict[bytes, list[tuple[int, tuple[bytes, ...], bytes]]] = {}
        for name in spec.words:
            data = self._prepared(fold(name.strip()))
            words = tuple(_WORD.findall(data))
            if words:
                place = max(range(len(words)), key=lambda number: len(words[number]))
                signs = b"" if set(data) <= set(b" -") | set(b"".join(words)) else data
                self._names.setdefault(words[place], []).append((place, words, signs))

    def _prepared(self, text: str) -> bytes:
        lowered = text if self._exact else text.lower()
        return (lowered if len(lowered) == len(text) else text).encode("utf-8", "replace")

    def find(self, text: str) -> Iterator[Found]:
        """Yield each name that occurs in a folded text as whole words."""
        data = self._prepared(text)
        if self._names.keys().isdisjoint(data.translate(_SPACES).split()):
            return
        places = [match.span() for match in _WORD.finditer(data)]
        words = [data[start:end] for start, end in places]
        for number, word in enumerate(words):
            for place, name, signs in self._names.get(word, ()):
                first = number - place
                if first < 0 or tuple(words[first : first + len(name)]) != name:
                    continue
                start, end = places[first][0], places[first + len(name) - 1][1]
                if signs and signs not in data[max(0, start - 8) : end + 8]:
                    continue
                yield self._kind, self._label, 1, (), _characters(data, start), _characters(data, end)


def _characters(data: bytes, place: int) -> int:
    return place if data.isascii() else len(data[:place].decode("utf-8", "replace"))
