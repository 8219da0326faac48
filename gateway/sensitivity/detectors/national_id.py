"""National identity, tax and social numbers of many countries: by their own checksums, or by label."""
# ruff: noqa: E501 -- a table

import re
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import DIGITS, GLANCE, Extract, Hit, Trigger, before, is_tabular, trigger
from gateway.sensitivity.ids import checks
from gateway.sensitivity.ids.asia import ASIA
from gateway.sensitivity.ids.checks import library
from gateway.sensitivity.ids.elsewhere import ELSEWHERE
from gateway.sensitivity.ids.europe import EUROPE
from gateway.sensitivity.labelled import labelled
from gateway.sensitivity.near import near

_SHAPES: Final[tuple[tuple[str, str, str, str], ...]] = (
    # (validator of python-stdnum or of ours, or "" for none; trigger of a fixed length; whole shape; word that must come before)
    ("spain", r"[0-9]{8}-?[A-Z]", r"\d{8}-?[A-Z]", ""),
    ("es.dni", r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}-?[A-Z]", r"\d\d\.\d{3}\.\d{3}-?[A-Z]", ""),
    ("es.nie", r"[XYZ]-?[0-9]{7}-?[A-Z]", r"[XYZ]-?\d{7}-?[A-Z]", ""),
    ("italy", r"[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]", r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]", ""),
    ("france", r"[12] ?[0-9]{2} ?[01][0-9] ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
     r"[12] ?\d\d ?[01]\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d", ""),
    ("china", r"[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9Xx]", r"[1-9]\d{5}(?:19|20)\d\d[01]\d[0-3]\d{4}[\dXx]", ""),
    ("brazil_person", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", r"\d{3}\.\d{3}\.\d{3}-\d\d", ""),
    ("in_.aadhaar", r"[2-9][0-9]{3}[ -][0-9]{4}[ -][0-9]{4}", r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}", ""),
    ("in_.pan", r"[A-Z]{3}P[A-Z][0-9]{4}[A-Z]", r"[A-Z]{3}P[A-Z]\d{4}[A-Z]", ""),
    ("", r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",
     r"(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", ""),
    ("be.nn", r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d", ""),
    ("ch.ssn", r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}", r"756\.\d{4}\.\d{4}\.\d\d", ""),
    ("mx.curp", r"[A-Z]{4}[0-9]{6}[HM][A-Z]{5}[A-Z0-9][0-9]", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", ""),
    ("cl.rut", r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}-[0-9Kk]", r"\d\d\.\d{3}\.\d{3}-[\dKk]", ""),
    ("korea", r"[0-9]{6}-[1-8][0-9]{6}", r"\d{6}-[1-8]\d{6}", ""),
    ("luhn_of_all", r"784-(?:19|20)[0-9]{2}-[0-9]{7}-[0-9]", r"784-(?:19|20)\d\d-\d{7}-\d", ""),
    ("luhn_of_all", r"784(?:19|20)[0-9]{10}", r"784(?:19|20)\d{10}", ""),
    ("brazil_company", r"[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}", r"[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d\d", ""),
    ("hong_kong", r"[A-Z][0-9]{6}\([0-9A]\)", r"[A-Z]{1,2}\d{6}\([\dA]\)", ""),
    ("russia", r"[0-9]{3}-[0-9]{3}-[0-9]{3} [0-9]{2}", r"\d{3}-\d{3}-\d{3} \d\d", ""),
    ("fi.hetu", r"[0-3][0-9][01][0-9]{3}[-+A][0-9]{3}[0-9A-Y]", r"[0-3]\d[01]\d{3}[-+A]\d{3}[\dA-Y]", ""),
    ("se.personnummer", r"(?:19|20)[0-9]{6}-[0-9]{4}", r"(?:19|20)\d{6}-\d{4}", ""),
    ("se.personnummer", r"[0-9]{6}-[0-9]{4}", r"\d{6}-\d{4}", "person|ssn|pnr|social|id"),
    ("dk.cpr", r"[0-3][0-9][01][0-9]{3}-[0-9]{4}", r"[0-3]\d[01]\d{3}-\d{4}", "cpr|person|id"),
    ("cz.rc", r"[0-9]{6}/[0-9]{4}", r"\d{6}/\d{4}", "rodn|rc|birth"),
    ("ca.sin", r"[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}", r"\d{3}[ -]\d{3}[ -]\d{3}", r"\bsin\b|social insurance"),
    ("", r"[STFGM][0-9]{7}[A-Z]", r"[STFGM]\d{7}[A-Z]", "nric|fin|singapore|identity|id"),
    ("my.nric", r"[0-9]{6}-[0-9]{2}-[0-9]{4}", r"\d{6}-\d\d-\d{4}", ""),
    ("th.pin", r"[1-8]-[0-9]{4}-[0-9]{5}-[0-9]{2}-[0-9]", r"[1-8]-\d{4}-\d{5}-\d\d-\d", ""),
)  # fmt: skip

_TWICE: Final = frozenset(
    {"italy", "france", "china", "brazil_person", "brazil_company", "be.nn", "ch.ssn", "mx.curp", "korea", "fi.hetu", "se.personnummer"}
    | {"luhn_of_all", "russia"}
)  # fmt: skip
"""Those that are sure by themselves: by two check digits, or by one and a birth date or signs that nothing else has."""

_BY_LABEL: Final = (
    # words of one engine's syntax before a number, most of them abbreviations of the authorities themselves
    (r"nass\b", 8), (r"seguridad social", 8), (r"dni\b", 7), (r"nie\b", 7), (r"nif\b", 7), (r"cif\b", 8), (r"cpf\b", 11),
    (r"curp\b", 8), (r"rut\b", 8), (r"pesel\b", 11), (r"nip\b", 10), (r"regon\b", 9), (r"bsn\b", 8), (r"burgerservicenummer", 8),
    (r"cpr\b", 10), (r"fodselsnummer", 11), (r"personnummer", 10), (r"personnr", 10), (r"henkilotunnus", 9), (r"hetu\b", 9),
    (r"steuer-?id\b", 11), (r"steueridentifikationsnummer", 11), (r"steuernummer", 10), (r"steuer-identifikationsnummer", 11),
    (r"idnr\b", 11), (r"personalausweis\w*", 7), (r"ausweisnummer", 7), (r"sozialversicherungsnummer", 10), (r"svnr\b", 10),
    (r"codice fiscale", 7), (r"numero de securite sociale", 13), (r"nir\b", 13), (r"aadhaar", 12), (r"aadhar", 12),
    (r"nino\b", 6), (r"national insurance", 6), (r"nhs\b", 10), (r"utr\b", 10), (r"tfn\b", 8), (r"tax file", 8), (r"sin\b", 9),
    (r"social insurance", 9), (r"nric\b", 7), (r"hkid\b", 6), (r"my ?number", 12), (r"rrn\b", 13), (r"emso\b", 13), (r"oib\b", 11),
    (r"cnp\b", 13), (r"egn\b", 10), (r"amka\b", 11), (r"afm\b", 9), (r"tc kimlik", 11), (r"t\.?c\.? no", 11), (r"pps\b", 7),
    (r"ppsn\b", 7), (r"inn\b", 10), (r"snils\b", 11), (r"nik\b", 16), (r"cuil\b", 11), (r"cuit\b", 11), (r"teudat zehut", 9),
    (r"national[ _-]id", 6), (r"national identi\w*", 6), (r"identity (?:card|number|document|no)", 6), (r"id card", 6),
    (r"(?:tax|taxpayer)[ _-]?id\w*", 8), (r"tax (?:number|no|file|reference)", 8), (r"tin\b", 9), (r"atin\b", 9), (r"ein\b", 9),
    (r"vat (?:number|no|id)", 8), (r"driv(?:er|ing)'?s?'?[ _-]licen[cs]e", 5), (r"driving permit", 5), (r"dl (?:no|num|number|#)", 5),
    (r"licen[cs]e (?:no|num|number|#|id)", 6), (r"dl#", 5), (r"voter(?:'s)? id", 6), (r"pan (?:card|number|no)", 4),
    (r"green card", 8), (r"alien (?:registration|number)", 7), (r"visa (?:no|number) ", 7), (r"tribal (?:id|enrollment)", 5),
    (r"government id", 5), (r"residence permit", 6),
)  # fmt: skip


class NationalId:
    """Numbers of Spain, Italy, France, China, Brazil, India, the UK, Belgium, Switzerland, Mexico, Chile and others."""

    kind = "national_id"
    data_class = DataClass.RESTRICTED
    likely_class = DataClass.RESTRICTED
    categories = frozenset({Category.PII})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers."""
        by_length: dict[int, list[str]] = {}
        for word, digits in _BY_LABEL:
            by_length.setdefault(digits, []).append(word)
        named = (near(words, shapes) for words, shapes in (*ASIA, *EUROPE, *ELSEWHERE))
        self.triggers: tuple[Trigger, ...] = (
            *(trigger(_bounded(start), _shaped(name, shape, word)) for name, start, shape, word in _SHAPES),
            *(labelled(words, digits=digits) for digits, words in by_length.items()),
            *chain.from_iterable(named),
        )


def _bounded(expression: str) -> str:
    return rf"\b{expression}" if expression.endswith(")") else rf"\b{expression}\b"


def _shaped(name: str, shape: str, word: str) -> Extract:
    """Return what looks for a shape that ends where its trigger does."""
    backwards = re.compile(rf"(?<![\w.+/-]){shape}\Z", re.ASCII)
    label = re.compile(word) if word else None
    return partial(_extract, backwards, _width(shape), _valid(name), label, bool(word) or name in _TWICE)


def _width(shape: str) -> int:
    """Return how long values of a shape are; 0 if they are not all of one length."""
    signs = re.sub(r"\\[d.()]|\[[^\]]*\]", "x", shape.replace("(?:19|20)", "xx"))
    plain = re.sub(r"(.)\{(\d+)\}", lambda match: match[1] * int(match[2]), signs)
    return 0 if set("?{(|") & set(plain) else len(plain)


_LONGEST: Final = 24
_GOES_ON: Final = re.compile(r"[\w+/=]|[-.]\d", re.ASCII)
"""What comes behind the end of no number."""


def _extract(
    shape: "re.Pattern[str]",
    width: int,
    valid: Callable[[str], bool],
    label: "re.Pattern[str] | None",
    sure: bool,
    text: str,
    end: int,
) -> Hit | int | None:
    if _GOES_ON.match(text, end) is not None:
        return GLANCE
    match = shape.match(text, end - width, end) if 0 < width <= end else shape.search(text, max(0, end - _LONGEST), end)
    if match is None:
        return GLANCE if width else None
    start, number = match.start(), match[0]
    if label is not None and not label.search(before(text, start, 40)):
        return _LABEL_SOUGHT
    if len(set(number)) <= 4 or (" " in number and _beside(text, start, end)):  # noqa: PLR2004 -- 000.000.000
        return GLANCE
    if " " in number and is_tabular(text, start, end):
        return None
    return Hit(start, end, sure) if valid(number) else _CHECKED


_LABEL_SOUGHT: Final = 4
_CHECKED: Final = 24
"""Steps of what the library of check digits does."""


def _beside(text: str, start: int, end: int) -> bool:
    """Return whether one more group of digits is beside it: then it is a part of something longer, a card say."""
    return (text[max(0, start - 1) : start] == " " and text[max(0, start - 2) : start - 1] in DIGITS) or (
        text[end : end + 1] == " " and text[end + 1 : end + 2] in DIGITS
    )


def _valid(name: str) -> Callable[[str], bool]:
    if not name:
        return lambda _value: True
    ours: Callable[[str], bool] | None = getattr(checks, name, None)
    return library(name) if ours is None else ours
