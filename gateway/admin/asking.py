"""One GET on a private socket, without an HTTP library: what is asked is ours, and so is what answers."""

from collections.abc import Awaitable, Callable

import anyio
from anyio.abc import ByteStream

Connect = Callable[[], Awaitable[ByteStream]]


async def get(connect: Connect, path: str, seconds: float) -> bytes:
    """Return the whole body of a 200; nothing if there is none within ``seconds``."""
    with anyio.move_on_after(seconds):
        try:
            async with await connect() as stream:
                await stream.send(f"GET {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n".encode())
                answer = b"".join([piece async for piece in stream])
        except (OSError, anyio.BrokenResourceError):
            return b""
        head, _, body = answer.partition(b"\r\n\r\n")
        return body if head.startswith(b"HTTP/1.1 200 ") and _length(head) == len(body) else b""
    return b""


def _length(head: bytes) -> int:
    """Return what the answer says its length is; minus one if it does not."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return -1
