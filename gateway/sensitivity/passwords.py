"""Passwords where nothing else can stand: lines of configuration, commands, connection strings, SQL, logins in code."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from functools import partial
from typing import Final

from gateway.sensitivity.finding import Hit, Trigger, trigger
from gateway.sensitivity.harmless import is_harmless_value, is_name, is_technical, is_translated
from gateway.sensitivity.letters import FOLDS
from gateway.sensitivity.placeholder import is_placeholder

FOREIGN: Final = "".join(FOLDS.get(letter, letter) for letter in "|пароль|парол|密码|密碼|口令")
PASSWORD: Final = (
    "passw|passcode|passphrase|pwd|haslo|contrasena|contrasenya|kennwort|mot[ _]de[ _]passe|senha|parola|wachtwoord|losenord|salasana|heslo|sifre|mat[ _]?khau|kata[ _]?sandi|adgangskode|passord|jelszo|lozinka"
    f"{FOREIGN}"
)
"""Words that say password, in the languages that patterns can see."""
_LEAST: Final = 4
_LEAST_LETTERS: Final = 6
_VARIABLE: Final = re.compile(
    r"\$\{.*|\$\(.*|\$[A-Za-z_][\w.:]*(?:\[.*)?|\{\{.*|\{[\w.]*\}|%\w+%|%[sdr]|%\(.*|<[^>]*>|@[\w.-]+@|\*+|x+|X+|\[[^\]]*\]|&(?:amp|lt|quot);.*|!(?:vault|ref|sub|getatt|secret|env).*",
    re.IGNORECASE,
)
"""What stands for a value: a variable of a shell, a template or a manual."""
_SAYS_SO: Final = re.compile(
    r"passw|secret|credential|(?:^|[_.-])(?:token|auth|login|fields?|label|input|prompt|config|here|example|text|form)(?:$|[_.-])"
    r"|^(?:null|none|nil|true|false|undefined|yes|no|required|optional|string|str|SecretStr|_?[A-Za-z]*(?:String|Type|Field))$|environ|getenv|_PASS$|_PWD$"
    r"|^(?:self|this|req|request|options|config|settings|params|args|user|data|props|form|body)\.",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*[(\[]|[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+$|lambda\b|new\b|await\b"
)
_TYPE: Final = re.compile(r"[A-Z][a-z]+\[[A-Za-z_., |]*\]")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]{1,16}")
_SIGNS: Final = frozenset("!@#$%^&*?+=~")


def is_password(value: str, *, literal: bool, quoted: bool = False) -> bool:
    """Return whether a value under the name of a password is one.

    ``literal``: what stands there can only be a value, as in a file of settings; else it may be a name of code, or
    words of a user interface if it is ``quoted``.
    """
    if len(value) < _LEAST or " " in value or not value.isprintable():
        return False
    if _stands_for_one(value) or (_CODE.match(value) and (not literal or "(" in value)):
        return False
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    if digits and letters + len(_SIGNS & set(value)) > 0:
        return literal or digits > 1 or len(_SIGNS & set(value)) > 0
    if letters and _SIGNS & set(value):
        return literal or len(value) >= _LEAST_LETTERS
    if is_harmless_value(value):
        return False
    if not literal:
        return quoted and value.count("-") > 1
    return len(value) >= _LEAST_LETTERS and (
        letters == len(value) or not is_name(value) or value.count("-") > 1 or "_" in value
    )


def _stands_for_one(value: str) -> bool:
    """Return whether a value is a variable, a word about passwords, or a number of code."""
    said = (
        _VARIABLE.fullmatch(value) or _TYPE.fullmatch(value) or _SAYS_SO.search(value) or _HEXADECIMAL.fullmatch(value)
    )
    return said is not None or is_placeholder(value) or is_translated(value) or is_technical(value) or value[-1] in ":("


_BESIDE: Final = re.compile(
    r"(?:^|\n)[ \t]*[\"']?[\w.-]{0,24}(?:user|username|login|host|hostname|server|port|url|uri|database|db|dbname|schema|email|account|driver)[\"']?[ \t]*[:=][ \t]*[\w.\"'/:@+-]+[ \t]*,?(?=\r?\n|$)",
    re.IGNORECASE,
)
_AROUND: Final = 160


def is_setting(text: str, start: int, end: int) -> bool:
    """Return whether a line is among those that say where to log in, each with one plain value."""
    return _BESIDE.search(text, max(0, start - _AROUND), min(len(text), end + _AROUND)) is not None


def _given(pattern: "re.Pattern[str]", word: str, back: int, text: str, end: int) -> Hit | None:
    """Return the value that a pattern finds from the last ``word`` before a trigger's end on."""
    first = max(0, end - back)
    start = text[first:end].lower().rfind(word)
    match = pattern.match(text, first + start) if start >= 0 else None
    return _hit(match)


def _hit(match: "re.Match[str] | None", *, sure: bool = True) -> Hit | None:
    if match is None or not is_password(match["hit"], literal=True):
        return None
    return Hit(*match.span("hit"), sure=sure)


_NAMES: Final = r"(?:password|passwd|passphrase|passwort|kennwort|pwd|pass|pw)"
_SET: Final = re.compile(
    r"(?:^|(?<=\n))[ \t]*(?:(?:export|set|env|setx|-e|--env|-|\$env:)[ \t]*)?(?P<name>[A-Za-z_][\w.\-]*)=[ \t]*(?:(?P<quote>[\"'])(?P<quoted>[^\"'\n]{3,128})(?P=quote)|(?P<bare>[^\s\"'`][^\s\"'`]{2,127}))[ \t]*(?=\r?\n|$|\\|\#)",
    re.IGNORECASE,
)


def _line(text: str, end: int) -> Hit | None:
    """Return what a line of a file of settings gives to a password's name."""
    match = _SET.match(text, text.rfind("\n", max(0, end - 160), end) + 1)
    if match is None or match.start("name") >= end or match.end("name") < end - 2:
        return None
    group = "quoted" if match["quoted"] else "bare"
    value = match[group]
    indented = text[match.start()] in " \t"
    if value[-1] in ",;" or not is_password(value, literal=not (indented and group == "bare" and value.isidentifier())):
        return None
    return Hit(*match.span(group), sure=False)


_CONNECTION: Final = re.compile(rf"{_NAMES}\s?=\s?(?P<hit>[^;\"'&\s]{{3,128}})", re.IGNORECASE)
_IDENTIFIED: Final = re.compile(
    r"identified(?:\s+with\s+[\w'\"]{1,40})?\s+(?:by|as)\s+(?:password\s+|values\s+)?[\"'`]?(?P<hit>[^\s\"'`;]{3,128})",
    re.IGNORECASE,
)
_SQL: Final = re.compile(
    r"password(?:\s+for\s+\S{1,64})?\s*=?\s*(?:N|E|password\()?'(?P<hit>[^'\n]{3,128})'", re.IGNORECASE
)
_MACHINE: Final = re.compile(
    r"machine\s+\S{1,128}\s+(?:(?:login|user|account)\s+\S{1,128}\s+){0,2}passw(?:or)?d\s+[\"']?(?P<hit>[^\s\"']{3,128})",
    re.IGNORECASE,
)
_PGPASS: Final = re.compile(r"(?:54\d\d|6432|6543|25060):[\w*-]{1,64}:[\w.@*-]{1,64}:(?P<hit>[^\s:]{4,128})(?=\s|$)")
_LOGIN: Final = re.compile(r"-p[ =]?[\"']?(?P<hit>[^\s\"'-][^\s\"']{3,127})", re.IGNORECASE)
_SLASH: Final = re.compile(r"/p(?:ass(?:word)?)?[ :]\s?[\"']?(?P<hit>[^\s\"'/][^\s\"']{3,127})", re.IGNORECASE)
_PASSIN: Final = re.compile(r"pass:[\"']?(?P<hit>[^\s\"']{4,128})")
_OPTION: Final = re.compile(r"-(?:Password|Passwd|Token|ApiKey|AccessKey|Secret)[ :][\"']?(?P<hit>[^\s\"';|,]{6,128})")
"""As PowerShell writes it."""
_STRING: Final = r"(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|[\w.$>()-]{1,80})"
_THIRD: Final = re.compile(
    rf"\s*{_STRING}\s*,\s*(?:\"[^\"\n]{{1,64}}\"|'[^'\n]{{1,64}}')\s*,\s*[\"'](?P<hit>[^\"'\n]{{4,128}})[\"']"
)
_SECOND: Final = re.compile(r"\s*[\"'][^\"'\n]{1,64}[\"']\s*,\s*[\"'](?P<hit>[^\"'\n]{4,128})[\"']\s*[,)]")


_OF_USER: Final = ("user", "role", "grant", "login", "privileges", "%")


def _identified(text: str, end: int) -> Hit | None:
    """Return the password that SQL gives to a user; *identified by* is a phrase of English, too."""
    quoted = text[end : end + 1] in {'"', "'", "`"}
    if not quoted and "IDENTIFIED" not in text[max(0, end - 80) : end]:
        return None
    before = text[max(0, end - 200) : end].lower()
    return _given(_IDENTIFIED, "identified", 80, text, end) if any(word in before for word in _OF_USER) else None


def _third(text: str, end: int) -> Hit | None:
    return _hit(_THIRD.match(text, end), sure=False)


def _second(text: str, end: int) -> Hit | None:
    return _hit(_SECOND.match(text, end), sure=False)


def _port(text: str, end: int) -> Hit | None:
    """Return the password of a line of .pgpass."""
    for start in range(end - 1, max(0, end - 140), -1):
        if text[start] == ":" and (match := _PGPASS.match(text, start + 1)) is not None and match.start("hit") < end:
            return _hit(match)
    return None


TRIGGERS: Final[tuple[Trigger, ...]] = (
    trigger(rf"{_NAMES}[A-Za-z0-9_]*[ \t]?=[ \t]*[^ \t\r\n(=]", _line, caseless=True),
    trigger(rf"[;?&\"']{_NAMES}\s?=\s?[^;\"'&\s]", lambda text, end: _given(_CONNECTION, "p", 20, text, end), caseless=True),
    trigger(r"\bidentified(?:\s+with\s+[\w'\"]+)?\s+(?:by|as)\s", _identified, caseless=True),
    trigger(r"\b(?:encrypted|login|with|set|superuser|user|role)\s+password\s?=?\s*(?:N|E|password\()?'[^']", partial(_given, _SQL, "password", 32), caseless=True),
    trigger(r"\bset\s+password\s+for\s+[^\s]+\s*=\s*(?:password\()?'[^']", partial(_given, _SQL, "password for", 110), caseless=True),
    trigger(r"\bmachine\s+[^\s]+\s+(?:(?:login|user|account)\s+[^\s]+\s+)*passw(?:or)?d\s", partial(_given, _MACHINE, "machine", 500), caseless=True),
    trigger(r":(?:54\d\d|6432|6543|25060):[\w*-]+:[\w.@*-]+:[^\s:/]", _port),
    trigger(r"\blogin\s[^\n|;]*-p[ =][\"']?[^\s\"'$<{-]", partial(_given, _LOGIN, "-p", 8), caseless=True),
    trigger(r"-pass(?:in|out)?\s+pass:[^\s\"'$<{]", partial(_given, _PASSIN, "pass:", 12)),
    trigger(r"\bpsexec(?:64)?(?:\.exe)?\s[^\n]*/p\s[\"']?[^\s\"'%<]", partial(_given, _SLASH, "/p", 8), caseless=True),
    trigger(r"(?:getConnection|mysqli(?:_connect|_real_connect)?|mysql_p?connect|\bPDO|pymysql\.connect|MySQLdb\.connect)\(", _third),
    trigger(r"\bDirectoryEntry\(", _third),
    trigger(r"\s-(?:Password|Passwd|Token|ApiKey|AccessKey|Secret)[ :][\"']?[^\s\"'$<{(\[@-]", partial(_given, _OPTION, "-", 20)),
    trigger(
        r"(?:\.login|HttpBasicAuth|BasicAuth|basicAuth|BasicAuthentication|NetworkCredential|UsernamePasswordCredentials|PasswordAuthentication|basic_auth|auth=)\(",
        _second,
        caseless=True,
    ),
)  # fmt: skip
