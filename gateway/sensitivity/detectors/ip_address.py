"""Addresses and names of hosts: of our own network they are internal, of others they may be a person's."""

import re
from ipaddress import IPv6Address, ip_address
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import ALNUM, Hit, before, trigger

_V4: Final = re.compile(
    r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?![\w]|\.\d)", re.ASCII
)
_V6: Final = re.compile(r"[0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3}")
_HOST: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,6}(?:internal|intranet|corp|lan)\b(?![.\w-])", re.ASCII
)
_VERSION: Final = re.compile(r"(?:version|ver\.?|\bv|release|==|>=|<=|~=|\^|@|-)\s*$")
_HEX: Final = "0123456789abcdefABCDEF:"


class IpAddress:
    """IPv4 and IPv6 addresses, and names under the suffixes of private networks; not loopback, not versions."""

    kind = "ip_address"
    data_class = DataClass.INTERNAL
    likely_class = DataClass.INTERNAL
    categories: frozenset[Category] = frozenset()
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers."""
        self.triggers = (
            trigger(r"(?:^|[^0-9.A-Za-z_])[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]", _v4),
            trigger(r"(?:[0-9A-Fa-f]{1,4}:){3}[0-9A-Fa-f:]", _v6),
            trigger(r"[0-9A-Fa-f]::[0-9A-Fa-f]", _v6),
            trigger(r"[A-Za-z0-9]\.(?:internal|intranet|corp|lan)\b", _host),
        )


def _v4(text: str, end: int) -> Hit | None:
    head = text[max(0, end - 13) : end]
    start = end - len(head) + len(head.rstrip("0123456789."))
    match = _V4.match(text, start)
    if match is None or _VERSION.search(before(text, start, 12)):
        return None
    number = int(match[0].split(".")[0])
    if number in {0, 127} or match[0] == "255.255.255.255" or match[0].startswith("255."):
        return None
    return Hit(*match.span())


def _v6(text: str, end: int) -> Hit | None:
    head = text[max(0, end - 40) : end]
    start = end - (len(head) - len(head.rstrip(_HEX)))
    match = _V6.match(text, start)
    if match is None or text[start - 1 : start] in ALNUM or text[match.end() : match.end() + 1] in ALNUM:
        return None
    written = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
    try:
        address = ip_address(written)
    except ValueError:
        return None
    if not isinstance(address, IPv6Address) or address.is_loopback or address.is_unspecified:
        return None
    return Hit(start, start + len(written)) if len(written) > 6 else None  # noqa: PLR2004 -- ``a::b`` is C++


def _host(text: str, end: int) -> Hit | None:
    head = text[max(0, end - 128) : end]
    start = end - (len(head) - len(head.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")))
    match = _HOST.match(text, start)
    return Hit(*match.span()) if match and text[match.end() : match.end() + 1] not in {"(", "[", "="} else None
