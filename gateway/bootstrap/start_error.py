"""Why the gateway, or one of its processes, cannot start: one line that says what is wrong and what to do."""

import os
from contextlib import suppress
from pathlib import Path

from gateway.domain.errors import LedgerUnavailable
from gateway.policy.load.errors import PolicyErrors
from gateway.stores.sql.database import LedgerUnusable


class StartError(Exception):
    """The gateway cannot start; the message says what to do."""


def reason(error: Exception) -> str | None:
    """Return why a process can never start like this; None if a retry may help, or if the error is unexpected."""
    if isinstance(error, LedgerUnusable | StartError | PolicyErrors):
        return str(error)
    if isinstance(error, LedgerUnavailable):
        return None
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}; check data_dir and the files that gateway.yaml names"
    return str(error) if isinstance(error, ValueError) else None


def report(run_dir: str, text: str) -> bool:
    """Leave the reason for the supervisor, which prints one for all of its children; False if that is impossible."""
    with suppress(OSError):
        Path(run_dir, f"{os.getpid()}.reason").write_text(text, encoding="utf-8")
        return True
    return False
