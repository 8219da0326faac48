import pytest

from gateway.policy.diff.keys import keys_named, looks_at_keys, only_compares_keys


def test_a_string_is_no_variable():
    assert looks_at_keys("key == 'ci'")
    assert not looks_at_keys("team == 'key'")
    assert not looks_at_keys(None)


def test_every_string_beside_a_key_may_be_one():
    assert keys_named("key == 'ci' || team == \"lab\" || key == ''") == ["ci", "lab"]
    assert keys_named("team == 'lab'") == []


@pytest.mark.parametrize(
    ("when", "does"),
    [
        ("key == 'ci'", True),
        ("'ci' != key", True),
        ("key in ['ci', 'cd'] && team == 'lab'", True),
        ("key == team", False),
        ("key in [team]", False),
        ("key.startsWith('ci')", False),
        ("size(key) > 3", False),
        ("key == 'ci' || key.matches('x')", False),
    ],
)
def test_only_comparisons_can_be_tried_in_full(when, does):
    assert only_compares_keys(when) is does
