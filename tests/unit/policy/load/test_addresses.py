import pytest

from gateway.policy.load.addresses import is_local
from tests.unit.policy.conftest import closed, local


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.9.9", "::1", "fd00::1", "::ffff:10.0.0.1"]
)
def test_loopback_and_private_ranges_are_ours(address):
    assert is_local(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "169.254.169.254", "172.32.0.1", "100.64.0.1", "fe80::1", "2001:db8::1"]
)
def test_all_else_is_not_link_local_least_of_all(address):
    assert not is_local(address)


def test_what_is_trusted_is_ours():
    assert is_local("100.64.0.1", ["100.64.0.0/10"])
    assert not is_local("100.64.0.1", ["2001:db8::/32"])


def test_a_plain_http_vendor_is_only_taken_at_home(make):
    for base in ("http://localhost:9/v1", "http://127.0.0.1:9/v1", "https://api.example.com/v1"):
        assert make(targets=[local("home"), closed("away", api_base=base)]).targets["away"].endpoints == (base,)
