"""An upstream that is as fast as Python can be: a fixed answer, or a stream of fixed chunks on a tick.

Usage: python -m loadtest.upstream PORT. Speaks just enough HTTP/1.1 for one gateway and one load client on loopback.
"""

import asyncio
import json
import sys

import uvloop

CHUNKS = 60
TICK_S = 0.01
USAGE = {"prompt_tokens": 812, "completion_tokens": CHUNKS, "total_tokens": 812 + CHUNKS}


def _chunk(delta: dict, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {"id": "chatcmpl-0", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return _framed(b"data: " + json.dumps(event).encode() + b"\n\n")


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _whole(body: dict) -> bytes:
    raw = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(raw), raw)


ANSWER = _whole(
    {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "x" * 760}, "finish_reason": "stop"}],
        "usage": USAGE,
    }
)
NAMES = [{"id": name, "object": "model", "owned_by": "sglang", "max_model_len": 131072} for name in ("auto", "m")]
MODELS = _whole(
    {
        "object": "list",
        "data": NAMES,
        # What SGLang's own paths say of the model, which its router reads.
        "model_path": "auto",
        "served_model_name": "auto",
        "model_id": "auto",
        "status": "ok",
    }
)
LOADS = _whole({"loads": [{"num_running_reqs": 0, "num_waiting_reqs": 0}]})
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
CONTENT = _chunk({"content": " token"})
USAGE_EVENT = _framed(b"data: " + json.dumps({"id": "chatcmpl-0", "choices": [], "usage": USAGE}).encode() + b"\n\n")
LAST = _chunk({}, "stop") + USAGE_EVENT + _framed(b"data: [DONE]\n\n") + b"0\r\n\r\n"


class Upstream(asyncio.Protocol):
    """One connection."""

    streams: "dict[Upstream, int]" = {}  # noqa: RUF012 -- shared by all connections on purpose

    def connection_made(self, transport):
        self.transport = transport
        self.rest = b""

    def connection_lost(self, _error):
        self.streams.pop(self, None)

    def data_received(self, data):
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            head = self.rest[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.rest) < end + 4 + length:
                return
            body, self.rest = self.rest[end + 4 : end + 4 + length], self.rest[end + 4 + length :]
            self.answer(head, body)

    def answer(self, head, body):
        if head.startswith(b"get /v1/loads"):
            self.transport.write(LOADS)
        elif head.startswith(b"get "):
            self.transport.write(MODELS)
        elif b'"stream":true' in body or b'"stream": true' in body:
            self.transport.write(HEAD)
            self.streams[self] = CHUNKS
        else:
            self.transport.write(ANSWER)


async def main(port):
    loop = asyncio.get_running_loop()
    await loop.create_server(Upstream, "127.0.0.1", port, backlog=1024)
    following = loop.time()
    while True:
        following += TICK_S
        await asyncio.sleep(max(0.0, following - loop.time()))
        for stream, left in list(Upstream.streams.items()):
            if left:
                stream.transport.write(CONTENT)
                Upstream.streams[stream] = left - 1
            else:
                stream.transport.write(LAST)
                del Upstream.streams[stream]


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
