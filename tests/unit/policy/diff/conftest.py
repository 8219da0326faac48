from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.policy.diff.compare import Diff, Side, compare, side_of
from gateway.pricing.book import PriceBook
from gateway.sensitivity.detectors import DETECTORS

BASE = (Path(__file__).parent / "base.yaml").read_text()
DEFAULTS = {one.kind: (one.data_class, one.min_distinct, one.likely_class) for one in DETECTORS}
BOOK = PriceBook.load_bundled()


def side(*texts: str) -> Side:
    return side_of([(f"p{number}.yaml", text) for number, text in enumerate(texts)], BOOK)


def diff(old: Side, new: Side) -> Diff:
    return compare(old, new, DEFAULTS)


def edited(find: str, put: str, text: str = BASE) -> str:
    assert text.count(find) == 1, f"{find!r} occurs {text.count(find)} times in the base"
    return text.replace(find, put)


@pytest.fixture(scope="session")
def base() -> Side:
    return side(BASE)


@pytest.fixture(scope="session")
def after(base) -> Callable[[str, str], Diff]:
    """Compare the base with itself after one edit."""
    return lambda find, put: diff(base, side(edited(find, put)))
