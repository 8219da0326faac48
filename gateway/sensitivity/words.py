"""Word lists of policy: ten thousand names cost what one does, for only the words of the text are looked up."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.domain.label import Label
from gateway.domain.sensitivity import WordListSpec
from gateway.sensitivity.view import fold

_UNSPACED: Final = (
    "\x9b-\x9f\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uffdc\U00020000-\U0003ffff"
)
"""Scripts that put no spaces between words, or particles right behind them: Thai, Lao, Burmese, Khmer, Chinese,
Japanese, Korean; and the Chinese letters with a place of their own in the folded text. Each character is a word."""
_SIGNS: Final = "\u2000-\u206f\u20a0-\u2bff"
_WORD: Final = re.compile(f"(?:[A-Za-z0-9]|[^\\x00-\\x7f{_UNSPACED}{_SIGNS}])+|[{_UNSPACED}]")
_SPACES: Final = bytes(code if chr(code).isalnum() and code < 0x80 else 0x20 for code in range(256))  # noqa: PLR2004

Found = tuple[str, Label, int, tuple[str, ...], int, int]
"""Kind, label, how many it takes, globs of what does not count, start, end."""


class Words:
    """One list. A name of several words is found with any white space or hyphen between them."""

    def __init__(self, spec: WordListSpec) -> None:
        """Sort the names by the word that is looked up first: the longest one, and of those the least used one."""
        self._kind, self._label = f"word_list:{spec.id}", Label(spec.data_class, spec.categories)
        self._exact = spec.case_sensitive
        self._names: dict[str, list[tuple[int, tuple[str, ...], str]]] = {}
        for name in spec.words:
            data = self._prepared(fold(name.strip()))
            words = tuple(_WORD.findall(data))
            if words:
                place = max(range(len(words)), key=lambda number: self._worth(words[number]))
                signs = "" if set(data) <= set(" -") | set("".join(words)) else data
                self._names.setdefault(words[place], []).append((place, words, signs))
        self._plain = {word.encode() for word in self._names if word.isascii()}

    def _worth(self, word: str) -> tuple[int, int]:
        return len(word), -len(self._names.get(word, ()))

    def _prepared(self, text: str) -> str:
        lowered = text if self._exact else text.lower()
        return lowered if len(lowered) == len(text) else text

    def find(self, text: str) -> Iterator[Found]:
        """Yield each name that occurs in a folded text as whole words."""
        data = self._prepared(text)
        if data.isascii() and self._plain.isdisjoint(data.encode().translate(_SPACES).split()):
            return
        found = [(match[0], match.start(), match.end()) for match in _WORD.finditer(data)]
        words = [word for word, _, _ in found]
        for number, word in enumerate(words):
            for place, name, signs in self._names.get(word, ()):
                first = number - place
                if first < 0 or tuple(words[first : first + len(name)]) != name:
                    continue
                start, end = found[first][1], found[first + len(name) - 1][2]
                if signs and signs not in data[max(0, start - 8) : end + 8]:
                    continue
                yield self._kind, self._label, 1, (), start, end
