"""Private keys, tokens of vendors, credentials in addresses and commands, and what is assigned to a secret's name."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from base64 import b64decode, urlsafe_b64decode
from binascii import Error
from functools import partial
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.patterns.pattern import Pattern
from gateway.sensitivity import assignment, passwords, shapes, told
from gateway.sensitivity.finding import Extract, Hit, Trigger, anchored, trigger
from gateway.sensitivity.harmless import is_harmless_value
from gateway.sensitivity.passwords import is_password
from gateway.sensitivity.placeholder import entropy, is_placeholder, is_reference
from gateway.sensitivity.published_tokens import PUBLISHED
from gateway.sensitivity.tokens import TOKENS

_SEEN: Final = 20
"""So much of a token's body is in the trigger."""
_PEM: Final = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,20000}-----END [A-Z ]{0,40}-----)?"
)
_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]{10,})?")
_USERINFO: Final = re.compile(r"://(?P<user>[^\s/:@\"'<>]*):(?P<hit>[^\s/\"'<>]+)@(?P<host>[^\s/:\"'<>,@]*)")
_BASIC: Final = re.compile(r"basic\s{1,3}(?P<hit>[A-Za-z0-9+/_-]{8,}={0,2})", re.IGNORECASE)
_BEARER: Final = re.compile(r"bearer\s{1,3}(?P<hit>[A-Za-z0-9+/_.~-]{16,}={0,2})", re.IGNORECASE)
_CURL: Final = re.compile(r"(?:-u|--user|--proxy-user)[ =]?[\"']?(?P<user>[\w.@+-]{1,64}):(?P<hit>[^\s\"']{3,128})")
_FLAG: Final = re.compile(
    r"(?:--?(?:\w{0,20}[-_])?(?:password|passwd|pass|pwd|token|secret|api-key|apikey|access-key)[ =]|sshpass -p ?)[\"']?(?P<hit>[^\s\"'\\]{6,128})"
)
_MYSQL: Final = re.compile(r"-p[\"']?(?P<hit>[^\s\"'-]\S{5,64})")
_NAME: Final = re.compile(r"[A-Z_]+|[a-z]+(?:[-_.][a-z]+)*")
"""What manuals write for a value: ``--password PASSWORD``."""
_CAPITALS: Final = re.compile(r"[A-Z]+(?:_[A-Z]+)+")
"""What manuals write in an address: ``USER_NAME:ACCESS_KEY@HOST``."""
_LOCAL: Final = re.compile(
    r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host|hostname|server|example\.\w+|.*\.example(?:\.\w+)?|db|postgres|mysql|redis|mongo|rabbitmq)",
    re.IGNORECASE,
)


class Secret:
    """PEM private keys, JWTs, keys of many vendors, connection strings, basic auth, passwords in prose and config."""

    kind = "secret"
    data_class = DataClass.RESTRICTED
    likely_class = DataClass.RESTRICTED
    categories = frozenset({Category.SECRET})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers."""
        self.triggers: tuple[Trigger, ...] = (
            *(_token(*row) for row in TOKENS),
            trigger(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY", _pem),
            trigger(r"PuTTY-User-Key-File-[23]:", lambda _text, end: Hit(end - 22, end)),
            trigger(r"\beyJ[A-Za-z0-9_-]{10}", _jwt),
            trigger(r"://[^\s/:@\"'<>]*:[^\s/\"'<>@]+@", _userinfo),
            trigger(r"://[^\s/:@\"'<>]{1,64}:[^\s\"'<>@/]{1,64}/[^\s\"'<>@]{0,64}@[A-Za-z0-9]", _slashed),
            trigger(r"\bbasic\s[A-Za-z0-9+/_-]{8}", _basic, caseless=True),
            trigger(r"\bbearer\s[A-Za-z0-9+/_.~-]{16}", _bearer, caseless=True),
            trigger(r"\s(?:-u|--user|--proxy-user)[ =]?[\"']?[\w.@+-]+:[^\s/]", _curl),
            trigger(
                r"\s--?(?:\w+[-_])*(?:password|passwd|pass|pwd|token|secret|api-key|apikey|access-key)[ =][\"']?[^\s\"'$<{\[-]",
                _flag,
            ),
            trigger(r"\$krb5(?:asrep|tgs|pa)\$\d", anchored(_KERBEROS, 12)),
            trigger(r"\$2[abxy]\$\d\d\$", anchored(_BCRYPT, 7)),
            trigger(r"\b[0-9a-f]{32}-us\d", anchored(_MAILCHIMP, 36)),
            trigger(r"b64encode\(b?[\"'][^\"':\s]*:[^\"'\s]", _pair),
            trigger(r"\bSSWS\s[A-Za-z0-9_-]{20}", anchored(_SSWS, 25)),
            trigger(r"\bsshpass -p ?[\"']?[^\s$]", _flag),
            trigger(r"\b(?:mysql|mysqldump|mysqladmin)[ \t](?:[^\n|;]*[ \t])?-p[\"']?[^\s\"'$<{-]", _mysql),
            trigger(r"\bPIN(?: (?:code|number|no))?(?: (?:is|was))?[ :=]{1,2}[\"']?[0-9]{4}\b", _code),
            trigger(
                r"\b(?:access|entry|door|gate|alarm|unlock) code(?: is| was)?[ :=]{1,2}[\"']?[0-9]{4,8}\b",
                _code,
                caseless=True,
            ),
            *assignment.TRIGGERS,
            *passwords.TRIGGERS,
            *shapes.TRIGGERS,
            *told.TRIGGERS,
        )


def _token(prefix: str, alphabet: str, least: int, most: int) -> Trigger:
    shape = re.compile(rf"{prefix}[{alphabet}]{{{least},{most or ''}}}" + (rf"(?![{alphabet}])" if most else ""))
    seen = min(least, _SEEN)
    return Trigger(Pattern(rf"(?:\b|_){prefix}[{alphabet}]{{{seen}}}"), partial(_shaped, shape, width(prefix) + seen))


def width(prefix: str) -> int:
    """Return how long a prefix is."""
    plain = re.sub(r"\[[^\]]*\](?:\{(\d+)\})?", lambda match: "x" * int(match[1] or 1), prefix)
    return len(re.sub(r"\(\?:([^|)]*)[^)]*\)", r"\1", plain).replace("\\", ""))


_DOUBTFUL: Final = ("s.", "b.", "r.", "sk-", "fw_", "pa-", "EAA", "AQ.", "AQE", "MI", "MH", "1//", "S", "vc", "re_")
"""Prefixes that other text may start with: the rest must mix digits with small and capital letters."""
_VENDORS_OWN: Final = ("sk-ant-", "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-", "sk-lf-")
"""Longer prefixes that only a vendor's keys have: one key in thirty ends in twenty characters without a digit."""


def _is_mixed(value: str) -> bool:
    if not any(map(str.isdigit, value[3:])):
        return False
    if value.startswith("sk-") and len(value.split("-")) > 3:  # noqa: PLR2004 -- names of CSS classes
        return sum(map(str.isdigit, value)) > 2 and any(map(str.isupper, value))  # noqa: PLR2004
    if value[0] in "SM":
        return True
    return any(map(str.islower, value[3:])) and (any(map(str.isupper, value[3:])) or value.startswith("sk-"))


def _shaped(shape: "re.Pattern[str]", back: int, text: str, end: int) -> Hit | None:
    match = shape.match(text, end - back)
    if match is None:
        return None
    value = match[0]
    body = value[-20:]
    if value.startswith(_VENDORS_OWN):
        doubtful = not any(sign.isdigit() or sign.isupper() for sign in value[7:])  # a name of a CSS class
    else:
        doubtful = value.startswith(_DOUBTFUL) and not _is_mixed(value)
    if doubtful:
        return None
    if len(set(value[5:])) < 5 or "EXAMPLE" in value or (is_placeholder(body) and entropy(body) < 3):  # noqa: PLR2004
        return None
    return Hit(*match.span())


_KERBEROS: Final = re.compile(r".{0,4}?(?P<hit>\$krb5(?:asrep|tgs|pa)\$\d{1,2}\$\S{32,})")
_BCRYPT: Final = re.compile(r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}")
_MAILCHIMP: Final = re.compile(r"[0-9a-f]{32}-us\d{1,2}\b")
_SSWS: Final = re.compile(r"SSWS\s(?P<hit>[A-Za-z0-9_-]{20,})")
_PAIR: Final = re.compile(r"b64encode\(b?(?P<quote>[\"'])(?P<hit>[^\"':\s]{2,64}:[^\"'\s]{4,128})(?P=quote)")


def _pair(text: str, end: int) -> Hit | None:
    """Return user and password of basic authentication that code is about to encode."""
    match = _PAIR.match(text, max(0, text.rfind("b64encode", max(0, end - 96), end)))
    if match is None or is_placeholder(match["hit"].partition(":")[2]) or set("{}$%<>") & set(match["hit"]):
        return None
    return Hit(*match.span("hit"))


def _code(text: str, end: int) -> Hit | None:
    """Return the digits of a PIN or of a door's code, unless they are a part of more."""
    start = end
    while text[start - 1].isdigit():
        start -= 1
    return None if text[end : end + 1] == "." and text[end + 1 : end + 2].isdigit() else Hit(start, end)


def _pem(text: str, end: int) -> Hit | None:
    start = text.rfind("-----BEGIN", max(0, end - 64), end)
    match = _PEM.match(text, start)
    doubtful = match is None or "..." in match[0][:200] or "XXXXXXXX" in match[0][:200]
    return None if match is None or doubtful else Hit(*match.span())


def _jwt(text: str, end: int) -> Hit | None:
    match = _JWT.match(text, end - 13)
    if match is None:
        return None
    head = match[0].partition(".")[0]
    try:
        opened = urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except (Error, ValueError):
        return None
    return Hit(*match.span()) if b'"' in opened else None


def _userinfo(text: str, end: int) -> Hit | None:
    start = text.rfind("://", max(0, end - 400), end)
    match = _USERINFO.match(text, start) if start >= 0 else None
    if match is None:
        return None
    value = match["hit"]
    said = "passw" in value.lower() or "passphrase" in value.lower()
    if (
        said
        or is_reference(value)
        or _CAPITALS.fullmatch(value)
        or is_placeholder(value)
        or set(value) <= set("*x.")
        or "..." in value
    ):
        return None
    if _LOCAL.fullmatch(match["host"]) and (value.lower() == match["user"].lower() or len(value) < 5):  # noqa: PLR2004
        return None
    return Hit(*match.span("hit"))


_SLASHED: Final = re.compile(
    r"://(?P<user>[^\s/:@\"'<>]{1,64}):(?P<hit>[^\s\"'<>@/]{1,64}/[^\s\"'<>@]{0,64})@(?P<host>[\w.-]{3,253})(?=[:/\s\"']|$)"
)
_PORT: Final = re.compile(r"\d{1,5}/")


def _slashed(text: str, end: int) -> Hit | None:
    """Return a password with a slash in an address; what looks like a port and a path is none."""
    start = text.rfind("://", max(0, end - 200), end)
    match = _SLASHED.match(text, start) if start >= 0 else None
    if match is None or _PORT.match(match["hit"]) or is_placeholder(match["hit"]) or match["hit"][0] in "{$<%":
        return None
    return Hit(*match.span("hit"))


def _basic(text: str, end: int) -> Hit | None:
    match = _BASIC.match(text, end - 14)
    if match is None:
        return None
    value = match["hit"]
    try:
        opened = b64decode(value + "=" * (-len(value) % 4))
    except (Error, ValueError):
        return None
    return Hit(*match.span("hit")) if b":" in opened and opened.isascii() and value not in PUBLISHED else None


def _bearer(text: str, end: int) -> Hit | None:
    match = _BEARER.match(text, end - 23)
    if match is None or not any(map(str.isdigit, match["hit"])) or is_placeholder(match["hit"]):
        return None
    return Hit(*match.span("hit")) if entropy(match["hit"]) > 3 else None  # noqa: PLR2004


def _is_given(pattern: "re.Pattern[str]", value: str, *, sshpass: bool) -> bool:
    """Return whether what a command is given is a password or token, not a word or the name of one."""
    if pattern is not _FLAG or sshpass:
        return is_password(value, literal=True)
    if _NAME.fullmatch(value) or is_placeholder(value):
        return False
    return not (is_reference(value) or is_harmless_value(value)) or (
        value[0] != "$" and is_password(value, literal=True)
    )


_OPTION: Final = re.compile("-|sshpass")


def _command(pattern: "re.Pattern[str]", back: int, text: str, end: int) -> Hit | None:
    for seen in _OPTION.finditer(text, max(0, end - back), end + len("sshpass")):
        if seen.start() < end:
            match = pattern.match(text, seen.start())
            if match is not None and match.end() >= end:
                value = match["hit"].rstrip(".,;:)")
                first = match.start("hit")
                good = _is_given(pattern, value, sshpass="sshpass" in text[max(0, first - 14) : first])
                return Hit(first, first + len(value)) if good else None
    return None


_curl: Final[Extract] = partial(_command, _CURL, 80)
_flag: Final[Extract] = partial(_command, _FLAG, 48)
_mysql: Final[Extract] = partial(_command, _MYSQL, 5)
