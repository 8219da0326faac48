"""A load client that costs little: fixed requests over kept connections, exact counts, latency percentiles.

Usage: python -m loadtest.client URL KEY CONNECTIONS SECONDS stream|whole. Prints one JSON object. Loopback only.
"""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

import uvloop

from loadtest.scene import request as request_of


class Results:
    """What all connections saw."""

    def __init__(self):
        self.answers = self.chunks = self.errors = 0
        self.latency: list[float] = []
        self.first: list[float] = []
        self.stopped = False


class Caller(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, request, results, *, stream):
        self.request, self.results, self.stream = request, results, stream

    def connection_made(self, transport):
        self.transport = transport
        self.ask()

    def ask(self):
        self.seen, self.first_seen, self.began = b"", False, time.perf_counter()
        self.transport.write(self.request)

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
        else:
            self.ask()


def quantile(values, share):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3) if ordered else None


async def main(url, key, connections, seconds, mode):
    place = urlsplit(url)
    stream = mode == "stream"
    body = json.dumps(request_of(stream=stream)).encode()
    request = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: %b\r\ncontent-type: application/json\r\n"
        b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b"
        % (place.netloc.encode(), key.encode(), len(body), body)
    )
    loop = asyncio.get_running_loop()
    results = Results()
    for _ in range(connections):
        await loop.create_connection(lambda: Caller(request, results, stream=stream), place.hostname, place.port)
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)
    answers, chunks, began = results.answers, results.chunks, time.perf_counter()
    results.latency.clear()
    results.first.clear()
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
    }
    print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]))
