"""Events between dialects are values: equal where they say the same."""

from gateway.domain.usage import Usage
from gateway.wire.translate.events import Counted, Opened, Piece


def test_events_that_say_the_same_are_equal():
    assert Piece(1, "x") == Piece(1, "x") != Piece(2, "x")
    assert Counted(Usage(output_tokens=1)) != Counted(Usage())
    assert Opened(0, "call", "c", "f").data == ""
