"""How likely it is that what a name is given is a secret: a logistic model over how name and value look."""
# ruff: noqa: PLR2004 -- patterns unbroken, and the numbers of a model

import re
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from operator import add, ne
from string import ascii_lowercase, ascii_uppercase
from string import digits as all_digits
from typing import Final, NamedTuple

from gateway.sensitivity.likelihood_weights import BIGRAMS, THRESHOLD, WEIGHTS
from gateway.sensitivity.placeholder import entropy

_STRONG: Final = re.compile(
    r"passw|pwd|passphrase|passcode|secret|api[_-]?key|apikey|access[_-]?key|private[_-]?key|auth[_-]?key|token|credential|haslo|contrasen"
    r"|kennwort|passe|senha|parola|wachtwoord|heslo|signing|encrypt|[\x80-\x9f]",
    re.IGNORECASE,
)
_PASS: Final = re.compile(
    r"passw|pwd|passphrase|haslo|contrasen|kennwort|senha|parola|wachtwoord|heslo|[\x80-\x9f]|_pass$|^pass$",
    re.IGNORECASE,
)
_HASHED: Final = re.compile(
    r"hash|sha\d*$|digest|checksum|integrity|md5|fingerprint|etag|commit|rev|signature|certificate|cert|public|pub|thumbprint",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(
    r"(?:name|file|path|dir|url|uri|endpoint|host|type|length|len|size|count|expir\w*|ttl|timeout|field|label|param|header|prefix|suffix|format|policy|mode"
    r"|enabled|required|algorithm|alg|method|class|provider|manager|service|index|idx|column|attr|map|list|set|version|id|ref|regex|pattern|message|error|text"
    r"|title|description|help|hint|prompt|input|placeholder|keyboard|press|code|frame|word|words|limit|usage|budget|max|min|num|tokens|tokenizer|keys)s?$",
    re.IGNORECASE,
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)*")
_HEX: Final = re.compile(r"[0-9a-f]{16,}|[0-9A-F]{16,}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PLACE: Final = re.compile(
    r"[./~][\w./-]+|\w+(?:/[\w.-]+){2,}|https?:.*|\w+\.(?:json|ya?ml|py|js|ts|go|java|pem|key|txt|crt|conf|env|xml|html?|com|org|io|net)"
)
_KEYS_NAME: Final = re.compile(
    r"(?:key|token|secret|passw\w*|credentials?|api|auth|pat|sid|login|seed|pw|otp|_sk)\d?$", re.IGNORECASE
)
_LONG: Final = 16
_SHORT: Final = 10
_WORDY: Final = re.compile(r"(?:[A-Za-z]{2,}\d{0,4}[._/-])+[A-Za-z]*\d{0,4}|[\w.-]+/[\w./-]+")
"""Names of many parts and paths, which digits do not make random."""
_SAFE: Final = re.compile(r"[A-Za-z0-9+/=_-]+")
_DIGITS, _UPPER, _LOWER = all_digits.encode(), ascii_uppercase.encode(), ascii_lowercase.encode()
_KINDS: Final = bytes(
    next((97 + kind for kind, each in enumerate((_LOWER, _UPPER, _DIGITS)) if code in each), 100) for code in range(256)
)
_EACH_KIND: Final = b"abcd"
_FEWEST: Final = 2
_SOME_KEY: Final = re.compile(r"[a-z]_?key$", re.IGNORECASE)
_CHANGES: Final = 0.4
_JUMBLED_BITS: Final = 3.5
_BRACKETS: Final = frozenset("()[]{}<>")
_TEMPLATE: Final = re.compile(r"\s|\{\w|\$\{|%\(|\\\\|://|==[^=]|\?.*:|[)\]}>]$")


_PAIRS: Final = {
    one + two: int(BIGRAMS[26 * place + other])
    for place, one in enumerate(ascii_lowercase)
    for other, two in enumerate(ascii_lowercase)
}
_LOOKED_AT: Final = 64


@dataclass(frozen=True, slots=True)
class Assigned:
    """A name, and what it is given."""

    name: str
    quote: str
    value: str
    after: str
    """The character after the value."""


def oddness(value: str) -> float:
    """Return how seldom the pairs of letters in a value are in words, from 0 (words) to 9 (none of them is)."""
    letters = value[:_LOOKED_AT].lower()
    seen = [_PAIRS[pair] for pair in map(add, letters, letters[1:]) if pair in _PAIRS]
    return sum(seen) / len(seen) if seen else 4.5


@lru_cache(maxsize=1024)
def _said_by(name: str) -> tuple[bool, bool, bool, bool]:
    """Return whether a name is that of a secret, of a password, of a hash, of something about them."""
    return tuple(each.search(name) is not None for each in (_STRONG, _PASS, _HASHED, _ABOUT))  # type: ignore[return-value]


def features(given: Assigned) -> tuple[float, ...]:
    """Return what the model looks at, in the order of its weights."""
    name, value = given.name, given.value
    quoted, inside = bool(given.quote), " " not in value
    counts = _Counts.of(value)
    strong, password, hashed, about = _said_by(name)
    odd, word = oddness(value), _IDENTIFIER.fullmatch(value) is not None
    return (
        1.0,
        float(strong),
        float(password),
        float(hashed),
        float(about),
        float(quoted),
        float(given.after in {"(", "["}),
        float(given.after in {"", "\n", '"', "'", " "}),
        *_size(counts),
        float(not inside),
        float("." in value and not value.replace(".", "").isdigit()),
        float(set("(){}[];") & set(value) != set()),
        float("::" in value or "->" in value),
        float(word),
        float(word and counts.digits == 0),
        float(word and counts.digits == 0) * odd,
        float(word and not given.quote),
        *(float(form.fullmatch(value) is not None) for form in (_HEX, _UUID, _PLACE, _SAFE)),
        float(_STRONG.search(value) is not None),
        float(counts.digits == counts.size),
        odd,
        odd * float(quoted),
        odd * float(strong),
        float(name.isupper()),
        float(not name),
        float("_" in value and word),
        float(password and quoted and inside),
        float(strong and counts.size >= 16 and counts.digits > 1 and inside),
    )


class _Counts(NamedTuple):
    """What a value is made of: numbers of characters, and its entropy in bits a character."""

    size: int
    digits: int
    upper: int
    lower: int
    bits: float

    @classmethod
    def of(cls, value: str) -> "_Counts":
        plain, size = value.encode("latin-1", "replace"), len(value)
        digits, upper, lower = (size - len(plain.translate(None, each)) for each in (_DIGITS, _UPPER, _LOWER))
        return cls(size, digits, upper, lower, entropy(value))


def _size(counts: _Counts) -> tuple[float, ...]:
    """Return the features of a value's size and of the kinds of its characters."""
    size, digits, upper, lower, bits = counts
    signs = size - digits - upper - lower
    return (
        min(size, 64) / 16,
        float(size < 8),
        float(8 <= size < 16),
        float(size >= 20),
        float(size > 100),
        bits,
        float(bits > 3.5),
        digits / size,
        float(digits == 0),
        float(digits > 1 and upper > 1 and lower > 1),
        float((digits > 0) + (upper > 0) + (lower > 0) + (signs > 0)),
        signs / size,
    )


def is_secret(given: Assigned) -> bool:
    """Return whether a value is likely to be a secret: by the model, or as random as a key under a key's name."""
    strong, _, hashed, _ = _said_by(given.name)
    if hashed and not strong:
        return False
    if likelihood(given) >= THRESHOLD:
        return True
    return _KEYS_NAME.search(given.name) is not None and (is_random(given) or is_jumbled(given))


def is_jumbled(given: Assigned) -> bool:
    """Return whether small letters, capitals, digits and signs follow each other as if drawn by lot.

    Words, names of code, paths and numbers keep to one kind for a while; keys do not, whatever signs they have.
    """
    value = given.value
    if len(value) < _LONG or not value.isascii() or (not given.quote and _BRACKETS & set(value)):
        return False
    kinds = value.encode().translate(_KINDS)
    some = sorted(map(kinds.count, _EACH_KIND), reverse=True)
    said = _STRONG.search(given.name) is not None or _SOME_KEY.search(given.name) is not None
    least = _FEWEST if said else _FEWEST + 1
    if some[2] < least or kinds.count(_EACH_KIND[0]) < least or _TEMPLATE.search(value) is not None:
        return False
    changes = sum(map(ne, kinds, kinds[1:]))
    return changes >= _CHANGES * (len(value) - 1) and entropy(value) >= _JUMBLED_BITS and not _UUID.fullmatch(value)


def is_random(given: Assigned) -> bool:
    """Return whether a value is long and without order, and no hash by its name."""
    value = given.value
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    least = _SHORT if _STRONG.search(given.name) else _LONG
    if len(value) < least or min(digits, letters) < 3 or _SAFE.fullmatch(value) is None or entropy(value) < 2.8:
        return False
    if _UUID.fullmatch(value):
        return _STRONG.search(given.name) is not None
    return _HASHED.search(given.name) is None and not _WORDY.fullmatch(value)


def likelihood(given: Assigned) -> float:
    """Return the probability that the model gives."""
    score = sum(weight * feature for weight, feature in zip(WEIGHTS, features(given), strict=True))
    return 1 / (1 + exp(-max(-30.0, min(30.0, score))))
