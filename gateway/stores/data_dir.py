"""Where everything durable lives: one directory, readable by its owner alone, and the names of what is in it."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SQLITE: Final = "sqlite:"
"""The ledger's place if no other is given: a file in the data directory."""
_OWNER_BYTES: Final = 9
_SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class DataDir:
    """The data directory of one gateway."""

    path: Path
    ledger_url: str = SQLITE
    """Where the ledger is: in here, or ``postgresql://…``."""

    def spool_owner(self) -> str:
        """Return the name under which a database of many edges keeps how far this spool is read; made once.

        Raises:
            OSError: it can neither be read nor made.
            ValueError: its file is empty.
        """
        return read_or_make_secret(self._owner, _OWNER_BYTES)

    def known_owner(self) -> str | None:
        """Return the same for who only reads: None if it was never made, so nothing of this spool was shipped.

        Raises:
            OSError: it cannot be read.
            ValueError: its file is empty.
        """
        return self.spool_owner() if self._owner.exists() else None

    @property
    def _owner(self) -> Path:
        return self.path / "spool-owner"

    @property
    def spool(self) -> Path:
        """Directory of the spool's segments."""
        return self.path / "spool"

    @property
    def ledger(self) -> Path:
        """The ledger's database."""
        return self.path / "ledger.sqlite3"

    @property
    def egress(self) -> Path:
        """Directory of the chains of egress instances."""
        return self.path / "egress"

    @property
    def keys(self) -> Path:
        """The database of API keys."""
        return self.path / "keys.sqlite3"

    @property
    def admin_token(self) -> Path:
        """The admin plane's token, if no file of one's own is named."""
        return self.path / "admin-token"

    @property
    def sessions(self) -> Path:
        """The journal of labels of conversations: salted hashes and labels."""
        return self.path / "session-labels.jsonl"

    @property
    def forgetting(self) -> Path:
        """Directory of what is to be forgotten of conversations; the edge takes it from there."""
        return self.path / "forgetting"

    @property
    def alerts(self) -> Path:
        """Alerts about budgets that the webhook has not taken yet: ids and amounts."""
        return self.path / "alerts.json"

    @property
    def patterns(self) -> Path:
        """Directory of compiled patterns: may be removed at any time."""
        return self.path / "patterns"

    @property
    def policy(self) -> Path:
        """Directory of the policy files in force, and of what was accepted."""
        return self.path / "policy"

    @property
    def salt(self) -> Path:
        """What user and session ids are hashed with."""
        return self.path / "salt"

    def salt_of(self, file: Path | None) -> bytes:
        """Return what ids are hashed with: from a file of its own, or made here once.

        Raises:
            OSError: it can neither be read nor made.
            ValueError: the file is empty.
        """
        if file is not None:
            return file.read_bytes().strip()[:64]
        return read_or_make_secret(self.salt, _SALT_BYTES).encode()[:64]

    @property
    def place(self) -> str:
        """Where the ledger is, without a password: for people."""
        if self.ledger_url == SQLITE:
            return str(self.path)
        scheme, _, rest = self.ledger_url.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"

    def has_ledger(self) -> bool:
        """Return whether anything was ever recorded here: a database, a spool, or a chain of an egress.

        A ledger in a database of its own is there, or reading it fails.
        """
        if self.ledger_url != SQLITE or self.ledger.exists():
            return True
        return any(place.is_dir() and any(place.iterdir()) for place in (self.spool, self.egress))

    def ensure(self) -> None:
        """Create the directories that are missing, for the owner alone."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.spool.mkdir(exist_ok=True, mode=0o700)


def read_or_make_secret(path: Path, size: int) -> str:
    """Return the secret in a file; the first caller creates it, from ``size`` random bytes in base64url, mode 0600.

    Processes that start together agree on one: the file appears whole, or not at all, and never twice.

    Raises:
        OSError: the file can neither be read nor made.
        ValueError: the file is empty.
    """
    if not path.exists():
        _make(path, secrets.token_urlsafe(size))
    secret = path.read_text(encoding="ascii").strip()
    if not secret:
        raise ValueError(f"{path.name} is empty: put a secret into it, or remove it and a new one is made")
    return secret


def _make(path: Path, secret: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, keeps the secret of the process that was first.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
