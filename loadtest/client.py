"""A load client that costs little: fixed requests over kept connections, exact counts, latency percentiles.

    python -m loadtest.client URL KEY CONNECTIONS SECONDS stream|whole [--body FILE] [--rate CALLS_A_SECOND]

Prints one JSON object. Loopback only. Without a rate a connection asks again as soon as it has its answer; with one it
keeps to its times, and waits are counted from the time at which it should have asked.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from loadtest.scene import request as request_of


class Results:
    """What all connections saw."""

    def __init__(self):
        self.answers = self.chunks = self.errors = 0
        self.latency: list[float] = []
        self.first: list[float] = []
        self.gaps: list[float] = []
        """Between two pieces of content of one stream."""
        self.stopped = False


class Caller(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer, or every so many seconds."""

    def __init__(self, request, results, *, stream, every=0.0):
        self.request, self.results, self.stream, self.every = request, results, stream, every
        self.due = time.perf_counter()

    def connection_made(self, transport):
        self.transport = transport
        self.ask()

    def ask(self):
        self.seen, self.first_seen, self.last = b"", False, 0.0
        self.began = self.due if self.every else time.perf_counter()
        self.transport.write(self.request)

    def ask_when_due(self):
        self.due += self.every
        wait = self.due - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self.ask)
        else:
            self.ask()

    def data_received(self, data):
        now = time.perf_counter()
        results = self.results
        if self.stream:
            self.streamed(data, now)
            return
        self.seen += data
        head, found, body = self.seen.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) >= length:
            results.errors += not head.startswith(b"HTTP/1.1 200")
            self.done(now)

    def streamed(self, data, now):
        count = data.count(b'"content":')
        self.results.chunks += count
        if count and not self.first_seen:
            self.first_seen = True
            self.results.first.append(now - self.began)
        elif count:
            self.results.gaps.append(now - self.last)
        if count:
            self.last = now
        self.seen = self.seen[-64:] + data
        if self.seen.startswith(b"HTTP/1.1") and not self.seen.startswith(b"HTTP/1.1 200"):
            self.results.errors += 1
        if self.seen.endswith(b"0\r\n\r\n"):
            self.done(now)

    def done(self, now):
        self.results.answers += 1
        self.results.latency.append(now - self.began)
        if self.results.stopped:
            self.transport.close()
        elif self.every:
            self.ask_when_due()
        else:
            self.ask()


def quantile(values, share):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3) if ordered else None


async def main(asked):
    place, key, connections, seconds = urlsplit(asked.url), asked.key, asked.connections, asked.seconds
    stream = asked.mode == "stream"
    body = asked.body.read_bytes() if asked.body else json.dumps(request_of(stream=stream)).encode()
    every = connections / asked.rate if asked.rate else 0.0
    request = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: %b\r\ncontent-type: application/json\r\n"
        b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b"
        % (place.netloc.encode(), key.encode(), len(body), body)
    )
    loop = asyncio.get_running_loop()
    results = Results()
    for _ in range(connections):
        caller = Caller(request, results, stream=stream, every=every)
        await loop.create_connection(lambda caller=caller: caller, place.hostname, place.port)
        await asyncio.sleep(max(0.002, every / connections))
    await asyncio.sleep(0.5)
    answers, chunks, began = results.answers, results.chunks, time.perf_counter()
    results.latency.clear()
    results.first.clear()
    results.gaps.clear()
    print("measuring", flush=True)
    await asyncio.sleep(seconds)
    measured = {
        "answers": results.answers - answers,
        "chunks": results.chunks - chunks,
        "all_answers": results.answers,
        "all_chunks": results.chunks,
        "errors": results.errors,
        "seconds": round(time.perf_counter() - began, 3),
        "p50_ms": quantile(results.latency, 0.5),
        "p99_ms": quantile(results.latency, 0.99),
        "ttft_p50_ms": quantile(results.first, 0.5),
        "ttft_p99_ms": quantile(results.first, 0.99),
        "gap_p50_ms": quantile(results.gaps, 0.5),
        "gap_p99_ms": quantile(results.gaps, 0.99),
        "gap_most_ms": quantile(results.gaps, 1.0),
    }
    print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("key")
    parser.add_argument("connections", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("mode", choices=["stream", "whole"])
    parser.add_argument("--body", type=Path, help="a file with the request's body")
    parser.add_argument("--rate", type=float, default=0.0, help="calls a second of all connections together")
    uvloop.run(main(parser.parse_args()))
