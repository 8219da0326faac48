"""Look-alike characters: forms of a digit or letter, twins in other scripts, dashes, invisible characters."""
# ruff: noqa: RUF001, E501 -- confusable letters are what this is about; tables

from typing import Final

from gateway.sensitivity.letter_forms import FORMS, PLAIN

DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
INVISIBLE: Final = (
    "\u00ad\u0300-\u036f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20d0-\u20f0\u3164\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
"""Format characters (category Cf), variation selectors, fillers: invisible between the digits of a number."""
_TWINS: Final = (
    ("АВЕЅІЈКМНОРСТУХаеорсухіјѕԁһԛԝӏ", "ABESIJKMHOPCTYXaeopcyxijsdhqwl"),  # Cyrillic
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχ", "ABEZHIKMNOPTYXaikvopux"),  # Greek
    ("łŁøØđĐıſ", "lLoOdDis"),  # Latin letters that have no simpler form in Unicode
)
_LETTERS: Final = "бвгдёжзийклмнптфцчшщъыьэюя密码碼口令"
"""Letters of keywords in other scripts: each has a byte of its own, where Latin-1 has control characters."""


YOUNGER: Final = {chr(first + digit): str(digit) for first in (0x11F50, 0x1E4F0) for digit in range(10)}
"""Digits of Unicode 15, which Python 3.11 does not know yet."""


def _ringed() -> dict[str, str]:
    """Return digits and letters in brackets, with a full stop or comma, and in negative circles and squares."""
    ringed = {"\u24ff": "0", "\U0001f100": "0", "\U0001f101": "0", "\U0001f10b": "0", "\U0001f10c": "0"}
    for first in (0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A, 0x1F102):
        ringed |= {chr(first + place): str(place + 1) for place in range(9)}
    for first, letter in (
        (0x249C, "a"),
        (0x1F110, "A"),
        (0x1F130, "A"),
        (0x1F150, "A"),
        (0x1F170, "A"),
        (0x1F1E6, "A"),
    ):
        ringed |= {chr(first + place): chr(ord(letter) + place) for place in range(26)}
    return ringed


NUMERALS: Final = dict(zip("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖", "00123456789123456789", strict=True))
"""Chinese digits: read as digits in long rows only, for they are words too."""


SPELLINGS: Final = {
    "パスワード": "pwd  ", "暗証番号": "pwd ", "パスフレーズ": "passwd", "合言葉": "pwd", "비밀번호": "pwd ", "패스워드": "pwd ", "암호": "pw",
    "كلمة المرور": "password   ", "كلمة السر": "password ", "كلمة سر": "passwd ", "كلمة مرور": "password ", "الرقم السري": "password   ", "باسورد": "passwd", "باسوورد": "passwd ",
    "पासवर्ड": "passwd ", "पासकोड": "passwd", "รหัสผ่าน": "password", "סיסמה": "pwd  ", "סיסמא": "pwd  ", "সংকেত": "pwd  ", "পাসওয়ার্ড": "password ", "κωδικός": "passwd ",
    "гасло": "pwd  ", "رمز عبور": "password", "گذرواژه": "passwd ", "پاس ورڈ": "passwd ", "密钥": "pw", "登录口令": "pwd ", "口令": "pw",
}  # fmt: skip
"""The word *password* in scripts that patterns do not see → one of the same length that they do."""


def _folds() -> dict[str, str]:
    folds = {chr(code): " " for code in range(0x80, 0xA0)}
    folds |= dict(zip(FORMS, PLAIN, strict=True))
    folds |= _ringed() | YOUNGER
    folds |= dict.fromkeys(DASHES, "-")
    for twins, letters in _TWINS:
        folds |= dict(zip(twins, letters, strict=True))
    for place, letter in enumerate(_LETTERS):
        folds |= dict.fromkeys((letter.upper(), letter), chr(0x80 + place))
    return folds | {"\u2028": "\n", "\u2029": "\n", "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"'}


FOLDS: Final = _folds()
"""Character → the one it is read as; all others stand for themselves."""
