"""Addresses that a caller names and a server would fetch: none of ours, of nobody's metadata, and by HTTP alone.

The server of the model fetches an image by URL. A local server is inside our network, and some vendors
follow what they are given: so a body may not name an address that only we can reach, nor a file of the server.
A name that resolves to such an address is not detected here; the servers' own network policy must prevent that.
"""

import re
import unicodedata
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from gateway.domain.errors import InvalidRequest
from gateway.wire.body import Tree

_FETCHED: Final = frozenset(
    {"image_url", "video_url", "audio_url", "file_url", "document_url", "input_audio_url", "server_url"}
)
"""Keys whose value, or whose ``url``, is fetched."""
_SOURCES: Final = frozenset({"source", *_FETCHED})
"""Keys of objects whose ``url`` is fetched."""
_CONVERSATION: Final = ("messages", "system", "input", "mcp_servers")
_DATA: Final = frozenset({"tool_use", "server_tool_use", "mcp_tool_use", "function_call"})
"""Parts whose ``input`` is a tool's argument: data that no server fetches."""

_OWN_NAMES: Final = re.compile(
    r"(?:.*\.)?(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|svc|home\.arpa"
    r"|nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me)"
)
_PART: Final = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_MOST_PARTS: Final = 4
_BYTE: Final = 255
_EMBEDDED: Final = ((ip_network("64:ff9b::/96"), 0), (ip_network("2002::/16"), 80), (ip_network("::/96"), 0))
"""Networks whose addresses hold an IPv4 address, and how many bits follow it: NAT64, 6to4, compatible."""


def refuse_private(tree: Tree) -> None:
    """Refuse a body that would fetch something from a forbidden address.

    Raises:
        InvalidRequest: with the path of the URL and what is wrong, never the URL.
    """
    for path, url in remote_urls(tree):
        problem = trouble(url)
        if problem is not None:
            raise InvalidRequest(f"{path}: {problem}; send the data itself, or a public https address")


def remote_urls(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield path and text of each URL that a server would fetch, inline ``data:`` left out."""
    for name in _CONVERSATION:
        for path, url in _walk(tree.get(name), name, fetched=name == "mcp_servers"):
            if url[:5].lower() != "data:":
                yield path, url


def trouble(url: str) -> str | None:
    """Say why a URL may not be fetched; None if it may."""
    if any(character.isspace() or character == "\\" or not character.isprintable() for character in url):
        return "the URL contains invalid characters"
    try:
        parts = urlsplit(url)
        host, user = parts.hostname, parts.username
        parts.port  # noqa: B018 -- raises for a port that is none
    except ValueError:
        return "not a valid URL"
    if parts.scheme.lower() not in {"http", "https"}:
        return "only http(s) addresses are fetched"
    if not host:
        return "the URL has no host"
    if user is not None or "@" in parts.netloc:
        return "the URL contains a user"
    return "the address is in a private network" if is_private(host) else None


def is_private(host: str) -> bool:
    """Return whether a host is not on the public internet, as far as that is known without a DNS query."""
    name = unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").strip("[]").rstrip(".").casefold()
    address = _address(name)
    if address is not None:
        return not _is_public(address)
    number = _PART.fullmatch(name.rpartition(".")[2]) is not None  # no name ends so: a form that we do not know
    return number or "." not in name or "%" in name or _OWN_NAMES.fullmatch(name) is not None


def _walk(node: Any, path: str, *, fetched: bool) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from _walk(value, f"{path}[{index}]", fetched=fetched)
    elif isinstance(node, dict):
        kind = node.get("type")
        data = isinstance(kind, str) and kind in _DATA
        for key, value in node.items():
            inner = f"{path}.{key}" if key in _SHOWN else f"{path}.*"
            if isinstance(value, str):
                if key in _FETCHED or (fetched and key == "url"):
                    yield inner, value
            elif not (data and key == "input"):
                yield from _walk(value, inner, fetched=key in _SOURCES)


_SHOWN: Final = frozenset({"content", "url", *_CONVERSATION, *_SOURCES})
"""Names that a path may show: any other key is the caller's text."""


def _address(name: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a resolver takes a name for: also ``127.1``, ``0x7f000001``, ``017700000001``."""
    try:
        return ip_address(name.partition("%")[0])
    except ValueError:
        pass
    parts = name.split(".")
    if len(parts) > _MOST_PARTS or not all(_PART.fullmatch(part) for part in parts):
        return None
    try:
        *high, last = [_number(part) for part in parts]
    except ValueError:
        return None
    if any(part > _BYTE for part in high) or last >= 1 << (8 * (_MOST_PARTS - len(high))):
        return None
    return IPv4Address(last + sum(part << (24 - 8 * index) for index, part in enumerate(high)))


def _number(text: str) -> int:
    """Return the number of one part. Digits that are no octal in spite of their 0 are read as some resolvers do."""
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    if text.startswith("0") and "8" not in text and "9" not in text:
        return int(text, 8)
    return int(text)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or (address.teredo[1] if address.teredo else None)
        for network, behind in _EMBEDDED:
            if inner is None and address in network:
                inner = IPv4Address(int(address) >> behind & 0xFFFFFFFF)
        if inner is not None and not _is_public(inner):
            return False
    return address.is_global and not address.is_multicast
