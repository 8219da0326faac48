"""Local means local: what a name resolves to is checked, and nothing else is connected to."""

import ipaddress
import socket

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.loopback import always, response, serving

from gateway.ports import UpstreamBroken
from gateway.upstream.addresses import LOCAL_NETWORKS, NotLocal, is_local, resolve_local
from gateway.upstream.pool import Pool, Server, tcp_dialer

pytestmark = pytest.mark.anyio


def names(monkeypatch, *addresses: str) -> None:
    """Make every name resolve to these."""

    async def getaddrinfo(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(anyio, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "::1",
        "fd12::1",
        "::ffff:10.0.0.1",
    ],
)
def test_loopback_and_private_addresses_are_local(address):
    assert is_local(ipaddress.ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        *(
            "8.8.8.8",
            "172.32.0.1",
            "172.15.255.255",
            "192.169.0.1",
            "11.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "0.0.0.0",
        ),
        *("169.254.169.254", "224.0.0.1", "255.255.255.255", "2001:db8::1", "fe80::1", "::", "ff02::1"),
        *(
            "::ffff:8.8.8.8",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "fd00:ec2::254",
            "fd20:ce::254",
        ),
    ],
)
def test_public_link_local_and_metadata_addresses_are_not(address):
    assert not is_local(ipaddress.ip_address(address), ())


@pytest.mark.parametrize(
    ("network", "address"),
    [("100.64.0.0/10", "100.64.0.1"), ("2001:db8::/32", "2001:db8::1"), ("fd00:ec2::/32", "fd00:ec2::254")],
)
def test_a_network_that_the_policy_trusts_is_local(network, address):
    assert is_local(ipaddress.ip_address(address), [ipaddress.ip_network(network)])


@given(st.ip_addresses())
def test_no_global_address_is_ever_local(address):
    mapped = getattr(address, "ipv4_mapped", None) or address
    assert not (mapped.is_global and is_local(address, ()))
    assert is_local(address, ()) <= any(
        mapped in network for network in LOCAL_NETWORKS if network.version == mapped.version
    )


async def test_of_several_addresses_only_the_local_ones_are_tried(monkeypatch):
    names(monkeypatch, "8.8.8.8", "10.1.1.1", "169.254.169.254", "fd12::5%eth0")
    assert await resolve_local("x", 1, ()) == ["10.1.1.1", "fd12::5"]


@pytest.mark.parametrize("host", ["8.8.8.8", "169.254.169.254", "::ffff:169.254.169.254", "2001:db8::1"])
async def test_a_literal_address_is_checked_too(host):
    with pytest.raises(NotLocal):
        await resolve_local(host, 80, ())


async def test_a_name_that_is_rebound_to_a_public_address_gets_not_a_byte(monkeypatch):
    async with serving(always(response())) as wire:
        resolve = lambda host, port: resolve_local(host, port, ())  # noqa: E731
        pool = Pool(tcp_dialer(Server("http", "sglang.example", wire.port, ""), resolve))
        names(monkeypatch, "127.0.0.1")
        async with pool.send(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 5):
            pool.close()
        assert len(wire.heard) == 1
        pool.close()
        names(monkeypatch, "93.184.216.34")
        with pytest.raises(UpstreamBroken) as caught:
            async with Pool(pool._dial).send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", 5):
                pass
        assert not caught.value.sent
        assert len(wire.heard) == 1
