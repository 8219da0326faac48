"""An unexpected error is reported by kind and place."""

import pytest

from gateway.telemetry.unexpected import leaf, where


def caught(code: str) -> BaseException:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 -- which one is not the point
        exec(compile(code, "<code>", "exec"), {"__name__": "made.up"})
    return raised.value


def test_the_first_error_inside_nested_groups_is_the_one():
    inner = ValueError("one")

    assert leaf(ExceptionGroup("", [ExceptionGroup("", [inner, KeyError()]), OSError()])) is inner
    assert leaf(inner) is inner


def test_the_place_is_the_innermost_module_and_line():
    assert where(caught("def fail():\n    raise ValueError('secret text')\n\nfail()")) == "made.up:2"


def test_an_error_that_was_never_raised_has_no_place():
    assert where(ValueError("secret text")) == ""
