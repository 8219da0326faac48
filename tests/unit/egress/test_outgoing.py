from support.fakes import policy

from gateway.egress.outgoing import BACK, Outgoing, VendorBroken


def test_neither_body_nor_key_is_shown():
    shown = repr(Outgoing(policy().targets["away"], "sk-secret", "/v1/messages", b"prompt", {"a": "b"}, "att"))
    assert shown == "Outgoing(away, /v1/messages)"


def test_no_header_that_describes_a_connection_or_sets_a_cookie_comes_back():
    assert not BACK & {"set-cookie", "connection", "transfer-encoding", "content-length", "content-encoding", "server"}


def test_a_vendor_that_broke_was_reached_unless_said_otherwise():
    assert VendorBroken("x").reached
    assert not VendorBroken("x", reached=False).reached
