"""Which placeholder stands for which value: reversible masking's only memory, which lives as long as one request.

A placeholder is a keyed hash of team, kind and value, so that the same value gets the same placeholder in every request
of a team although nothing is kept between them: prompts that are shared stay equal, and a vendor's cache of them holds.
No two teams share one, and nobody can compute a value's placeholder. It is made of letters, digits and underscores, of
one length a kind: no JSON escape touches it and none begins another.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.sensitivity.written import At, as_json, written

PREFIX: Final = "MASKED"
_HEX: Final = 12
_NOT_A_WORD: Final = re.compile(r"[^A-Z0-9]+")
PLACEHOLDER: Final = re.compile(rf"{PREFIX}_[A-Z0-9_]+_[0-9a-f]{{{_HEX}}}")
BEGUN: Final = re.compile(rf"{PREFIX}_[A-Z0-9_]+_[0-9a-f]{{0,{_HEX}}}")
"""A placeholder, or as much of one as stands where an answer was cut off."""
_BREAK: Final = r"[ \t\r\n\\]"
_BREAK_IN_JSON: Final = r"(?:\\[nrt\\]|[ \t\r\n])"
_MOST_BREAKS: Final = 3
_GAP: Final = r"[\s_\-]{1,3}"


class Reader:
    """Finds placeholders in texts of one kind, whole and begun.

    Models wrap lines and escape underscores. So a placeholder may be broken by white space and backslashes, at most
    three between two of its characters; it is one if what is left without them is one of this request.
    """

    __slots__ = ("_breaks", "_gaps", "_starts", "longest", "pattern", "places", "values")

    def __init__(self, values: Mapping[str, "str | Forms"], gap: str) -> None:
        """Take placeholder → what is written for it, and what may break one."""
        words = sorted({name[: -_HEX - 1] for name in values}, key=len, reverse=True)
        heads = {word[:length] for word in words for length in range(1, len(word) + 1)}
        tails = {name[:length] for name in values for length in range(len(name) - _HEX, len(name))}
        broken = f"{gap}{{0,{_MOST_BREAKS}}}"
        spelled = [broken.join(re.escape(letter) for letter in word) for word in words]
        tail = f"{broken}_" + f"{broken}[0-9a-f]" * _HEX
        self.values = values
        self.places = any(not isinstance(value, str) for value in values.values())
        """Whether it depends on the place how one of them is written."""
        self.pattern = re.compile(f"(?:{'|'.join(spelled)}){tail}" if words else r"(?!)")
        self.longest = max(map(len, values), default=1) * (1 + 2 * _MOST_BREAKS)
        self._starts = frozenset(heads | tails)
        self._breaks = re.compile(gap)
        self._gaps = re.compile(f"{gap}{{{_MOST_BREAKS + 1},}}")

    def value(self, found: str) -> "str | Forms | None":
        """Return what is written for a placeholder that was found, broken or not; None if it is none of ours."""
        return self.values.get(found) or self.values.get(self._breaks.sub("", found))

    def begins(self, text: str) -> bool:
        """Return whether a text may be the beginning of a placeholder."""
        if text in self._starts:
            return True
        plain = self._breaks.sub("", text).rstrip("\\")
        return plain in self._starts and self._gaps.search(text) is None


Forms = Mapping[At, str]
"""How a value is written, by kind of place."""


@dataclass(frozen=True, slots=True)
class Readers:
    """What finds placeholders in the texts of an answer."""

    count: int
    plain: "Reader"
    in_json: "Reader"
    """For texts that are JSON: values are written as inside of a JSON string."""

    @classmethod
    def of(cls, values: Mapping[str, str], seen: Mapping[str, Forms]) -> "Readers":
        """Make them for these placeholders; ``seen``: how each value was written in the request."""
        plain = {name: _forms(value, seen.get(name, {})) for name, value in values.items()}
        escaped = {
            name: as_json(value) if isinstance(value, str) else {at: as_json(form) for at, form in value.items()}
            for name, value in plain.items()
        }
        return cls(len(values), Reader(plain, _BREAK), Reader(escaped, _BREAK_IN_JSON))


def _forms(value: str, seen: Forms) -> str | Forms:
    """Return how a value is written; by kind of place if that makes a difference."""
    if not seen:
        return value
    forms = {at: written(value, seen, at) for at in At}
    return value if set(forms.values()) == {value} else forms


class Vault:
    """The placeholders of one request. Never shared between requests: another's value must not come back."""

    def __init__(self, secret: bytes, team: str, prompt: str = "") -> None:
        """Start empty.

        Args:
            secret: what placeholders are keyed with.
            team: the same value has the same placeholder within it, and another one elsewhere.
            prompt: the request, whose own strings that look like placeholders are not counted as mangled ones.
        """
        self._secret = secret[:64]
        self._team = team
        self._quoted = frozenset(PLACEHOLDER.findall(prompt)) if PREFIX in prompt else frozenset()
        self._placeholders: dict[tuple[str, str, str], str] = {}
        self._values: dict[str, str] = {}
        self._words: set[str] = set()
        self._seen: dict[str, dict[At, str]] = {}
        self._readers: Readers | None = None
        self._withheld: Counter[str] = Counter()
        self.unknown = 0
        """Strings in the answer that look like placeholders and are none."""

    @property
    def values(self) -> Mapping[str, str]:
        """Placeholder → value."""
        return self._values

    def kinds(self) -> list[tuple[str, int]]:
        """Return how many different values of each kind are masked, and how many parts are withheld, sorted."""
        return sorted((Counter(kind for kind, *_ in self._placeholders) + self._withheld).items())

    def withhold(self, kind: str) -> None:
        """Note that a part of a message, a picture say, was replaced by a text."""
        self._withheld[kind] += 1

    def placeholder(self, kind: str, value: str, form: str = "") -> str:
        """Return the placeholder of a value, the same for the same value.

        ``form``: it is written in this way, and in another one at a place of the same kind: each comes back as it was.
        """
        known = self._placeholders.get((kind, value, form))
        if known is not None:
            return known
        word = _word(kind)
        number = 0
        while True:
            said = "\x1f".join((self._team, kind, value, str(number), *([form] if form else [])))
            digest = hashlib.blake2b(said.encode(), key=self._secret, digest_size=_HEX // 2).hexdigest()
            placeholder = f"{PREFIX}_{word}_{digest}"
            if self._is_free(placeholder):
                break
            number += 1
        self._words.add(placeholder[: -_HEX - 1])
        self._placeholders[kind, value, form] = placeholder
        self._values[placeholder] = value
        return placeholder

    def see(self, placeholder: str, at: At, form: str) -> bool:
        """Note how a value is written at a kind of place; False if it is written in another way there already."""
        return self._seen.setdefault(placeholder, {}).setdefault(at, form) == form

    def _is_free(self, placeholder: str) -> bool:
        """Return whether no other placeholder equals, begins or continues it: pieces would be ambiguous.

        Placeholders of one kind are of one length; those of another can only begin so if its word does.
        """
        if placeholder in self._values:
            return False
        word = placeholder[: -_HEX - 1]
        near = [one for one in self._words if one != word and (one.startswith(word) or word.startswith(one))]
        return not near or not any(
            placeholder.startswith(other) or other.startswith(placeholder) for other in self._values
        )

    def note_unknown(self, text: str) -> None:
        """Count strings that look like placeholders but are not ours: reported, never guessed."""
        if PREFIX not in text.upper():
            return
        ours = self._values.keys() | self._quoted
        self.unknown += sum(match not in ours for match in self._nearly().findall(text))

    def _nearly(self) -> re.Pattern[str]:
        """Return what finds placeholders as models mangle them: other case, spaces, a digit more or less."""
        kinds = sorted({_word(kind) for kind, *_ in self._placeholders})
        words = "|".join(_GAP.join(map(re.escape, word.split("_"))) for word in kinds)
        return re.compile(
            rf"(?<![A-Za-z0-9]){PREFIX}{_GAP}(?:{words}){_GAP}[0-9a-f]{{8,14}}(?![0-9a-z])", re.IGNORECASE
        )

    @property
    def readers(self) -> Readers:
        """What finds the placeholders in an answer; made once, when the request is masked."""
        if self._readers is None or self._readers.count != len(self._values):
            self._readers = Readers.of(self._values, self._seen)
        return self._readers

    def wipe(self) -> None:
        """Forget every value."""
        self._placeholders.clear()
        self._values.clear()
        self._seen.clear()
        self._readers = None


def _word(kind: str) -> str:
    """Return a detector's kind as it is written in placeholders."""
    return _NOT_A_WORD.sub("_", kind.upper())
