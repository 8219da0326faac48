"""``make test-real-masking``: edits, tasks and cached prompts through a gateway that masks and one that does not.

python -m real.masked [--edits 1000] [--tasks 204] [--conversations 10] [--seed 2]
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from support.fakes import CHAT, MESSAGES

from . import edits, loop, tasks
from .lab import Way


def main() -> None:
    """Measure, print; exit with 1 if a figure is not reached."""
    parser = argparse.ArgumentParser(prog="python -m real.masked", description=__doc__)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--tasks", type=int, default=204)
    parser.add_argument("--conversations", type=int, default=10)
    parser.add_argument("--seed", type=int, default=2)
    asked = parser.parse_args()
    with TemporaryDirectory() as place:
        sys.exit(anyio.run(_measured, asked, Path(place)))


async def _measured(asked: argparse.Namespace, place: Path) -> int:
    reached = [
        await _edits(asked.edits, asked.seed, place / "edits"),
        await _tasks(asked.tasks, asked.seed, place / "tasks", "tasks", tasks.RULES),
        await _cached(asked.conversations, asked.seed, place / "loop"),
    ]
    await _tasks(asked.tasks, asked.seed, place / "letters", "tasks about a value's own letters", tasks.LETTERS)
    return 0 if all(reached) else 1


async def _edits(count: int, seed: int, place: Path) -> bool:
    found = await edits.compare(count, seed, place)
    print(f"{found.total['all']} edits of lines with masked values ({found.unmasked} others had none)\n")
    print(f"{len(found.moved)} more were moved, not masked: something beside the value cannot be read\n")
    print("| edits | number | other bytes than without masking |\n|---|---|---|")
    for row, total in sorted(found.total.items()):
        print(f"| {row} | {total} | {total - found.same[row]} |")
    for edit, plain, masked in found.failed:
        pairs = zip(plain.split(b"\n"), masked.split(b"\n"), strict=False)
        one, other = next((pair for pair in pairs if pair[0] != pair[1]), (b"", b""))
        written = f"{edit.line.format or edit.line.kind} → {edit.to or 'the same'}, {edit.op}, shown {edit.shown}"
        print(f"\n{written}\n    without {one.decode()[:200]}\n    with    {other.decode()[:200]}")
    shares = {row: found.same[row] / found.total[row] for row in ("all", edits.IN_PLACE, edits.MOVED)}
    print(f"\n{', '.join(f'{row} {share:.2%}' for row, share in shares.items())}")
    return shares[edits.IN_PLACE] >= 0.999 and shares[edits.MOVED] >= 0.96


async def _tasks(count: int, seed: int, place: Path, name: str, rules: dict[str, Callable[[str], str]]) -> bool:
    todo = tasks.tasks(count, seed, rules)
    ways = [Way(place / str(masking), masking=masking) for masking in (False, True)]
    plain, masked = [await tasks.right(todo, way, seed) for way in ways]
    print(f"\n| {name} | number | right without masking | right with it |\n|---|---|---|---|")
    for rule in rules:
        total = sum(task.name == rule for task in todo)
        print(f"| {rule} | {total} | {plain[rule]} | {masked[rule]} |")
    sums = [sum(one[rule] for rule in rules) for one in (plain, masked)]
    print(f"| all ({masked['masked']} masked) | {count} | {sums[0] / count:.1%} | {sums[1] / count:.1%} |")
    return abs(sums[0] - sums[1]) <= 0.01 * count


async def _cached(conversations: int, seed: int, place: Path) -> bool:
    print(f"\n{conversations} tool loops of {loop.TURNS} turns\n")
    print("| dialect | tokens sent | cached without masking | cached with it |\n|---|---|---|---|")
    near = True
    for dialect in (CHAT, MESSAGES):
        plain, masked = await loop.compare(dialect, conversations, seed, place)
        near &= abs(plain.share - masked.share) <= 0.01
        print(f"| {dialect.path} | {plain.prompt:,} | {plain.share:.2%} | {masked.share:.2%} |")
    return near


if __name__ == "__main__":
    main()
