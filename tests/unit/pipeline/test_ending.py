"""How an answer ended is a value that says what is still to be sent."""

from gateway.pipeline.ending import Complete, Cut


def test_a_cut_is_the_servers_unless_our_own_time_was_over():
    assert Cut((), "x").by_server
    assert Cut((), "x").error == "upstream_error"
    assert Complete([b"a"], b"b").terminal == b"b"
