"""Rules come out of canonical data as they went in, hard ones first; clearance and dialect hold in every policy."""

from support.parts import kept

from gateway.policy.canonical.rules import from_canonical, hard, ordering, to_canonical
from gateway.policy.rules.clearance import ClearanceRule
from gateway.policy.rules.dialect import DialectRule
from gateway.policy.rules.input import InputRule

WRITTEN = [
    {"kind": "prefer", "by": "order", "order": ["home"]},
    {"kind": "deny", "when": "data_class >= internal", "zones": ["closed"]},
]


def test_rules_come_out_as_they_went_in():
    data = kept(to_canonical(from_canonical(WRITTEN)))

    assert [one["kind"] for one in data] == ["deny", "prefer"]
    assert kept(to_canonical(from_canonical(data))) == data


def test_clearance_dialect_and_input_hold_even_if_nobody_wrote_them():
    kinds = [type(one.rule) for one in hard(())]

    assert sorted(kinds, key=str) == sorted([ClearanceRule, DialectRule, InputRule], key=str)
    assert ordering(()) == ()
