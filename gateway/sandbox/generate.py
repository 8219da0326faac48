"""Plays one generation over a channel: waits, tokens, and everything that is to go wrong on the way."""

from collections.abc import Callable, Iterator

import anyio

from gateway.sandbox.channel import Channel
from gateway.sandbox.faults import Faults
from gateway.sandbox.pace import PACES
from gateway.sandbox.state import Record, State
from gateway.sandbox.wire import JSON_TYPE, SSE_TYPE, Frame, Job, SandboxAnswer, SandboxDialect, SandboxUsage

_HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
_HTML_TYPE = "text/html; charset=utf-8"
_SLOW_PROBES = frozenset({"/health", "/health_generate"})
_GARBAGE = b'{"id": "sandbox", "choices": [{]] \xff\xfe not json'
_GARBAGE_FRAME = Frame(b'data: {"choices": [{]] not json\n\n')
_GARBAGE_FRAMES = 3


class Generation:
    """One job on its way to one client."""

    def __init__(self, state: State, record: Record, dialect: SandboxDialect, job: Job, faults: Faults) -> None:
        self._state = state
        self._record = record
        self._dialect = dialect
        self._job = job
        self._faults = faults
        self._pace = PACES[state.vendor]

    async def play(self, channel: Channel) -> None:
        """Answer, or break as asked; a cancelled one counts as aborted."""
        self._record.stream = self._job.stream
        meters = self._state.meters
        async with meters.slots.slot(self._job.prompt_tokens):
            try:
                await self._play(channel)
            except anyio.get_cancelled_exc_class():
                meters.aborted += 1
                raise

    async def _play(self, channel: Channel) -> None:
        if self._faults.hang:
            await anyio.sleep_forever()
        usage = self._state.meters.prefill(self._job)
        await anyio.sleep(self._faults.slow_first)
        await self._wait(self._pace.first_token(usage.prompt - usage.cached))
        if self._faults.wrong_content_type:
            await channel.answer(SandboxAnswer(200, _HTML, _HTML_TYPE))
        elif self._job.stream:
            await self._stream(channel, usage)
        else:
            await self._wait(self._pace.per_token * self._job.completion_tokens)
            await self._whole(channel, usage)
        self._state.meters.finish(self._job)

    async def _wait(self, seconds: float) -> None:
        await anyio.sleep(seconds * self._state.settings.latency)

    async def _whole(self, channel: Channel, usage: SandboxUsage) -> None:
        body = self._dialect.whole(self._job, None if self._faults.no_usage else usage)
        if self._faults.garbage:
            body = _GARBAGE
        elif self._faults.error_first_event or self._faults.error_event_after is not None:
            # What some servers do: the error of a stream, but 200 and in one piece.
            body = self._dialect.error_frames()[0].data.partition(b"data: ")[2].rstrip()
        half = body if self._faults.event_limit is None else body[: len(body) // 2]
        await channel.start(200, JSON_TYPE, (("content-length", str(len(body))),))
        if self._faults.cut is not None or self._faults.hang_after is not None:
            await channel.write(half)
            await self._stall(channel)
        else:
            await channel.write(body)
            await channel.end()

    async def _stream(self, channel: Channel, usage: SandboxUsage) -> None:
        await channel.start(200, SSE_TYPE)
        limit = self._faults.event_limit
        for sent, frame in enumerate(self._frames(usage)):
            if sent == limit:
                await self._break(channel, frame)
                return
            if frame.kind == "content":
                await self._wait(self._pace.per_token)
            await self._emit(channel, frame)
        await channel.end()

    def _frames(self, usage: SandboxUsage) -> Iterator[Frame]:
        if self._faults.garbage:
            yield from (_GARBAGE_FRAME,) * _GARBAGE_FRAMES
            return
        for frame in self._dialect.frames(self._job, None if self._faults.no_usage else usage):
            if not (self._faults.no_done and frame.kind == "done"):
                yield frame

    async def _emit(self, channel: Channel, frame: Frame) -> None:
        await channel.write(self._bytes(frame))
        self._record.chunks_sent += 1

    def _bytes(self, frame: Frame) -> bytes:
        return frame.data.replace(b"\n", b"\r\n") if self._faults.crlf else frame.data

    async def _break(self, channel: Channel, frame: Frame) -> None:
        """Let the stream go wrong; the frame is the one that would have come next."""
        if self._faults.cut is not None:
            await channel.write(self._bytes(frame)[: len(frame.data) // 2])
        if self._faults.cut is not None or self._faults.hang_after is not None:
            await self._stall(channel)
            return
        for error in self._dialect.error_frames():
            await self._emit(channel, error)
        await channel.end()

    async def _stall(self, channel: Channel) -> None:
        if self._faults.cut is not None:
            await channel.cut()
        else:
            await anyio.sleep_forever()


async def play_probe(
    state: State, faults: Faults, channel: Channel, path: str, look_up: Callable[[], SandboxAnswer]
) -> None:
    """Answer what needs no generation; SGLang's health checks take their time, as they generate a token."""
    if faults.hang:
        await anyio.sleep_forever()
    await anyio.sleep(faults.slow_first)
    if path in _SLOW_PROBES:
        await anyio.sleep(PACES[state.vendor].health * state.settings.latency)
    answer = look_up()
    if faults.garbage:
        answer = SandboxAnswer(200, _GARBAGE)
    elif faults.wrong_content_type:
        answer = SandboxAnswer(200, _HTML, _HTML_TYPE)
    await channel.answer(answer)
