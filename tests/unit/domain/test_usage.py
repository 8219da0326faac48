"""Usage is counts that begin at nothing."""

from gateway.domain.usage import Usage


def test_nothing_was_used_until_something_is_told():
    usage = Usage()

    assert usage == Usage(0, 0, 0, 0, 0, estimated=False)
