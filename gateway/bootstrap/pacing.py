"""What governors have seen of the last day, kept in a file, so that a restart does not change what they decide."""

from pathlib import Path
from typing import Final

import anyio
import orjson

from gateway.pipeline.pacing import Pacing
from gateway.telemetry.logs import Log

FILE: Final = "pacing.json"
EVERY_S: Final = 60.0


def load_pacing(folder: Path, log: Log) -> Pacing:
    """Return what an earlier process saw; a file that cannot be read is reported and replaced."""
    try:
        return Pacing(orjson.loads((folder / FILE).read_bytes()))
    except FileNotFoundError:
        return Pacing()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.event("pacing_not_read", "error", kind=type(error).__name__)
        return Pacing()


async def keep_pacing(pacing: Pacing, folder: Path, log: Log) -> None:
    """Write once a minute and when cancelled, if there is anything to keep."""
    last = b""
    try:
        while True:
            await anyio.sleep(EVERY_S)
            last = await anyio.to_thread.run_sync(_write, folder, pacing.as_json(), last, log)
    finally:
        _write(folder, pacing.as_json(), last, log)


def _write(folder: Path, data: dict[str, object], last: bytes, log: Log) -> bytes:
    """Write what is not ``last``, as a whole or not at all; returns what is written."""
    text = orjson.dumps(data)
    if text == last or not data["tracks"]:
        return last
    draft = folder / (FILE + ".new")
    try:
        draft.touch(0o600)
        draft.write_bytes(text)
        draft.replace(folder / FILE)
    except OSError as error:
        log.event("pacing_not_kept", "error", kind=type(error).__name__)
        return last
    return text
