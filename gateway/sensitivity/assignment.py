"""Secrets that only their name gives away: ``password = "…"``, ``API_KEY: …``, ``the password is …``."""

import re
from functools import partial
from typing import Final

from gateway.sensitivity.finding import Hit, Trigger, trigger
from gateway.sensitivity.letters import FOLDS
from gateway.sensitivity.likelihood import Assigned, is_secret
from gateway.sensitivity.placeholder import is_placeholder, is_reference

_FOREIGN: Final = "".join(
    FOLDS.get(letter, letter)
    for letter in "|пароль|密码|密碼|口令"  # noqa: RUF001 -- Russian and Chinese
)
_PASSWORD: Final = (
    "passw|passcode|passphrase|pwd|haslo|contrasena|contrasenya|kennwort|mot[ _]de[ _]passe|senha|parola|wachtwoord|losenord|salasana|heslo"
    f"{_FOREIGN}"
)
_SECRET: Final = "secret|token|key|credential|auth|bearer|signature|jwt|salt|nonce|hash|cert|license|login|connstr|webhook|sid|pass|creds|cookie|session"
_NAME: Final = rf"(?:{_PASSWORD}|{_SECRET})"
_KEY: Final = re.compile(r"[\w.\-\[\]$\x80-\x9f]+$")
_SEPARATED: Final = re.compile(
    r"[=:>~]{0,2}[ \t]{0,8}(?:[A-Za-z_.]{0,20}[(]\s{0,2}|[\[{(]\s{0,8}|new \w{1,20}\(|os\.getenv\([^,)]{0,40},\s?|[rbuf@L](?=[\"']))?(?P<quote>\\?[\"'`]{0,3})"
    r"(?P<hit>(?<=[\"'`])[^\"'`\n]{4,512}|[^\s\"'`,;<>{}|]{4,512})"
)
_QUOTED: Final = re.compile(r"(?P<quote>[\"'`])(?P<hit>[^\"'`\n]{4,512})")
_TAGGED: Final = re.compile(r"(?P<quote>)(?P<hit>[^<>\s]{4,256})(?=</)")
_BESIDE: Final = re.compile(r"(?P<quote>[\"'`]?)(?P<hit>[A-Za-z0-9+/_=.~-]{16,256})(?![\w(])")
_SAID: Final = re.compile(
    r"[ \t]{0,2}(?:\([^)\n]{0,24}\)|for [^\n]{1,40}?|to [^\n]{1,40}?|na [^\n]{1,24}?)?[ \t]{0,2}(?:is|was|will be|to|as|:|=|-|\"|to jest|jest|ist|lautet|es|est|e|este)"
    r"[ \t:=]{1,3}(?P<quote>[\"'`]?)(?P<hit>[^\s\"'`,]{5,64})"
)


def _before(text: str, place: int) -> str:
    """Return the name that ends at a place, quotes and brackets aside."""
    head = text[max(0, place - 64) : place].rstrip(" \t\"'`])>")
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
    name = _before(text, end - 1 - back)
    start = match.start("hit")
    after = text[start + len(value) : start + len(value) + 1]
    if is_reference(value) or is_placeholder(value) or not is_secret(Assigned(name, match["quote"], value, after)):
        return None
    return Hit(start, start + len(value))


def _prose(text: str, end: int) -> Hit | None:
    """Return the password that a sentence tells: it holds a digit or a sign, as words do not."""
    match = _SAID.match(text, end, end + 160)
    if match is None:
        return None
    value = match["hit"].rstrip(".,;:!?)")
    odd = sum(not character.isalpha() for character in value)
    if len(value) < 5 or odd == 0 or is_placeholder(value) or is_reference(value) or set("()[]{}<>/") & set(value):  # noqa: PLR2004
        return None
    start = match.start("hit")
    return (
        Hit(start, start + len(value))
        if any(map(str.isdigit, value)) or any(c in "!@#$%^&*?_" for c in value)
        else None
    )


TRIGGERS: Final[tuple[Trigger, ...]] = (
    trigger(rf"{_NAME}[A-Za-z0-9_.\-]*[\"'`\])]*\s*[:=]", partial(_extract, _SEPARATED, 0), caseless=True),
    trigger(rf"{_NAME}[A-Za-z0-9_.\-]*[\"'`\])]*\s*[,(]\s*[\"'`]", partial(_extract, _QUOTED, 1), caseless=True),
    trigger(rf"{_NAME}[A-Za-z0-9_.\-]*[\"']\s+value=[\"']", partial(_extract, _QUOTED, 1), caseless=True),
    trigger(rf"<[A-Za-z0-9_.:\-]*{_NAME}[A-Za-z0-9_.\-]*>[^<\s]", partial(_extract, _TAGGED, 1), caseless=True),
    trigger(
        r"(?:key|token|secret|password|passwd|auth|sid|credentials?)[ \t][\"'`]?[A-Za-z0-9+/_=.~-]{16}",
        partial(_extract, _BESIDE, 16),
        caseless=True,
    ),
    trigger(
        rf"\b(?:{_PASSWORD.replace('passw|', 'password|passwort|passwd|')}|pin code|pass)\b", _prose, caseless=True
    ),
)
