"""An exchange is a value: equal records make equal exchanges."""

import pytest
from support.books import request

from gateway.telemetry.exchange import Exchange


def test_equal_records_make_equal_exchanges(served):
    made, started, ended, end = request(1)

    assert Exchange(made, ((started, ended),), end) == served


def test_it_does_not_change(served):
    with pytest.raises(AttributeError):
        served.attempts = ()
