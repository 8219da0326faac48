"""Prompts in 14 languages (tests/property/languages.toml), with values that are made anew: what is found of them?"""

import random
import string
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import scanner_for

from .identity_numbers import ROWS, digits, with_luhn

PLACE = Path(__file__).parents[1] / "property" / "languages.toml"
Make = Callable[[random.Random], str]
COUNTRIES = {
    # (identity number, its maker's name), IBAN's country and digits, telephone number
    "en": ("", "GB", "+44 7{}"),
    "de": ("Germany, tax id", "DE", "0151 {}"),
    "fr": ("France, NIR", "FR", "06 {}"),
    "es": ("Spain, DNI", "ES", "6{}"),
    "pt": ("Brazil, CPF", "PT", "(11) 9{}"),
    "it": ("Italy, codice fiscale", "IT", "347 {}"),
    "nl": ("Netherlands, BSN", "NL", "06-{}"),
    "pl": ("Poland, PESEL", "PL", "+48 5{}"),
    "ru": ("Russia, SNILS", "BG", "+7 9{}"),
    "zh": ("China, resident id", "DE", "13{}"),
    "ja": ("Japan, My Number", "FR", "090-{}"),
    "ko": ("Korea, resident number", "ES", "010-{}"),
    "ar": ("Saudi Arabia, id", "SA", "05{}"),
    "tr": ("Turkey, TCKN", "TR", "0532 {}"),
}
WIDTHS = {"GB": 14, "DE": 18, "FR": 0, "ES": 0, "PT": 21, "IT": 0, "NL": 10, "PL": 24, "BG": 0, "SA": 20, "TR": 22}
PHONES = {
    "en": (3, 6),
    "de": (8,),
    "fr": (2, 2, 2, 2),
    "es": (2, 3, 3),
    "pt": (4, -4),
    "it": (7,),
    "nl": (8,),
    "pl": (2, 3, 3),
    "ru": (2, 3, -2, -2),
    "zh": (9,),
    "ja": (4, -4),
    "ko": (4, -4),
    "ar": (8,),
    "tr": (3, 2, 2),
}
WORDS = ("Sommer", "Garden", "Tiger", "Winter", "Laptop", "Madrid", "Dragon", "Coffee")


@dataclass(frozen=True)
class Prompt:
    """One prompt, and whether it holds a value that may not leave."""

    language: str
    text: str
    sensitive: bool


def prompts(seed: int, *, measuring: bool) -> Iterator[Prompt]:
    """Yield the half for building or the half for measuring, with the values of a seed."""
    chance = random.Random(seed)
    for language, kinds in tomllib.loads(PLACE.read_text()).items():
        for kind, texts in kinds.items():
            for text in texts:
                values = {name: make(chance) for name, make in makers(language).items()}
                if (sha256(text.encode()).digest()[0] % 2 == 1) == measuring:
                    yield Prompt(
                        language, text.format_map(values) if kind == "sensitive" else text, kind == "sensitive"
                    )


def makers(language: str) -> dict[str, Make]:
    """Return what makes each value in the way of a country."""
    number, country, phone = COUNTRIES[language]
    rows = {row.name: row.make for row in ROWS}
    return {
        "card": lambda r: spaced(with_luhn(r.choice(["4", "51", "53"]) + digits(r, 14))[:15], r),
        "iban": lambda r: iban(country, r),
        "id": rows.get(
            number, lambda r: f"{r.randrange(100, 650):03}-{r.randrange(10, 99)}-{digits(r, 4, '123456789')}"
        ),
        "phone": lambda r: phone.format(parts(PHONES[language], r)),
        "email": lambda r: (
            f"{r.choice(['j', 'maria', 'k.lee', 'info2'])}{r.randrange(90)}@{r.choice(['webmail', 'posta'])}.io"
        ),
        "passport": lambda r: r.choice(["C", "E", "K", "X"]) + digits(r, 8),
        "password": lambda r: r.choice(WORDS) + r.choice(["!", "#", "_", ""]) + digits(r, 4, "123456789"),
        "token": lambda r: "".join(r.choice(string.ascii_letters + string.digits) for _ in range(40)),
    }


def spaced(number: str, r: random.Random) -> str:
    """Return a card's number with its check digit, in groups of four or in one."""
    whole = with_luhn(number)
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4)) if r.random() < 0.5 else whole


def iban(country: str, r: random.Random) -> str:
    """Return an IBAN with right check digits, and the bank's own where stdnum knows them."""
    bodies = {"GB": "NWBK", "NL": "INGB", "FR": "", "IT": "", "ES": "", "BG": "BNBG9661"}
    if country in {"FR", "IT", "ES"}:
        return {"FR": french, "IT": italian, "ES": spanish}[country](r)
    body = bodies.get(country, "") + digits(r, WIDTHS[country] or 10)
    return checked(country, body)


def checked(country: str, body: str) -> str:
    """Return country, check digits and body (ISO 13616)."""
    number = "".join(str(int(sign, 36)) for sign in f"{body}{country}00")
    return f"{country}{98 - int(number) % 97:02}{body}"


def french(r: random.Random) -> str:
    """Return an IBAN of France, with its own key."""
    bank, branch, account = digits(r, 5), digits(r, 5), digits(r, 11)
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return checked("FR", f"{bank}{branch}{account}{key:02}")


def italian(r: random.Random) -> str:
    """Return an IBAN of Italy, with its check letter."""
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
    body = digits(r, 22)
    total = sum(odd[int(sign)] if place % 2 == 0 else int(sign) for place, sign in enumerate(body))
    return checked("IT", chr(65 + total % 26) + body)


def spanish(r: random.Random) -> str:
    """Return an IBAN of Spain, with its two own check digits."""
    bank, account = digits(r, 8), digits(r, 10)
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)

    def check(number: str) -> str:
        rest = 11 - sum(int(one) * weight for one, weight in zip(number, weights, strict=True)) % 11
        return str({10: 1, 11: 0}.get(rest, rest))

    return checked("ES", f"{bank}{check('00' + bank)}{check(account)}{account}")


def parts(sizes: tuple[int, ...], r: random.Random) -> str:
    """Return groups of digits; a negative size has a hyphen before it."""
    return "".join(("-" if size < 0 else " ") + digits(r, abs(size), "23456789") for size in sizes).strip()


@cache
def _scanner() -> Any:
    return scanner_for(SensitivitySpec())


def is_found(prompt: Prompt) -> bool:
    """Return whether the detectors call a prompt confidential or more."""
    tree = {"messages": [{"role": "user", "content": prompt.text}]}
    return bool(_scanner().scan(tree).label.data_class >= DataClass.CONFIDENTIAL)


def figures(*, measuring: bool, seeds: int = 10) -> dict[str, tuple[float, float, float]]:
    """Return precision, recall and F1 of each language, and of all; harmless prompts count once a seed, too."""
    counts: dict[str, list[int]] = {}
    for seed in range(seeds):
        for prompt in prompts(seed, measuring=measuring):
            said = is_found(prompt)
            for name in (prompt.language, "all"):
                row = counts.setdefault(name, [0, 0, 0])
                row[0] += said and prompt.sensitive
                row[1] += said and not prompt.sensitive
                row[2] += prompt.sensitive
    return {name: _rates(*row) for name, row in counts.items()}


def _rates(found: int, false: int, there: int) -> tuple[float, float, float]:
    precision, recall = found / max(found + false, 1), found / max(there, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def main() -> None:
    """Print the table of the half for measuring."""
    print("| language | P | R | F1 |\n|---|---|---|---|")
    for name, rates in sorted(figures(measuring=True).items(), key=lambda row: (row[0] == "all", row[0])):
        print(f"| {name} | {' | '.join(f'{rate:.3f}' for rate in rates)} |")


if __name__ == "__main__":
    main()
