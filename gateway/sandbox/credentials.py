"""Reads the keys of a request, and hides them from everything that is recorded."""

import hashlib
from collections.abc import Mapping

_SECRET = frozenset({"authorization", "x-api-key", "api-key", "proxy-authorization", "cookie"})


def bearer(headers: Mapping[str, str]) -> str | None:
    """Read the key of `Authorization: Bearer`, if there is one."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def open_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Keep the headers that hold no credential."""
    return {name: value for name, value in headers.items() if name not in _SECRET}


def fingerprints(headers: Mapping[str, str]) -> dict[str, dict[str, str | None]]:
    """Return for each credential its header, its scheme and the SHA-256 of the key itself."""
    return {name: _fingerprint(headers[name]) for name in sorted(_SECRET & headers.keys())}


def _fingerprint(value: str) -> dict[str, str | None]:
    scheme, space, key = value.partition(" ")
    secret = key.strip() if space else value
    return {"scheme": scheme if space else None, "sha256": hashlib.sha256(secret.encode()).hexdigest()}
