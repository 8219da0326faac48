"""Keys that carry nothing are known while there is room."""

from gateway.stores.sessions.plain import Plain


def test_what_was_noted_carries_nothing_and_the_rest_is_unknown():
    plain = Plain()
    plain.note(["a"])
    assert plain.of("a") == ()
    assert plain.of("b") is None


def test_the_one_that_was_not_used_the_longest_is_forgotten():
    plain = Plain(most=2)
    plain.note(["a", "b"])
    plain.of("a")
    plain.note(["c"])
    assert [plain.of(key) for key in "abc"] == [(), None, ()]
