"""How a presented secret is looked up, the same for every store: by id, then by hash, in even time."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeVar

from gateway.ports import Principal

KEY_ID: Final = r"[0-9A-Za-z-]{1,32}"
Prefix = Literal["gwk", "gwa"]
"""What a secret begins with: ``gwk`` a gateway key, ``gwa`` a token of the admin plane."""
_FORM: Final = re.compile(rf"(gw[ka])_({KEY_ID})_([0-9A-Za-z_-]{{43}})", re.ASCII)
_LONGEST: Final = 4 + 32 + 1 + 43
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH: Final = 8
_NOBODY: Final = "0" * 64
"""What an unknown id is compared with, so that its answer takes as long as that of a known one."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A new secret; its text is shown once and stored nowhere."""

    id: str
    text: str
    sha256: str
    """Of the whole text, as lower-case hex."""


class Hashed(Protocol):
    """What is stored of a secret."""

    @property
    def sha256(self) -> str:
        """Of the whole secret, as lower-case hex."""


Kept = TypeVar("Kept", bound=Hashed)


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


def new_secret(prefix: Prefix) -> Secret:
    """Return a new secret of 32 random bytes."""
    secret_id = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
    text = f"{prefix}_{secret_id}_{secrets.token_urlsafe(32)}"
    return Secret(secret_id, text, digest_of(text))


def digest_of(key: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(key.encode()).hexdigest()


def matching(kept: Mapping[str, Kept], prefix: Prefix, presented: str) -> Kept | None:
    """Return what is stored of a presented secret, whatever became of it; None if it is malformed or unknown."""
    if len(presented) > _LONGEST:
        return None
    form = _FORM.fullmatch(presented)
    if form is None or form[1] != prefix:
        return None
    stored = kept.get(form[2])
    same = hmac.compare_digest(digest_of(presented), _NOBODY if stored is None else stored.sha256)
    return stored if same else None


def look_up(keys: Mapping[str, StoredKey], presented: str, now: float) -> Principal | None:
    """Return the owner of a presented key; None if it is malformed, unknown, revoked or expired."""
    stored = matching(keys, "gwk", presented)
    if stored is None or stored.revoked or (stored.expires is not None and now >= stored.expires):
        return None
    return Principal(stored.id, stored.team, stored.grants)
