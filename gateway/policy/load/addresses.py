"""Which addresses are ours: loopback, private ranges, and what ``trust.local_networks`` names."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from gateway.policy.document.targets import TargetBlock

_OURS: Final = tuple(
    ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)


def is_local(address: str, local_networks: Sequence[str] = ()) -> bool:
    """Return whether an IP address is ours. Link-local ones are not: cloud metadata services live there.

    Raises:
        ValueError: it is not an IP address.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip in network for network in (*_OURS, *(ip_network(name) for name in local_networks)))


def address_errors(target: TargetBlock, networks: Sequence[str]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield (key, problem, fix) for each URL of a target that is none, holds a password, or is not where it must be."""
    urls = [(("endpoints", place), url) for place, url in enumerate(target.endpoints or ())]
    bases: list[tuple[tuple[str | int, ...], str]] = [(("api_base",), target.api_base)] if target.api_base else []
    for key, url in (*urls, *bases):
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        if not host or parts.scheme not in {"http", "https"}:
            yield key, "is not an http(s) URL", "write it like http://host:port"
        elif parts.username is not None or parts.password is not None:
            yield key, "holds a user or password", "name the key's environment variable instead"
        elif parts.query or parts.fragment:
            yield key, "holds a query or fragment", "write the root alone"
        elif target.zone == "local" and not _may_be_local(host, networks):
            yield key, f"`{host}` is a public address", "list its network in trust.local_networks, or use zone: closed"
        elif target.zone == "closed" and parts.scheme == "http" and not _may_be_local(host, networks, names=False):
            yield key, "is not encrypted", "use https"


def _may_be_local(host: str, networks: Sequence[str], *, names: bool = True) -> bool:
    """Return whether a host is local, as far as that is known without a DNS query; ``names``: what a name counts as."""
    try:
        return is_local(host, networks)
    except ValueError:
        return names or host == "localhost"
