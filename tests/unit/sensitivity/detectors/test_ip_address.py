import pytest
from support.detecting import found

from gateway.sensitivity.detectors.ip_address import IpAddress


@pytest.mark.parametrize(
    "host", ["10.20.30.40", "203.0.113.9", "fe80::1ff:fe23:4567:890a", "2001:db8:85a3::8a2e", "build.ci.corp"]
)
def test_hosts_are_found(host):
    assert found(IpAddress, f"see {host} now") == [host]


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "v1.2.3.4", "120.0.6099.109", "std::vector", "12:30:45", "255.255.255.0", "a.internal()"]
)
def test_what_only_looks_like_one_is_none(text):
    assert found(IpAddress, text) == []
