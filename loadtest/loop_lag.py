"""How long the gateway's own code holds the event loop at once, beside ``orjson.loads`` of the same body.

    python -m loadtest.loop_lag [--rounds 5]

Each scene runs one call through the whole pipeline in this process: real parser, scanner, labels, policy and relay, a
stand-in for the upstream. Counted is the CPU time of the longest single step of the loop, so that other processes and
threads do not count. Beside it, in the same run: the CPU time of ``orjson.loads`` of the same bytes.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import anyio
import orjson

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.agent_sessions import Session
from support.fakes import (
    DONE,
    ROLE,
    USAGE,
    Client,
    Fakes,
    FakeUpstream,
    ask,
    chunk,
    completion,
    inbound,
    stream,
    whole,
)

from gateway.bootstrap.warm import settle
from gateway.domain.label import DataClass, Label, Part
from gateway.pipeline.handle import handle
from gateway.stores.sessions.journal import Line
from gateway.stores.sessions.memory import MemorySessions

MB = 1024 * 1024
LABELS = 200_000
MOST = 3.0
"""Times ``orjson.loads``."""


class Steps:
    """The CPU time of the longest step of the loop since it was asked last."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._run = asyncio.events.Handle._run  # noqa: SLF001 -- the one place that each step goes through
        steps = self

        def run(handle: asyncio.Handle) -> None:
            began = time.thread_time()
            steps._run(handle)
            steps.longest = max(steps.longest, time.thread_time() - began)

        asyncio.events.Handle._run = run  # type: ignore[method-assign]  # noqa: SLF001 -- as above

    def taken(self) -> float:
        """Return it in seconds, and begin anew."""
        found, self.longest = self.longest, 0.0
        return found


def loads_s(body: bytes) -> float:
    """Return the median CPU seconds of ``orjson.loads``."""
    found = []
    for _ in range(9):
        began = time.thread_time()
        orjson.loads(body)
        found.append(time.thread_time() - began)
    return median(found)


def one_text() -> dict[str, Any]:
    """1 MB in one message."""
    return ask("The quick brown fox jumps over the lazy dog. " * (MB // 45))


def many_turns() -> dict[str, Any]:
    """1 MB of an agent's session: hundreds of turns with code, logs and diffs."""
    body, session = {"model": "auto", "messages": []}, Session(1)
    size = 0
    for turn in session.turns(10_000):
        body["messages"].append(turn)
        size += len(json.dumps(turn))
        if size > MB:
            return body
    return body


def many_nodes() -> dict[str, Any]:
    """1 MB of small values: the arguments of a tool call as a table of numbers and words."""
    rows = [{"id": number, "name": f"n{number}", "ok": True} for number in range(MB // 38)]
    return ask("Sum it up.", metadata={"rows": rows})


def long_stream(size: int) -> list[bytes]:
    """The events of a streamed answer of so many bytes."""
    event = chunk("some words of an answer, as a model gives them ")
    return [ROLE, *[event] * (size // len(event)), USAGE, DONE]


async def call(body: dict[str, Any], steps: Steps, **replies: Any) -> tuple[bytes, float]:
    """Serve one call; return its body and the longest step."""
    world = Fakes(upstream=FakeUpstream(home=replies.get("home", whole()), vendor=replies.get("vendor", whole())))
    client = Client()
    call = inbound(body)
    await anyio.sleep(0)
    steps.taken()
    await handle(call, world.world, client)
    found = steps.taken()
    assert client.status == 200, client.body[:300]
    return call.body, found


async def bodies(steps: Steps, make: Callable[[], dict[str, Any]]) -> tuple[float, float]:
    """Return the longest step and orjson's time for a request body."""
    raw, longest = await call(make(), steps)
    return longest, loads_s(raw)


async def streamed(steps: Steps) -> tuple[float, float]:
    """A stream of 4 MiB from a vendor, labelled at its end."""
    events = long_stream(4 * MB)
    # As a socket gives them: pieces of 64 KB.
    joined = b"".join(events)
    pieces = [joined[start : start + 65536] for start in range(0, len(joined), 65536)]
    _, longest = await call(ask(stream=True), steps, home=stream(*pieces), vendor=stream(*pieces))
    datas = [event[6:] for event in events[:-1]]
    began = time.thread_time()
    for data in datas:
        orjson.loads(data)
    return longest, time.thread_time() - began


async def answered(steps: Steps) -> tuple[float, float]:
    """A complete answer of 4 MiB."""
    reply = completion("some words of an answer, as a model gives them " * (4 * MB // 47))
    raw = json.dumps(reply).encode()
    _, longest = await call(ask(), steps, home=whole(reply), vendor=whole(reply))
    return longest, loads_s(raw)


async def labels(steps: Steps) -> tuple[float, float]:
    """200,000 labels of conversations: swept and written anew while calls are served. Beside 1 MB of JSON."""
    now = [0.0]

    class Clock:
        def monotonic(self) -> float:
            return now[0]

        def wall_ns(self) -> int:
            return int(now[0] * 1e9)

    part = Part("email", Label(DataClass.CONFIDENTIAL))
    label = {"email": Label(DataClass.CONFIDENTIAL)}
    with tempfile.TemporaryDirectory() as directory:
        journal = Path(directory) / "labels.jsonl"
        keys = [f"c:{number:032x}" for number in range(LABELS - 1000)]
        ends = [int(86400 * (1 + number / len(keys))) for number in range(len(keys))]
        lines = (Line("team", key, end, label, "").encoded() for key, end in zip(keys, ends, strict=True))
        journal.write_bytes(b"".join(lines))
        store = MemorySessions(Clock(), journal)
        await asyncio.sleep(0)
        steps.taken()
        for turn in range(200):  # a day goes by: labels are used, added, forgotten, and the journal is written anew
            now[0] += 600.0
            await store.find("team", keys[turn * 100 : turn * 100 + 1000])  # a conversation of a thousand turns
            await store.add("team", [f"s:{turn:032x}", f"d:{turn:032x}"], [part])
            await store.tidy()
        longest = steps.taken()
        store.close()
    return longest, loads_s(orjson.dumps(many_turns()))


SCENES: dict[str, Callable[[Steps], Awaitable[tuple[float, float]]]] = {
    "body of 1 MB, one text": lambda steps: bodies(steps, one_text),
    "body of 1 MB, an agent's session": lambda steps: bodies(steps, many_turns),
    "body of 1 MB, 27,000 small objects": lambda steps: bodies(steps, many_nodes),
    "stream of 4 MiB": streamed,
    "answer of 4 MiB": answered,
    "200,000 labels (beside a body of 1 MB)": labels,
}


async def run(rounds: int) -> list[dict[str, Any]]:
    """Measure all scenes; each figure is the median of the rounds."""
    steps, rows = Steps(), []
    settle()  # as the edge does before its first call
    for name, scene in SCENES.items():
        await scene(steps)
        steps.taken()
        found = [await scene(steps) for _ in range(1 if "labels" in name else rounds)]
        longest, loads = (median(values) for values in zip(*found, strict=True))
        rows.append(
            {
                "scene": name,
                "step_ms": round(longest * 1000, 2),
                "orjson_ms": round(loads * 1000, 2),
                "ratio": round(longest / loads, 1),
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    return rows


def main() -> None:
    """Print the figures as JSON; exit 1 if a step is longer than three times orjson's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rows = asyncio.run(run(parser.parse_args().rounds))
    sys.exit(any(row["ratio"] > MOST for row in rows))


if __name__ == "__main__":
    main()
