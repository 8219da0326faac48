"""What somebody wants forgotten of a conversation: asked for in a folder, which the running gateway looks at.

One file a request, written whole: a gateway that does not run finds it at its next start. Nothing is forgotten that was
learnt after the request: each names the decision that it is about, or the key of a session.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from gateway.sensitivity.forgetting import Forgotten

_NAME: Final = "*.json"


def ask(folder: Path, wanted: list[Forgotten]) -> None:
    """Ask the gateway of this data directory to forget.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    name = secrets.token_hex(16)
    draft = folder / f"{name}.new"
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(wanted))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / f"{name}.json")


def asked(folder: Path) -> Iterator[tuple[Path, list[Forgotten]]]:
    """Yield what is to be forgotten, with its file, which is removed once that is done. A bad file asks nothing."""
    for path in sorted(folder.glob(_NAME)) if folder.is_dir() else ():
        try:
            yield path, msgspec.json.decode(path.read_bytes(), type=list[Forgotten])
        except (OSError, msgspec.MsgspecError):
            yield path, []
