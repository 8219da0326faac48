"""Secrets that only their name gives away: ``password = "…"``, ``API_KEY: …``."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from functools import lru_cache, partial
from typing import Final

from gateway.sensitivity.finding import LOOK, Extract, Hit, Trigger, remembering, trigger
from gateway.sensitivity.harmless import (
    is_harmless_name,
    is_harmless_value,
    is_name,
    is_name_of_secret,
    is_sealed,
    says_nothing,
)
from gateway.sensitivity.likelihood import Assigned, is_random, is_secret, oddness
from gateway.sensitivity.passwords import PASSWORD, is_password, is_setting
from gateway.sensitivity.placeholder import VARIABLE, entropy, is_placeholder, is_reference
from gateway.sensitivity.told import mixed

_KEYS: Final = (
    "api|access|private|secret|auth|public|ssh|encryption|signing|license|storage|account|master|app|application|client|consumer"
    "|shared|service|user|instance|write|read|admin|session|cipher|crypt|aes|hmac|jwt|subscription|integration|deploy|test|live"
)
_IS_PASSWORD: Final = re.compile(PASSWORD + "|(?:^|[^a-z])pass$|(?:^|[^a-z])pw$", re.IGNORECASE)
_SECRET: Final = (
    rf"secret|token|(?:\b|_|-|\.|{_KEYS})key|credential|auth|bearer|signature|jwt|(?:\b|_)salt|nonce|(?:\b|_)hash|cert|license|login"
    r"|connstr|webhook|nkey|seed|\bpw\b|[ht]otp|_sk\b|(?:\b|_|account)sid\b|(?:\b|_)pass\b|creds|cookie|session"
)
_NAME: Final = rf"(?:{PASSWORD}|{_SECRET})"
_CODED: Final = re.compile(r"(?<=[a-z])_?(?:[bB](?:ase)?64|PEM|Pem|_pem|DER|_der)$")
"""How a key is written, at the end of its name: ``privateKeyB64``."""
_KEY: Final = re.compile(r"[\w.\-\[\]$\x80-\x9f]+$")
_SEPARATED: Final = re.compile(
    r"[=:>~]{0,2}[ \t]{0,40}(?:[A-Za-z_.]{0,20}[(]\s{0,2}|[\[{(]\s{0,8}|new \w{1,20}\(|os\.getenv\([^,)]{0,40},\s?|[rbuf@L](?=[\"']))?(?P<quote>\\?[\"'`]{0,3})"
    r"(?P<hit>(?<=[\"'`])[^\"'`\n]{4,512}|[^\s\"'`,;<>{}|&]{4,512})"
)
_QUOTED: Final = re.compile(r"(?P<quote>[\"'`]{1,2})(?P<hit>[^\"'`\n]{4,512})")
_TAGGED: Final = re.compile(r"(?P<quote>)(?P<hit>[^<>\s]{4,256})(?=</)")
_BESIDE: Final = re.compile(r"(?P<quote>[\"'`]?)(?P<hit>[A-Za-z0-9+/_=.~-]{16,256})(?![\w(])")
_EMPTY: Final = frozenset({'""', "''", "``"})
_ENDS: Final = re.compile(r"(?:password|passwd|pwd|pass|passphrase|pw|kennwort|passwort)\d?$", re.IGNORECASE)
_IN_TAG: Final = re.compile(r"<[A-Za-z][^<>\n]{0,180}\s[\w:.-]{1,40}=[\"']\Z")
_ODD: Final = 5.0
"""Above it the letters of a value are not in an order that words have."""


def _is_word(value: str, after: str) -> bool:
    """Return whether a value without quotes is a word of code, for more of it follows: ``key=lambda each``."""
    if "(" in value or ")" in value or _TYPE.fullmatch(value):
        return True
    plain = len(value) <= _LONGEST_WORD and (value.islower() or value.istitle())
    return value.isalpha() and after == " " and (plain or oddness(value) < _ODD)


_LONGEST_WORD: Final = 12
_NO_GIFT: Final = re.compile(r"::[A-Za-z_]|=~")
"""A class of Perl or C++ follows, or a pattern."""
_TYPE: Final = re.compile(
    r"_?[A-Z][a-z]\w{0,40}(?:Key|Token|Secret|Password|Credentials?|Type)(?:\[\w*\])?|[A-Z][a-z]\w*\[[\w., |]*\]"
)
_ARGUMENT: Final = re.compile(r"[a-z_]+=[\w.]*")


def _is_code(before: str, value: str, after: str) -> bool:
    """Return whether a value without quotes is a variable, a word or argument of code, or put in by a template."""
    argument = before == "(" and _ARGUMENT.fullmatch(value) is not None
    template = before == "{" and after == "}"
    return argument or template or VARIABLE.fullmatch(value) is not None or _is_word(value, after)


def _after(text: str, end: int, name: str) -> str:
    """Return the character after a value; a comment behind an environment's password is the end of its line."""
    after = text[end : end + 1]
    commented = after == " " and _ENVIRONMENT_PASSWORD.fullmatch(name) and _COMMENT.match(text, end)
    return "\n" if commented else after


def _before(text: str, place: int) -> str:
    """Return the name that ends at a place, quotes and brackets aside."""
    head = text[max(0, place - 64) : place].rstrip(" \t\"'`])>,(:=")
    match = _KEY.search(head[head.rfind(" ") + 1 :])
    return _CODED.sub("", match[0]) if match else ""


def _assigned(pattern: "re.Pattern[str]", back: int) -> Extract:
    """Return what looks at what names of one text are given."""
    return partial(_extract, pattern, back, set())


def _extract(pattern: "re.Pattern[str]", back: int, known: set[str], text: str, end: int) -> Hit | int:
    """Look at what a name is given; ``known``: the names that have been seen in this text."""
    name = _before(text, end - 1 - back)
    steps = _NAMED if name in known else LOOK
    known.add(name)
    match = None if says_nothing(name) or _NO_GIFT.match(text, end - 1) else pattern.match(text, end - back)
    if match is None:
        return steps
    value = match["hit"]
    if not match["quote"]:
        value = value.rstrip(".,;:)")
    if len(value) < 4 or value.isspace() or match["quote"] in _EMPTY:  # noqa: PLR2004 -- no secret is as short
        return _MATCHED
    start = match.start("hit")
    after = _after(text, start + len(value), name)
    if after in {"(", "["} or (not match["quote"] and _is_code(text[start - 1 : start], value, after)):
        return _MATCHED
    found = Hit(start, start + len(value), sure=False)
    if _is_password_here(pattern, match, name, text, end, found, after):
        return found
    if pattern is _QUOTED and value.isidentifier() and not any(map(str.isdigit, value)):
        return LOOK
    badge = "badge" in text[max(0, start - 64) : start]
    if badge or is_reference(value) or is_placeholder(value) or _is_harmless(name, value):
        return LOOK + len(value)
    exported = text[end - 1] == "=" and _exported(name, value, after)
    if exported or is_secret(Assigned(name, match["quote"], value, after)):
        return LOOK + len(value) if is_sealed(text, start, value) else found
    return LOOK + len(value)


_NAMED: Final = 3
_MATCHED: Final = 6
"""Steps to see that a name says nothing, and that nothing of a secret's form follows it."""


def _is_password_here(
    pattern: "re.Pattern[str]", match: "re.Match[str]", name: str, text: str, end: int, found: Hit, after: str
) -> bool:
    """Return whether a name that says password is given one."""
    start, value = found.start, text[found.start : found.end]
    literal = pattern is _TAGGED or bool(match["quote"])
    says, ends_so = _is_of_password(name)
    if not says or "(" in text[end:start] or (pattern is _QUOTED and not ends_so) or not value.isascii():
        return False
    if is_harmless_name(name, value) or (not literal and after not in {"", "\n", "\r", ","}):
        return False
    given = is_password(value, literal=pattern is _TAGGED, quoted=literal) or (
        is_password(value, literal=True) and _is_settled(text, start, value, quoted=literal)
    )
    return given and not is_sealed(text, start, value)


@lru_cache(maxsize=1024)
def _is_of_password(name: str) -> tuple[bool, bool]:
    """Return whether a name says that it is a password's, and whether it ends in saying so."""
    says = _IS_PASSWORD.search(name) is not None
    return says, says and _ENDS.search(name) is not None


def _is_settled(text: str, start: int, value: str, *, quoted: bool) -> bool:
    """Return whether a value is where only values are: in an attribute of XML, or among settings."""
    if quoted:
        return _IN_TAG.match(text, max(0, text.rfind("<", max(0, start - 200), start)), start) is not None
    return is_setting(text, start, start + len(value))


def _is_harmless(name: str, value: str) -> bool:
    """Return whether a name or a value is one of those that hold no secret."""
    if is_harmless_name(name, value) or is_harmless_value(value):
        return True
    if is_name_of_secret(name, value):
        return True
    if name.lower() in _BARE and len(value) < _LEAST_BESIDE:
        return True
    if name.lower() == "sid" and value.isalnum():  # of a statement in a policy
        return True
    if len(value) < _LEAST_OF_KEYS and not _is_of_password(name)[0] and value.isalnum():
        return True
    return is_name(value) and (_IS_PASSWORD.search(name) is None or _SAYS_SO.search(value) is not None)


_LEAST_OF_KEYS: Final = 6
_BARE: Final = frozenset(
    {"key", "keys", "seed", "hash", "salt", "nonce", "auth", "login", "session", "license", "cookie"}
)
"""Names that are given to much else: only what is long is looked at."""
_SAYS_SO: Final = re.compile(
    r"passw|secret|token|credential|key|auth|cert|tls|login|user|admin|field|label|input|text|file|conf", re.IGNORECASE
)


_ENVIRONMENT_PASSWORD: Final = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*_(?:PASS|PASSWD|PASSWORD|PWD)")
_ENVIRONMENT_KEY: Final = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET)")
_COMMENT: Final = re.compile(r" {1,8}#")
_WORD: Final = re.compile(r"[A-Za-z0-9!@#%^*+=~-]{6,64}")
_LETTERS: Final = re.compile(r"[A-Za-z-]{16,64}")
_WORDLESS: Final = 4.0
"""Letters of this oddness, at this length, are no words."""


def _exported(name: str, value: str, after: str) -> bool:
    """Return whether an environment variable is set to a password, which may be a word there: code is never like that."""
    if after not in {"", "\n", "\r", " ", "\\", '"', "'"}:
        return False
    if _ENVIRONMENT_PASSWORD.fullmatch(name):
        return _WORD.fullmatch(value) is not None
    return (
        _ENVIRONMENT_KEY.fullmatch(name) is not None
        and _LETTERS.fullmatch(value) is not None
        and oddness(value) >= _WORDLESS
    )


def _beside(text: str, end: int) -> Hit | None:
    """Return what is next to a secret's name without any sign between them, if it is as random as a key."""
    match = _BESIDE.match(text, end - 16)
    if match is None:
        return None
    value = match["hit"].rstrip(".=-")
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    least = _LEAST_JOINED if text[end - 17 : end - 16] == "-" else _LEAST_BESIDE
    if len(value) < least or min(digits, letters) < 3 or entropy(value) < 3 or is_placeholder(value):  # noqa: PLR2004
        return None
    start = match.start("hit")
    if _WORDY.fullmatch(value) or _is_named(text, end - 16, value, start):
        return None
    return Hit(start, start + len(value), sure=False)


def _joined(text: str, end: int) -> Hit | None:
    """Return what is given to a name that ends in one of a key's, whatever it starts with, if it is as random as one."""
    match = _BESIDE.match(text, end - 16)
    if match is None:
        return None
    value = match["hit"].rstrip(".=")
    start = match.start("hit")
    if (
        is_placeholder(value)
        or not is_random(Assigned("key", "", value, ""))
        or _is_named(text, end - 16, value, start)
    ):
        return None
    return Hit(start, start + len(value), sure=False)


_PRINTED: Final = re.compile(r"(?:[0-9A-F]{4} ?){10}|[0-9A-F]{16}|[0-9a-f]{7,12}")
"""Fingerprints of keys, and short hashes."""
_EQUATION: Final = re.compile(r"[a-z_]+[=~].*")


def _is_named(text: str, place: int, value: str, start: int) -> bool:
    """Return whether what stands beside a word is the name of something, a version or a fingerprint."""
    name = _before(text, place)
    return (
        is_harmless_name(name, value)
        or is_harmless_value(value)
        or is_name(value)
        or _PRINTED.fullmatch(value) is not None
        or _EQUATION.fullmatch(value) is not None
        or is_sealed(text, start, value)
    )


_LEAST_BESIDE: Final = 16
_LEAST_JOINED: Final = 24
_WORDY: Final = re.compile(
    r"(?:[A-Za-z]{2,}\d{0,4}[._/-])+[A-Za-z]*\d{0,4}(?:[._-]\d{1,4}){0,4}|[~./]{0,3}[\w.-]+/[\w./-]+"
)
"""Names of many parts and paths, which digits do not make random."""


_BYTES: Final = re.compile(
    r"\s{0,8}(?P<hit>(?:0x[0-9a-fA-F]{2}|\d{1,3})(?:,\s{0,8}(?:0x[0-9a-fA-F]{2}|\d{1,3})){10,511})"
)
_FEWEST_VALUES: Final = 8


def _bytes(text: str, end: int) -> Hit | None:
    """Return the bytes that a secret's name is given one by one, if they are not a row of zeros."""
    match = _BYTES.match(text, end)
    if match is None or len(set(match["hit"].replace(" ", "").split(","))) < _FEWEST_VALUES:
        return None
    return Hit(*match.span("hit"), sure=False)


TRIGGERS: Final[tuple[Trigger, ...]] = (
    trigger(r"@[a-z0-9.-]{3,40}[a-z]{2} [/|:] ", lambda text, end: mixed(text, end - 1), caseless=True),
    trigger(
        rf"{_NAME}[A-Za-z0-9_]*\s*:?=\s*(?:\[\d{{0,3}}\](?:byte|uint8|u8)|new byte\[\]|bytes\()\s*[\[{{]",
        _bytes,
        caseless=True,
    ),
    remembering(rf"{_NAME}[A-Za-z0-9_.\-]*[\"'`\])]*\s*[:=]", partial(_assigned, _SEPARATED, 0), caseless=True),
    remembering(rf"{_NAME}[A-Za-z0-9_.\-]*[\"'`\])]*\s*[,(]\s*[\"'`]", partial(_assigned, _QUOTED, 1), caseless=True),
    remembering(rf"{_NAME}[A-Za-z0-9_.\-]*[\"']\s+value=[\"']", partial(_assigned, _QUOTED, 1), caseless=True),
    remembering(rf"<[A-Za-z0-9_.:\-]*{_NAME}[A-Za-z0-9_.\-]*>[^<\s]", partial(_assigned, _TAGGED, 1), caseless=True),
    trigger(
        r"(?:key|token|secret|password|passwd|auth|sid|credentials?|access|private|api)[ \t-][\"'`]?[A-Za-z0-9+/_=.~-]{16}",
        _beside,
        caseless=True,
    ),
    trigger(
        r"[A-Za-z0-9](?:key|access|private|api|token)[\"']?[ \t]?[:=][ \t]?[\"']?[A-Za-z0-9+/_=.~-]{16}",
        _joined,
        caseless=True,
    ),
)
