"""How a presented API key is looked up, the same for every store of keys: by id, then by hash, in even time."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.ports import Principal

KEY_ID: Final = r"[0-9A-Za-z-]{1,32}"
_FORM: Final = re.compile(rf"gwk_({KEY_ID})_([0-9A-Za-z_-]{{43}})", re.ASCII)
_LONGEST: Final = 4 + 32 + 1 + 43


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as it is stored: never the key itself."""

    id: str
    team: str
    sha256: str
    """Of the whole key, as lower-case hex."""
    grants: frozenset[str] = frozenset()
    expires: float | None = None
    """Unix time; None: never."""
    revoked: bool = False


_NOBODY: Final = StoredKey(id="", team="", sha256="0" * 64)
"""What an unknown id is compared with, so that its answer takes as long as that of a known one."""


def digest_of(key: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def look_up(keys: Mapping[str, StoredKey], presented: str, now: float) -> Principal | None:
    """Return the owner of a presented key; None if it is malformed, unknown, revoked or expired."""
    if len(presented) > _LONGEST:
        return None
    form = _FORM.fullmatch(presented)
    if form is None:
        return None
    stored = keys.get(form[1], _NOBODY)
    same = hmac.compare_digest(digest_of(presented), stored.sha256)
    if not same or stored.revoked or (stored.expires is not None and now >= stored.expires):
        return None
    return Principal(stored.id, stored.team, stored.grants)
