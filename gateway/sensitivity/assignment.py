"""Secrets that only their name gives away: ``password = "…"``, ``API_KEY: …``, ``the password is …``."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from functools import lru_cache, partial
from typing import Final

from gateway.sensitivity.finding import Hit, Trigger, trigger
from gateway.sensitivity.harmless import is_harmless_name, is_harmless_value, is_name, is_name_of_secret, is_sealed
from gateway.sensitivity.letters import FOLDS
from gateway.sensitivity.likelihood import Assigned, is_random, is_secret, oddness
from gateway.sensitivity.passwords import is_password, is_setting
from gateway.sensitivity.placeholder import entropy, is_placeholder, is_reference

_FOREIGN: Final = "".join(FOLDS.get(letter, letter) for letter in "|пароль|парол|密码|密碼|口令")
_PASSWORD: Final = (
    "passw|passcode|passphrase|pwd|haslo|contrasena|contrasenya|kennwort|mot[ _]de[ _]passe|senha|parola|wachtwoord|losenord|salasana|heslo|sifre|mat[ _]?khau|kata[ _]?sandi|adgangskode|passord|jelszo|lozinka"
    f"{_FOREIGN}"
)
_KEYS: Final = (
    "api|access|private|secret|auth|public|ssh|encryption|signing|license|storage|account|master|app|application|client|consumer"
    "|shared|service|user|instance|write|read|admin|session|cipher|crypt|aes|hmac|jwt|subscription|integration|deploy|test|live"
)
_SPOKEN: Final = _PASSWORD.removesuffix(_FOREIGN).replace("passw|", "password|passwort|passwd|")
_IS_PASSWORD: Final = re.compile(_PASSWORD + "|(?:^|[^a-z])pass$|(?:^|[^a-z])pw$", re.IGNORECASE)
_SECRET: Final = (
    rf"secret|token|(?:\b|_|-|\.|{_KEYS})key|credential|auth|bearer|signature|jwt|(?:\b|_)salt|nonce|(?:\b|_)hash|cert|license|login"
    r"|connstr|webhook|nkey|seed|\bpw\b|[ht]otp|_sk\b|(?:\b|_|account)sid\b|(?:\b|_)pass\b|creds|cookie|session"
)
_NAME: Final = rf"(?:{_PASSWORD}|{_SECRET})"
_KEY: Final = re.compile(r"[\w.\-\[\]$\x80-\x9f]+$")
_SEPARATED: Final = re.compile(
    r"[=:>~]{0,2}[ \t]{0,40}(?:[A-Za-z_.]{0,20}[(]\s{0,2}|[\[{(]\s{0,8}|new \w{1,20}\(|os\.getenv\([^,)]{0,40},\s?|[rbuf@L](?=[\"']))?(?P<quote>\\?[\"'`]{0,3})"
    r"(?P<hit>(?<=[\"'`])[^\"'`\n]{4,512}|[^\s\"'`,;<>{}|&]{4,512})"
)
_QUOTED: Final = re.compile(r"(?P<quote>[\"'`])(?P<hit>[^\"'`\n]{4,512})")
_TAGGED: Final = re.compile(r"(?P<quote>)(?P<hit>[^<>\s]{4,256})(?=</)")
_BESIDE: Final = re.compile(r"(?P<quote>[\"'`]?)(?P<hit>[A-Za-z0-9+/_=.~-]{16,256})(?![\w(])")
_SAID: Final = re.compile(
    r"(?P<gap>[^\n:=.;\"'`]{0,48}?)(?:(?<![A-Za-z])(?:is|was|will be|set to|to|as|to jest|jest|ist|lautet|war|es|est|é|e|este|sera|era|la|adalah|yaitu|ialah|oldu|olarak|hai)(?![A-Za-z])[ \t:=]{0,3}"
    r"|[:=-]|\u662f|\u4e3a|\u70ba|\u306f|\u304c|\ub294|\uc740|\uac00|\u0647\u064a|\u0647\u0648|(?=[ \t][\"'`]))[ \t:=]{0,3}(?P<quote>[\"'`]?)(?P<hit>[!#-&(-+\--_a-~]{5,64})"
)
_EMPTY: Final = frozenset({'""', "''", "``"})
_ENDS: Final = re.compile(r"(?:password|passwd|pwd|pass|passphrase|pw|kennwort|passwort)\d?$", re.IGNORECASE)
_IN_TAG: Final = re.compile(r"<[A-Za-z][^<>\n]{0,180}\s[\w:.-]{1,40}=[\"']\Z")
_ODD: Final = 5.0
"""Above it the letters of a value are not in an order that words have."""


def _is_word(value: str, after: str) -> bool:
    """Return whether a value without quotes is a word of code, for more of it follows: ``key=lambda each``."""
    if "(" in value or ")" in value:
        return True
    plain = len(value) <= _LONGEST_WORD and (value.islower() or value.istitle())
    return value.isalpha() and after == " " and (plain or oddness(value) < _ODD)


_LONGEST_WORD: Final = 12


_VARIABLE: Final = re.compile(
    r"[A-Za-z_]+(?:(?:\??\.|_|->|::)[A-Za-z_]+)+|[a-z]+[A-Z][A-Za-z]{0,40}|v?\d+(?:\.\d+)+(?:[-@].*)?"
)
"""What code calls a variable, or a version, and nobody a password."""


def _before(text: str, place: int) -> str:
    """Return the name that ends at a place, quotes and brackets aside."""
    head = text[max(0, place - 64) : place].rstrip(" \t\"'`])>,(:=")
    match = _KEY.search(head[head.rfind(" ") + 1 :])
    return match[0] if match else ""


def _extract(pattern: "re.Pattern[str]", back: int, text: str, end: int) -> Hit | None:
    match = pattern.match(text, end - back)
    if match is None:
        return None
    value = match["hit"]
    if not match["quote"]:
        value = value.rstrip(".,;:)")
    if len(value) < 4 or value.isspace():  # noqa: PLR2004 -- no secret is as short
        return None
    start = match.start("hit")
    after = text[start + len(value) : start + len(value) + 1]
    if after in {"(", "["} or (not match["quote"] and (_VARIABLE.fullmatch(value) or _is_word(value, after))):
        return None
    name = _before(text, end - 1 - back)
    literal = pattern is _TAGGED or bool(match["quote"])
    if match["quote"] in _EMPTY:
        return None
    says, ends_so = _is_of_password(name)
    said = says and "(" not in text[end:start] and (pattern is not _QUOTED or ends_so)
    if said and not is_harmless_name(name, value) and not is_sealed(text, start, value):
        ends = after in {"", "\n", "\r"} or (after == "," and not literal)
        if (literal or ends) and value.isascii():
            settled = pattern is _TAGGED
            if is_password(value, literal=settled, quoted=literal):
                return Hit(start, start + len(value), sure=False)
            if not settled and is_password(value, literal=True) and _is_settled(text, start, value, quoted=literal):
                return Hit(start, start + len(value), sure=False)
    if is_reference(value) or is_placeholder(value) or _is_harmless(name, value, text, start):
        return None
    if text[max(0, start - 64) : start].rfind("badge") >= 0:
        return None
    exported = text[end - 1] == "=" and _exported(name, value, after)
    if not exported and not is_secret(Assigned(name, match["quote"], value, after)):
        return None
    return Hit(start, start + len(value), sure=False)


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


def _is_harmless(name: str, value: str, text: str, start: int) -> bool:
    """Return whether a name or a value is one of those that hold no secret."""
    if is_harmless_name(name, value) or is_harmless_value(value) or is_sealed(text, start, value):
        return True
    if is_name_of_secret(name, value):
        return True
    if name.lower() in _BARE and len(value) < _LEAST_BESIDE:
        return True
    return is_name(value) and (_IS_PASSWORD.search(name) is None or _SAYS_SO.search(value) is not None)


_BARE: Final = frozenset({"key", "keys", "seed", "hash", "salt", "nonce", "auth", "login", "session", "license", "cookie"})
"""Names that are given to much else: only what is long is looked at."""
_SAYS_SO: Final = re.compile(r"passw|secret|token|credential|key|auth|cert|tls|login|user|admin|field|label|input|text|file|conf", re.IGNORECASE)


_ENVIRONMENT_PASSWORD: Final = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*_(?:PASS|PASSWD|PASSWORD|PWD)")
_ENVIRONMENT_KEY: Final = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET)")
_WORD: Final = re.compile(r"[A-Za-z0-9!@#%^*+=~-]{6,64}")
_LETTERS: Final = re.compile(r"[A-Za-z]{16,64}")
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


def _prose(text: str, end: int) -> Hit | None:
    """Return the password that a sentence states: it holds a digit or a sign, unlike words."""
    match = _SAID.match(text, end, end + 160)
    verb = text[max(0, end - 4) : end].lower() == "pass"
    if verb and _LISTED.search(text, max(0, end - 8), end):
        return _mixed(text, end)
    if match is not None and verb and (match["gap"].strip() or not _GIVEN.search(text, end, match.start("hit"))):
        return None
    if match is None:
        return None if verb and not _LISTED.search(text, max(0, end - 8), end) else _mixed(text, end)
    value = match["hit"].rstrip(".,;:!?)") if not match["quote"] else match["hit"]
    start = match.start("hit")
    if is_sealed(text, start, value):
        return None
    if not _is_said(value, match["gap"].strip(), quoted=bool(match["quote"])):
        return None if verb else _mixed(text, end)
    return Hit(start, start + len(value), sure=False)


_GIVEN: Final = re.compile(r"[:=]|\b(?:is|was)\b")
_ABOUT: Final = re.compile(
    r"length|policy|polic|hash|file|field|manager|algorithm|must|should|\bmin|\bmax|between|contain|strength|reset|expir|requir|\bnot\b|change|error|version|format|encr|stor|\busing\b|\bif\b|\bwhen\b|type|prompt|protected|\bor\b|than|[@/?&<>{}()\[\]]",
    re.IGNORECASE,
)
"""A sentence about passwords, which states none."""
_TECHNICAL: Final = re.compile(
    r"(?:base64|sha-?\d+|md[45]|utf-?8|pbkdf2|argon2\w*|bcrypt|scrypt|aes-?\d*|rsa-?\d*|oauth2?|https?2?|ipv[46]|x\.?509|s3|ec2|python\d|rc4|des3|ntlmv?2?|[vV]?\d+\+?|\d+-?(?:char|byte|bit|digit|letter|day|hour|minute|symbol|th|st|nd|x)[a-z]*)(?:[-_/.:+]\w*)*",
    re.IGNORECASE,
)
_LEAST_SAID: Final = 6
_INSIDE: Final = re.compile(r"[a-z][A-Z]")
_LISTED: Final = re.compile(r"[/|,;:]\s{0,2}pass\Z", re.IGNORECASE)


def _is_said(value: str, gap: str, *, quoted: bool) -> bool:
    if len(value) < 5 or is_placeholder(value) or _SHELL.fullmatch(value) or set("()[]{}<>") & set(value[1:]):  # noqa: PLR2004
        return False
    if is_harmless_value(value) or _TECHNICAL.fullmatch(value) or (is_name(value) and not value[-2:].isdigit()):
        return False
    if value.isalpha() and _INSIDE.search(value) and oddness(value) >= _ODD:
        return True
    letters, odd = any(map(str.isalpha, value)), set("0123456789!@#$%^*?+_") & set(value)
    if gap:
        return len(value) >= _LEAST_SAID and letters and bool(odd) and _ABOUT.search(gap) is None and not _VARIABLE.fullmatch(value)
    return quoted or (bool(odd) and not _VARIABLE.fullmatch(value))


_SHELL: Final = re.compile(r"\$\{?[A-Za-z_]\w*\}?|%\w+%|[<{(\[].*|[*&][a-z_]+")
_MIXED: Final = re.compile(r"[ \t]{1,4}(?P<hit>[A-Za-z0-9!@#$%^*?+_-]{6,64})(?![A-Za-z0-9!@#$%^*?+/(=-])")
_ENGLISH: Final = re.compile(r"(?:password|passwd|passphrase|passcode|pwd|pass|pin code|\W)\Z", re.IGNORECASE)
_ENOUGH: Final = 2
_SIGNS: Final = frozenset("!@#$%^*?+")


def _mixed(text: str, end: int) -> Hit | None:
    """Return what comes right after the word if it mixes letters, digits and a sign as no word does."""
    match = _MIXED.match(text, end)
    if match is None:
        return None
    value = match["hit"]
    letters, digits = any(map(str.isalpha, value)), sum(map(str.isdigit, value))
    english = _ENGLISH.search(text, max(0, end - 12), end) is not None and text[end : end + 2] != "  "
    mixed = letters and digits and (_SIGNS & set(value[:-1]) or (not english and digits >= _ENOUGH))
    if not mixed or is_placeholder(value) or is_reference(value) or is_harmless_value(value) or _TECHNICAL.fullmatch(value):
        return None
    return Hit(*match.span("hit"), sure=False)


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
    if is_placeholder(value) or not is_random(Assigned("key", "", value, "")) or _is_named(text, end - 16, value, start):
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
        or is_sealed(text, start, value)
        or _PRINTED.fullmatch(value) is not None
        or _EQUATION.fullmatch(value) is not None
    )


_LEAST_BESIDE: Final = 16
_LEAST_JOINED: Final = 24
_WORDY: Final = re.compile(r"(?:[A-Za-z]{2,}\d{0,4}[._/-])+[A-Za-z]*\d{0,4}(?:[._-]\d{1,4}){0,4}|[~./]{0,3}[\w.-]+/[\w./-]+")
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
    trigger(r"@[a-z0-9.-]{3,40}[a-z]{2} [/|:] ", lambda text, end: _mixed(text, end - 1), caseless=True),
    trigger(
        rf"{_NAME}[A-Za-z0-9_]*\s*:?=\s*(?:\[\d{{0,3}}\](?:byte|uint8|u8)|new byte\[\]|bytes\()\s*[\[{{]",
        _bytes,
        caseless=True,
    ),
    trigger(rf"{_NAME}[A-Za-z0-9_.\-]*[\"'`\])]*\s*[:=]", partial(_extract, _SEPARATED, 0), caseless=True),
    trigger(rf"{_NAME}[A-Za-z0-9_.\-]*[\"'`\])]*\s*[,(]\s*[\"'`]", partial(_extract, _QUOTED, 1), caseless=True),
    trigger(rf"{_NAME}[A-Za-z0-9_.\-]*[\"']\s+value=[\"']", partial(_extract, _QUOTED, 1), caseless=True),
    trigger(rf"<[A-Za-z0-9_.:\-]*{_NAME}[A-Za-z0-9_.\-]*>[^<\s]", partial(_extract, _TAGGED, 1), caseless=True),
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
    trigger(rf"\b(?:{_SPOKEN}|pin code|pass)\b", _prose, caseless=True),
    trigger(rf"(?:{_FOREIGN[1:]})", _prose),
)
