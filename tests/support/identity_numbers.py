"""How well each kind of identity number is found: 60 valid ones in six positions, 2,000 random strings of its shape.

The numbers are made by the authorities' published algorithms, written here once more or taken from python-stdnum, not by the
detectors' own checks. ``python -m support.identity_numbers`` prints the table of docs/sensitivity.md.
"""
# ruff: noqa: E501, RUF001 -- a table; made-up numbers

import random
from collections.abc import Callable
from dataclasses import dataclass

from stdnum import luhn, verhoeff
from stdnum.iso7064 import mod_11_2, mod_11_10

from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scanner import Scanner

COUNT = 60
RANDOM = 2000
OF_PEOPLE = frozenset({"national_id", "passport"})
Made = Callable[[random.Random], str]


def digits(r: random.Random, count: int, first: str = "0123456789") -> str:
    return r.choice(first) + "".join(r.choice("0123456789") for _ in range(count - 1))


def letters(r: random.Random, count: int, alphabet: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ") -> str:
    return "".join(r.choice(alphabet) for _ in range(count))


def day(r: random.Random, shape: str = "{y:02}{m:02}{d:02}", first: int = 1950, last: int = 2005) -> str:
    year = r.randrange(first, last)
    return shape.format(Y=year, y=year % 100, m=r.randrange(1, 13), d=r.randrange(1, 29))


def weighted(number: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


def until(make: Made, valid: Callable[[str], bool]) -> Made:
    def made(r: random.Random) -> str:
        while True:
            number = make(r)
            if valid(number):
                return number

    return made


def stdnum(name: str) -> Callable[[str], bool]:
    module = __import__(f"stdnum.{name}", fromlist=["is_valid"])

    def valid(number: str) -> bool:
        try:
            return bool(module.is_valid(number))
        except (LookupError, ValueError):
            return False

    return valid


def china(r: random.Random, district: str = "") -> str:
    body = (
        (district or r.choice(["110105", "320506", "440305", "430104", "310115"]))
        + day(r, "{Y}{m:02}{d:02}")
        + digits(r, 3)
    )
    return body + mod_11_2.calc_check_digit(body)


def uscc(r: random.Random) -> str:
    module = __import__("stdnum.cn.uscc", fromlist=["calc_check_digit"])
    body = f"9{r.choice('123')}{r.choice(['110101', '310115', '440305'])}{letters(r, 9, '0123456789ABCDEFGHJKLMNPQRTUWXY')}"
    return body + module.calc_check_digit(body)


def hong_kong(r: random.Random, brackets: str = "({})") -> str:
    letter, body = r.choice("ABCDEFGHKPRVWYZ"), digits(r, 6)
    rest = (36 * 9 + (ord(letter) - 55) * 8 + weighted(body, (7, 6, 5, 4, 3, 2))) % 11
    return letter + body + brackets.format("0" if rest == 0 else "A" if rest == 1 else str(11 - rest))


def taiwan(r: random.Random) -> str:
    order = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
    letter, body = r.choice(order), digits(r, 8, "12")
    number = 10 + order.index(letter)
    total = number // 10 + number % 10 * 9 + weighted(body, (8, 7, 6, 5, 4, 3, 2, 1))
    return f"{letter}{body}{-total % 10}"


def korea(r: random.Random, *, sexes: str = "12", checked: bool = True, hyphen: str = "-") -> str:
    body = day(r, first=1950, last=1999) + digits(r, 6, sexes)
    check = (11 - weighted(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10
    last = str(check) if checked else digits(r, 1)
    return body[:6] + hyphen + body[6:] + last


def korea_new(r: random.Random) -> str:
    return f"{day(r, first=2021, last=2027)}-{digits(r, 7, '34')}"


def japan(r: random.Random) -> str:
    body = digits(r, 11)
    rest = weighted(body, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return body + str(0 if rest <= 1 else 11 - rest)


def aadhaar(r: random.Random) -> str:
    body = digits(r, 11, "23456789")
    return body + verhoeff.calc_check_digit(body)


def singapore(r: random.Random, first: str) -> str:
    letter, body = r.choice(first), digits(r, 7)
    total = weighted(body, (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(letter, 0)
    return (
        letter
        + body
        + {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "XWUTRQPNJLK"}.get(letter, "XWUTRQPNMLK")[total % 11]
    )


def with_luhn(body: str) -> str:
    return body + luhn.calc_check_digit(body)


def thai(r: random.Random) -> str:
    body = digits(r, 12, "12345678")
    return body + str((11 - weighted(body, tuple(range(13, 1, -1))) % 11) % 10)


def turkey(r: random.Random) -> str:
    body = digits(r, 9, "123456789")
    tenth = (7 * sum(map(int, body[::2])) - sum(map(int, body[1::2]))) % 10
    return f"{body}{tenth}{(sum(map(int, body)) + tenth) % 10}"


def cnpj(r: random.Random, alphabet: str = "0123456789") -> str:
    body = letters(r, 8, alphabet) + ("0001" if alphabet.isdigit() else letters(r, 4, alphabet))
    for _ in range(2):
        weights = [(len(body) - 1 - place) % 8 + 2 for place in range(len(body))]
        rest = sum((ord(one) - 48) * weight for one, weight in zip(body, weights, strict=True)) % 11
        body += str(0 if rest < 2 else 11 - rest)
    return f"{body[:2]}.{body[2:5]}.{body[5:8]}/{body[8:12]}-{body[12:]}"


def cpf(r: random.Random) -> str:
    body = digits(r, 9)
    for size in (10, 11):
        rest = weighted(body, tuple(range(size, 1, -1))) * 10 % 11
        body += str(rest % 10)
    return body


def cpf_written(r: random.Random) -> str:
    number = cpf(r)
    return f"{grouped(number, (3, 3, 3), '.')}-{number[9:]}"


def snils(r: random.Random) -> str:
    body = digits(r, 9, "123456789")
    return f"{body[:3]}-{body[3:6]}-{body[6:]} {weighted(body, tuple(range(9, 0, -1))) % 101 % 100:02}"


def tax_id(r: random.Random) -> str:
    return until(lambda q: _with_11_10(digits(q, 10, "123456789")), stdnum("de.idnr"))(r)


def _with_11_10(body: str) -> str:
    return body + mod_11_10.calc_check_digit(body)


def medicare(r: random.Random) -> str:
    body = digits(r, 8, "23456")
    return f"{body[:4]} {body[4:]}{weighted(body, (1, 3, 7, 9, 1, 3, 7, 9)) % 10} {digits(r, 1, '123456789')}"


def grouped(number: str, sizes: tuple[int, ...], sign: str) -> str:
    groups, place = [], 0
    for size in sizes:
        groups.append(number[place : place + size])
        place += size
    return sign.join(groups)


@dataclass(frozen=True)
class Row:
    """One kind of number."""

    name: str
    make: Made
    english: str
    local: str
    """What it is called in its country; also the key in JSON and the header of a column."""
    twice: bool = False
    """It has two check digits, or one and a birth date: the bare number is found, and random ones are not."""

    @property
    def kinds(self) -> frozenset[str]:
        """As what it must be found."""
        return frozenset({"phone"}) if self.name.endswith(("mobile", "landline", "mobile 3-4-4")) else OF_PEOPLE


ROWS = (
    Row("China, resident id", china, "resident id", "身份证号", twice=True),
    Row("China, resident id, newer district", lambda r: china(r, "110119"), "resident id", "身份证号码", twice=True),
    Row("China, mobile", lambda r: "1" + digits(r, 10, "3578"), "mobile number", "手机号"),
    Row("China, mobile 3-4-4", lambda r: grouped("1" + digits(r, 10, "3578"), (3, 4, 4), "-"), "mobile number", "手机"),
    Row(
        "China, landline", lambda r: f"0{r.choice(['10', '21', '755'])}-{digits(r, 8, '2368')}", "phone number", "电话"
    ),
    Row("China, credit code (USCC)", uscc, "credit code", "统一社会信用代码"),
    Row("China, passport", lambda r: "E" + digits(r, 8), "passport number", "护照号"),
    Row("China, permit for Hong Kong", lambda r: r.choice("HM") + digits(r, 8), "travel permit", "回乡证"),
    Row("Hong Kong, HKID", hong_kong, "HKID", "香港身份證"),
    Row("Hong Kong, HKID without brackets", lambda r: hong_kong(r, "{}"), "HKID", "身份證號碼"),
    Row("Macao, BIR", lambda r: f"{digits(r, 7, '157')}({digits(r, 1)})", "Macao resident id", "澳門居民身份證"),
    Row("Taiwan, national id", taiwan, "Taiwan id", "身分證字號"),
    Row("Taiwan, mobile", lambda r: grouped("09" + digits(r, 8), (4, 3, 3), "-"), "mobile number", "手機"),
    Row("Korea, resident number", korea, "resident registration number", "주민등록번호", twice=True),
    Row("Korea, since 2020 without check digit", korea_new, "resident registration number", "주민등록번호"),
    Row(
        "Korea, foreigner",
        lambda r: korea(r, sexes="5678", checked=False),
        "alien registration number",
        "외국인등록번호",
    ),
    Row("Korea, no hyphen", lambda r: korea(r, hyphen=""), "RRN", "주민번호"),
    Row("Korea, mobile", lambda r: grouped("010" + digits(r, 8), (3, 4, 4), "-"), "mobile number", "휴대폰"),
    Row("Japan, My Number", japan, "My Number", "マイナンバー"),
    Row("Japan, My Number 4-4-4", lambda r: grouped(japan(r), (4, 4, 4), " "), "individual number", "個人番号"),
    Row("Japan, mobile", lambda r: grouped("090" + digits(r, 8), (3, 4, 4), "-"), "mobile number", "携帯電話"),
    Row("Japan, driving licence", lambda r: digits(r, 12), "driver's license number", "運転免許証番号"),
    Row("Japan, passport", lambda r: letters(r, 2) + digits(r, 7), "passport number", "旅券番号"),
    Row("India, Aadhaar", aadhaar, "Aadhaar number", "आधार संख्या"),
    Row("India, Aadhaar 4-4-4", lambda r: grouped(aadhaar(r), (4, 4, 4), " "), "Aadhaar", "आधार"),
    Row(
        "India, PAN of a person", lambda r: f"{letters(r, 3)}P{letters(r, 1)}{digits(r, 4)}{letters(r, 1)}", "PAN", "पैन"
    ),
    Row(
        "India, PAN of a company",
        lambda r: f"{letters(r, 3)}{r.choice('CFHT')}{letters(r, 1)}{digits(r, 4)}{letters(r, 1)}",
        "PAN",
        "पैन नंबर",
    ),
    Row("India, mobile", lambda r: digits(r, 10, "6789"), "mobile number", "मोबाइल"),
    Row("Singapore, NRIC", lambda r: singapore(r, "ST"), "NRIC", "身份证号码"),
    Row("Singapore, FIN", lambda r: singapore(r, "FGM"), "FIN", "FIN"),
    Row(
        "Indonesia, NIK",
        lambda r: f"{r.choice(['317401', '320101'])}{day(r, '{d:02}{m:02}{y:02}')}{digits(r, 4)}",
        "NIK",
        "Nomor KTP",
    ),
    Row("Vietnam, CCCD", lambda r: f"0{r.choice(['01', '31', '79'])}{digits(r, 9)}", "citizen id", "số CCCD"),
    Row("Thailand, id", thai, "Thai ID", "เลขบัตรประชาชน"),
    Row("Thailand, id with hyphens", lambda r: grouped(thai(r), (1, 4, 5, 2, 1), "-"), "Thai ID", "เลขประจำตัวประชาชน"),
    Row(
        "Malaysia, MyKad", lambda r: f"{day(r)}-{r.choice(['01', '10', '14'])}-{digits(r, 4)}", "MyKad number", "No. KP"
    ),
    Row(
        "Emirates id",
        lambda r: grouped(with_luhn(f"784{r.randrange(1950, 2005)}{digits(r, 7)}"), (3, 4, 7, 1), "-"),
        "Emirates ID",
        "رقم الهوية",
        twice=True,
    ),
    Row(
        "Emirates id, digits only",
        lambda r: with_luhn(f"784{r.randrange(1950, 2005)}{digits(r, 7)}"),
        "Emirates ID",
        "رقم الهوية",
    ),
    Row("Saudi Arabia, id", lambda r: with_luhn(digits(r, 9, "12")), "Saudi ID", "رقم الهوية الوطنية"),
    Row("Israel, id", lambda r: with_luhn(digits(r, 8)), "Israeli ID", "תעודת זהות"),
    Row("Turkey, TCKN", turkey, "TCKN", "T.C. kimlik no"),
    Row("Pakistan, CNIC", lambda r: f"{digits(r, 5, '1234567')}-{digits(r, 7)}-{digits(r, 1)}", "CNIC", "شناختی کارڈ"),
    Row("Brazil, CPF", cpf_written, "CPF", "CPF", twice=True),
    Row("Brazil, CPF, digits only", cpf, "CPF", "meu CPF"),
    Row("Brazil, CNPJ", cnpj, "CNPJ", "CNPJ", twice=True),
    Row(
        "Brazil, CNPJ with letters",
        lambda r: cnpj(r, "0123456789ABCDEFGHJKLMNPRSTVWXYZ"),
        "CNPJ",
        "CNPJ da empresa",
        twice=True,
    ),
    Row(
        "Mexico, CURP",
        until(
            lambda r: (
                f"{letters(r, 1)}{r.choice('AEIOU')}{letters(r, 2)}{day(r)}{r.choice('HM')}{r.choice(['DF', 'JC', 'NL'])}{letters(r, 3, 'BCDFGHJKLMNP')}0{digits(r, 1)}"
            ),
            stdnum("mx.curp"),
        ),
        "CURP",
        "CURP",
        twice=True,
    ),
    Row(
        "Mexico, RFC",
        until(
            lambda r: (
                f"{letters(r, 1)}{r.choice('AEIOU')}{letters(r, 2, 'BCDFGHJKLMNP')}{day(r)}{letters(r, 2, 'ABCDEFGHJ123456789')}{letters(r, 1, '0123456789A')}"
            ),
            stdnum("mx.rfc"),
        ),
        "RFC",
        "RFC",
    ),
    Row("Russia, SNILS", snils, "SNILS", "СНИЛС", twice=True),
    Row("Russia, INN", until(lambda r: digits(r, 12, "123456789"), stdnum("ru.inn")), "INN", "ИНН"),
    Row("Russia, passport", lambda r: f"{digits(r, 4)} {digits(r, 6)}", "Russian passport", "паспорт"),
    Row("Germany, tax id", tax_id, "tax ID", "Steuer-ID"),
    Row(
        "Germany, pension number",
        lambda r: f"{digits(r, 2)}{day(r, '{d:02}{m:02}{y:02}')}{letters(r, 1)}{digits(r, 3)}",
        "social security number",
        "Sozialversicherungsnummer",
    ),
    Row(
        "Germany, identity card",
        lambda r: "L" + letters(r, 7, "0123456789CFGHJKLMNPRTVWXYZ") + digits(r, 1),
        "ID card",
        "Personalausweisnummer",
    ),
    Row(
        "Austria, SVNR",
        until(lambda r: f"{digits(r, 4, '123456789')} {day(r, '{d:02}{m:02}{y:02}')}", stdnum("at.vnr")),
        "social security number",
        "SVNR",
    ),
    Row("Spain, DNI", until(lambda r: digits(r, 8) + letters(r, 1), stdnum("es.dni")), "DNI", "DNI"),
    Row("Spain, NIE", until(lambda r: r.choice("XYZ") + digits(r, 7) + letters(r, 1), stdnum("es.nie")), "NIE", "NIE"),
    Row(
        "France, NIR",
        until(lambda r: f"{r.choice('12')}{day(r, '{y:02}{m:02}')}75{digits(r, 8)}", stdnum("fr.nir")),
        "NIR",
        "numéro de sécurité sociale",
        twice=True,
    ),
    Row(
        "Italy, codice fiscale",
        until(
            lambda r: (
                f"{letters(r, 6, 'BCDFGLMNPRS')}{r.randrange(50, 99)}{r.choice('ABCDEHLMPRST')}{r.randrange(1, 28):02}{r.choice('FHL')}{digits(r, 3)}{letters(r, 1)}"
            ),
            stdnum("it.codicefiscale"),
        ),
        "codice fiscale",
        "codice fiscale",
    ),
    Row("Netherlands, BSN", until(lambda r: digits(r, 9), stdnum("nl.bsn")), "BSN", "BSN van de cliënt"),
    Row("Poland, PESEL", until(lambda r: day(r) + digits(r, 5), stdnum("pl.pesel")), "PESEL", "numer PESEL"),
    Row(
        "Sweden, personnummer",
        until(lambda r: f"{day(r, '{Y}{m:02}{d:02}')}-{digits(r, 4)}", stdnum("se.personnummer")),
        "personal number",
        "personnummer",
        twice=True,
    ),
    Row(
        "Norway, fødselsnummer", lambda r: day(r, "{d:02}{m:02}{y:02}") + digits(r, 5), "fødselsnummer", "fødselsnummer"
    ),
    Row("Denmark, CPR", lambda r: f"{day(r, '{d:02}{m:02}{y:02}')}-{digits(r, 4)}", "CPR number", "CPR-nummer"),
    Row(
        "Finland, HETU",
        until(
            lambda r: (
                f"{day(r, '{d:02}{m:02}{y:02}', 1950, 1999)}-{digits(r, 3)}{letters(r, 1, '0123456789ABCDEFHJKLMNPRSTUVWXY')}"
            ),
            stdnum("fi.hetu"),
        ),
        "HETU",
        "henkilötunnus",
        twice=True,
    ),
    Row(
        "UK, NINO",
        lambda r: (
            f"{letters(r, 2, 'ABCEHJKLMPRSTWX').replace('BG', 'AB').replace('KN', 'AB')}{digits(r, 6)}{letters(r, 1, 'ABCD')}"
        ),
        "national insurance number",
        "NI number",
    ),
    Row("UK, NHS", until(lambda r: digits(r, 10, "4679"), stdnum("gb.nhs")), "NHS number", "NHS no"),
    Row(
        "Canada, SIN", until(lambda r: grouped(digits(r, 9, "1234567"), (3, 3, 3), " "), stdnum("ca.sin")), "SIN", "NAS"
    ),
    Row("Australia, TFN", until(lambda r: digits(r, 9, "123456789"), stdnum("au.tfn")), "TFN", "tax file number"),
    Row("Australia, Medicare", medicare, "Medicare number", "Medicare card"),
    Row(
        "South Africa, id",
        until(lambda r: day(r) + digits(r, 4) + r.choice("01") + "8" + digits(r, 1), stdnum("za.idnr")),
        "South African ID",
        "SA ID",
    ),
    Row("Bulgaria, EGN", until(lambda r: day(r) + digits(r, 4), stdnum("bg.egn")), "EGN", "ЕГН"),
    Row("Greece, AFM", until(lambda r: digits(r, 9, "0123456789"), stdnum("gr.vat")), "AFM", "ΑΦΜ"),
    Row("Ukraine, RNOKPP", until(lambda r: digits(r, 10, "23"), stdnum("ua.rntrc")), "RNOKPP", "РНОКПП"),
)

POSITIONS: tuple[tuple[str, Callable[[Row, str], str]], ...] = (
    ("none", lambda _row, number: f"Please look at {number} today."),
    ("The X is N.", lambda row, number: f"The {row.english} is {number}."),
    ("X: N", lambda row, number: f"{row.english}: {number}"),
    (
        "local word",
        lambda row, number: f"{row.local}：{number}" if not row.local.isascii() else f"{row.local}: {number}",
    ),
    ("JSON key", lambda row, number: f'{{"id": 7, "{row.local}": "{number}", "ok": true}}'),
    ("column", lambda row, number: f"no,{row.local},city\n1,{number},Bonn\n2,,Ulm"),
)


def found(scanner: Scanner, text: str, number: str, kinds: frozenset[str] = OF_PEOPLE) -> bool:
    """Return whether one finding of these kinds covers the number."""
    start = text.index(number)
    return any(span.start <= start and span.end >= start + len(number) for span in scanner.spans(text, kinds))


def alike(r: random.Random, number: str) -> str:
    """Return a random string of the same shape."""
    return "".join(
        r.choice("0123456789") if one.isdigit() else r.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") if one.isalpha() else one
        for one in number
    )


def counts(scanner: Scanner, row: Row, count: int = COUNT) -> list[int]:
    """Return how many of ``count`` are found in each position."""
    r = random.Random(row.name)
    numbers = [row.make(r) for _ in range(count)]
    return [sum(found(scanner, write(row, number), number, row.kinds) for number in numbers) for _, write in POSITIONS]


def false_ones(scanner: Scanner, row: Row, count: int = RANDOM) -> int:
    """Return how many of ``count`` random strings of the shape are found where nothing says what they are."""
    r = random.Random(f"{row.name} false")
    write = POSITIONS[0][1]
    numbers = [alike(r, row.make(r)) for _ in range(count)]
    return sum(found(scanner, write(row, number), number, row.kinds) for number in numbers)


def main() -> None:
    """Print the table."""
    scanner = Scanner(SensitivitySpec())
    print("| number | " + " | ".join(name for name, _ in POSITIONS) + f" | of {RANDOM} random |")
    print("|---" * (len(POSITIONS) + 2) + "|")
    for row in ROWS:
        print(
            f"| {row.name} | " + " | ".join(map(str, counts(scanner, row))) + f" | {false_ones(scanner, row)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
