"""What people and conversations are called by becomes a hash before policy or ledger sees it."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Salt:
    """Salted hashes of names, which cannot be looked up without the salt; the same name keeps its hash."""

    key: bytes

    def hash(self, *parts: str) -> str:
        """Return 16 hex digits; empty if the last part is."""
        if not parts[-1]:
            return ""
        return hashlib.blake2b("\x1f".join(parts).encode(), key=self.key, digest_size=8).hexdigest()
