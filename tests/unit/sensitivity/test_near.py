"""Words of any language say what a value is; between them and the value there may be a few more."""
# ruff: noqa: RUF001 -- other scripts are what this is about

import pytest
from support import detecting

from gateway.domain.label import DataClass
from gateway.sensitivity.near import Shape, near


class Badges:
    kind, data_class, likely_class, categories, min_distinct = (
        "badge",
        DataClass.INTERNAL,
        DataClass.INTERNAL,
        frozenset(),
        1,
    )

    def __init__(self):
        self.triggers = near(
            ("bdg", "badge number", "工号", "номер пропуска", "ค"),
            (Shape(r"[A-Z]?\d{6}", lambda one: one != "000000"),),
        )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("bdg: 123456", "123456"),
        ("BDG 123456.", "123456"),
        ("staff_bdg=A123456", "A123456"),
        ("badgeNumber of Ann is 123456", "123456"),
        ('{"badge_number": "123456"}', "123456"),
        ("他的工号是123456，谢谢", "123456"),
        ("工号：A123456有效", "A123456"),
        ("工号\n123456", "123456"),
        ("НОМЕР ПРОПУСКА: 123456", "123456"),
        ("Номер пропуска 123456", "123456"),
        ("ค123456", "123456"),
        ("bdg123456", "123456"),
        ("abdg 123456", None),
        ("bdg 1234567", None),
        ("bdg 12 and 123456", None),
        ("bdg 000000", None),
        ("工号\n\n123456", None),
        ("工号" + "很" * 50 + "123456", None),
        ("123456", None),
    ],
)
@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
def test_values(text, value, engine):
    assert detecting.found(Badges, text, engine) == ([] if value is None else [value])
