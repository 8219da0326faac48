"""Passwords that a sentence or a list tells: ``the password is …``, ``Das Kennwort lautet …``, ``密码是…``."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from typing import Final

from gateway.sensitivity.finding import Hit, Trigger, trigger
from gateway.sensitivity.harmless import is_harmless_value, is_name, is_sealed, is_technical
from gateway.sensitivity.likelihood import oddness
from gateway.sensitivity.passwords import FOREIGN, PASSWORD
from gateway.sensitivity.placeholder import VARIABLE, is_placeholder, is_reference

_SPOKEN: Final = PASSWORD.removesuffix(FOREIGN).replace("passw|", "password|passwort|passwd|")
_ODD: Final = 5.0
"""Above it the letters of a value are not in an order that words have."""
_SAID: Final = re.compile(
    r"(?P<gap>[^\n:=.;\"'`]{0,32}?)(?:(?<![A-Za-z])(?:is|was|will be|set to|to|as|to jest|jest|ist|lautet|war|es|est|é|e|este|sera|era|la|adalah|yaitu|ialah|oldu|olarak|hai"
    r"|remains|stays|bleibt|reste|sigue(?: siendo)?|continua(?: sendo| a ser)?|rimane|resta|blijft|pozostaje|hala|halen)"
    r"(?: (?:still|now|again|currently|weiterhin|immer noch|noch|jetzt|wieder|nun|toujours|encore|maintenant|ahora|siempre|todavia|aun|agora|ainda|sempre|ancora|adesso|ora|nog steeds|nog|nu|nadal|wciaz|teraz|hala|simdi|masih|sekarang))?(?![A-Za-z])[ \t:=]{0,3}"
    r"|[:=-]|\u662f|\u4e3a|\u70ba|\u306f|\u304c|\ub294|\uc740|\uac00|\u0647\u064a|\u0647\u0648|(?=[ \t][\"'`]))[ \t:=]{0,3}(?P<quote>[\"'`]?)(?P<hit>[!#-&(-+\--_a-~]{5,64})"
)


_PROMISES: Final = re.compile(r"[0-9!@#$%^*?+_\"'`]|[a-z][A-Z]")


def _told(text: str, end: int) -> Hit | None:
    """Return the password that a sentence states: it holds a digit or a sign, unlike words."""
    if _PROMISES.search(text, end, end + 120) is None:
        return None
    match = _SAID.match(text, end, end + 160)
    verb = text[max(0, end - 4) : end].lower() == "pass"
    if verb and _LISTED.search(text, max(0, end - 8), end):
        return mixed(text, end)
    if match is not None and verb and (match["gap"].strip() or not _GIVEN.search(text, end, match.start("hit"))):
        return None
    if match is None:
        return None if verb and not _LISTED.search(text, max(0, end - 8), end) else mixed(text, end)
    value = match["hit"].rstrip(".,;:!?)") if not match["quote"] else match["hit"]
    start = match.start("hit")
    if value.startswith(("--", "//", ">")) or is_sealed(text, start, value):
        return None
    if not _is_said(value, match["gap"].strip(), quoted=bool(match["quote"])):
        return None if verb else mixed(text, end)
    return Hit(start, start + len(value), sure=False)


_GIVEN: Final = re.compile(r"[:=]|\b(?:is|was)\b")
_ABOUT: Final = re.compile(
    r"length|policy|polic|hash|file|field|manager|algorithm|must|should|\bmin|\bmax|between|contain|strength|reset|expir|requir|\bnot\b|change|error|version|format|encr|stor|\busing\b|\bif\b|\bwhen\b|type|prompt|protected|\bor\b|than|[@/?&<>{}()\[\]]",
    re.IGNORECASE,
)
"""A sentence about passwords, which states none."""
_LEAST_SAID: Final = 6
_INSIDE: Final = re.compile(r"[a-z][A-Z]")
_LISTED: Final = re.compile(r"[/|,;]\s{0,2}pass\Z", re.IGNORECASE)


def _is_said(value: str, gap: str, *, quoted: bool) -> bool:
    if len(value) < 5 or is_placeholder(value) or _SHELL.fullmatch(value) or set("()[]{}<>") & set(value[1:]):  # noqa: PLR2004
        return False
    if is_harmless_value(value) or is_technical(value) or (is_name(value) and not value[-2:].isdigit()):
        return False
    if value.isalpha() and _INSIDE.search(value) and oddness(value) >= _ODD:
        return True
    letters, odd = any(map(str.isalpha, value)), set("0123456789!@#$%^*?+_") & set(value)
    if gap:
        return (
            len(value) >= _LEAST_SAID
            and letters
            and bool(odd)
            and _ABOUT.search(gap) is None
            and not VARIABLE.fullmatch(value)
        )
    return quoted or (bool(odd) and not VARIABLE.fullmatch(value))


_SHELL: Final = re.compile(
    r"\$\{?[A-Za-z_]\w*\}?|%\w+%|[<{(\[].*|[*&][a-z_]+|_?(?:[A-Z][a-z]+){1,6}Type|[a-z]+=\d{1,6}"
)
_MIXED: Final = re.compile(r"[ \t]{1,4}(?P<hit>[A-Za-z0-9!@#$%^*?+_-]{6,64})(?![A-Za-z0-9!@#$%^*?+/(=-])")
_ENGLISH: Final = re.compile(
    r"(?:password|passwd|passphrase|passcode|pwd|pass|pin code|[^\w\x80-\x9f])\Z", re.IGNORECASE
)
_ENOUGH: Final = 2
_SIGNS: Final = frozenset("!@#$%^*?+")


def mixed(text: str, end: int) -> Hit | None:
    """Return what comes right after the word if it mixes letters, digits and a sign as no word does."""
    match = _MIXED.match(text, end)
    if match is None:
        return None
    value = match["hit"]
    letters, digits = any(map(str.isalpha, value)), sum(map(str.isdigit, value))
    english = _ENGLISH.search(text, max(0, end - 12), end) is not None and text[end : end + 2] != "  "
    english = english and _LISTED.search(text, max(0, end - 8), end) is None
    mixed = letters and digits and (_SIGNS & set(value[:-1]) or (not english and digits >= _ENOUGH))
    if not mixed or is_placeholder(value) or is_reference(value) or is_harmless_value(value) or is_technical(value):
        return None
    return Hit(*match.span("hit"), sure=False)


TRIGGERS: Final[tuple[Trigger, ...]] = (
    trigger(rf"\b(?:{_SPOKEN}|pin code|pass)\b", _told, caseless=True),
    trigger(rf"(?:{FOREIGN[1:]})", _told),
)
