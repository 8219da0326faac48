"""Records that no running gateway writes: a command's own, in a segment of their own."""

from collections.abc import Sequence
from typing import Final

from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.records import Record
from gateway.stores.data_dir import DataDir

_BATCH: Final = 1000


def append(data_dir: DataDir, records: Sequence[Record], prefix: str, now_ns: int, chance: bytes) -> None:
    """Append records in a segment of their own and return when they are durable; the ledger takes each once.

    Not to be called from an event loop. ``prefix`` begins the segment's name; ``chance``: 10 random bytes.

    Raises:
        LedgerUnavailable: the disk is full or failed.
        OSError: the spool cannot be made or written.
    """
    if records:
        import anyio  # noqa: PLC0415 -- most commands only read

        assert len(chance) == RANDOM_BYTES
        anyio.run(_append, data_dir, records, new_id(prefix, now_ns // 1_000_000, chance))


async def _append(data_dir: DataDir, records: Sequence[Record], instance: str) -> None:
    from gateway.stores.spool.writer import SpoolWriter  # noqa: PLC0415 -- as above

    data_dir.ensure()
    writer = SpoolWriter(data_dir.spool, instance)
    try:
        for start in range(0, len(records), _BATCH):
            writer.append(*records[start : start + _BATCH])
            await writer.commit()
    finally:
        writer.close()
