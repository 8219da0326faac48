"""Local means local: a name is resolved, each address is checked, and only a checked address is connected to."""

import ipaddress
import socket
from collections.abc import Sequence
from typing import Final

import anyio

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOCAL_NETWORKS: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""Loopback, RFC 1918 and RFC 4193. Link-local is left out: cloud metadata services answer there."""
_METADATA: Final = frozenset(ipaddress.ip_address(address) for address in ("fd00:ec2::254", "fd20:ce::254"))
"""Where AWS and Google Cloud answer on IPv6, inside RFC 4193."""


class NotLocal(OSError):
    """The host of a local target has no local address; not a byte was sent."""


def is_local(address: Address, trusted: Sequence[Network]) -> bool:
    """Return whether an address is loopback, private, or in a trusted network."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    checked = mapped or address
    if checked in _METADATA:
        return any(checked in network for network in trusted)
    return any(checked.version == network.version and checked in network for network in (*LOCAL_NETWORKS, *trusted))


async def resolve_local(host: str, port: int, trusted: Sequence[Network]) -> list[str]:
    """Return the local addresses of a host, in the resolver's order.

    Raises:
        NotLocal: it has none.
        OSError: the name cannot be resolved.
    """
    try:
        addresses: list[Address] = [ipaddress.ip_address(host)]
    except ValueError:
        found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    local = [str(address) for address in addresses if is_local(address, trusted)]
    if not local:
        raise NotLocal("the host has no loopback, private or trusted address")
    return local
