"""Values that may not leave, made anew each time: one found in a body can only have come from where it was put."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Plant:
    """A sensitive value, its kind, and the label that it must get."""

    kind: str
    value: str
    level: int
    category: str


def luhn(digits: str) -> str:
    """Return the digits with their check digit."""
    total = sum(
        sum(divmod(2 * int(digit), 10)) if index % 2 == 0 else int(digit) for index, digit in enumerate(digits[::-1])
    )
    return digits + str(-total % 10)


def card(number: int) -> Plant:
    digits = luhn("4" + f"{(number * 7_919_317 + 123_456_789) % 10**14:014d}")
    return Plant("credit_card", " ".join(digits[at : at + 4] for at in range(0, 16, 4)), 3, "pci")


def iban(number: int) -> Plant:
    account = f"{37040044 + number % 1000:08d}{(number * 7_919 + 532013000) % 10**10:010d}"
    check = 98 - int(account + "131400") % 97
    return Plant("iban", f"DE{check:02d}{account}", 3, "pii")


def secret(number: int) -> Plant:
    word = base64.b32encode(f"{number * 7_919_317:020d}".encode()).decode().rstrip("=")
    return Plant("secret", f"sk-ant-api03-{word[:24]}{word[::-1][:16].lower()}AA", 3, "secret")


def email(number: int) -> Plant:
    return Plant("email", f"jane.miller{number:05d}@kontor-{number % 89:02d}.de", 2, "pii")


PLANTS: dict[str, Callable[[int], Plant]] = {"card": card, "iban": iban, "secret": secret, "email": email}

FULL_WIDTH = {ord(character): ord(character) + 0xFEE0 for character in "0123456789"}

DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "full-width digits": lambda value: value.translate(FULL_WIDTH),
    "JSON": lambda value: json.dumps({"note": f"see {value} there"}),
    "JSON in JSON": lambda value: json.dumps({"body": json.dumps({"note": f"see {value} there"})}),
}
ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda value: base64.b64encode(f"note: {value} and more of it".encode()).decode(),
    "percent": lambda value: "https://shop.example/?note=" + quote(f"see {value} there", safe=""),
}
"""Disguises in which the value itself does not stand; `support.lab.forms` knows them."""
