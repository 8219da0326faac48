"""Long looks at the past, spread over processes: each reads its own slices of the ledger."""

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final, TypeVar

import click

from gateway.policy.replay.replay import from_canonical
from gateway.policy.snapshot import PolicySnapshot
from gateway.stores.data_dir import DataDir

_SLICES: Final = 12
"""Slices a process: enough for all to end at about the same time."""
_NS_PER_HOUR: Final = 3_600_000_000_000
_WORKER: dict[str, Any] = {}

Found = TypeVar("Found")
Look = Callable[[PolicySnapshot, DataDir, int, int], Found]
"""Looks at the decisions of ``[from, to)`` under a policy. A function of a module: processes find it by its name."""


def spread(
    look: "Look[Found]", snapshot: PolicySnapshot, data_dir: DataDir, span: tuple[int, int], workers: int | None
) -> Iterator[Found]:
    """Yield what was found in each slice of a span, in order; on a terminal with progress. None: a process a core."""
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        yield look(snapshot, data_dir, *span)
        return
    from_ns, to_ns = span
    slices = min(_SLICES * workers, max(1, (to_ns - from_ns) // _NS_PER_HOUR))
    cuts = [from_ns + (to_ns - from_ns) * number // slices for number in range(slices + 1)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, spawn, _begin, (look, snapshot.canonical, data_dir)) as pool:
        for number, part in enumerate(pool.map(_look, cuts[:-1], cuts[1:]), 1):
            yield part
            if sys.stderr.isatty():
                click.echo(f"\r{number * 100 // slices} %", nl=number == slices, err=True)


def _begin(look: "Look[Any]", canonical: bytes, data_dir: DataDir) -> None:
    gc.disable()  # nothing here has cycles, and looking for them costs a tenth of the time
    _WORKER.update(look=look, snapshot=from_canonical(canonical), data=data_dir)


def _look(from_ns: int, to_ns: int) -> Any:
    return _WORKER["look"](_WORKER["snapshot"], _WORKER["data"], from_ns, to_ns)
