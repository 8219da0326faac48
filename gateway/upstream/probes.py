"""Health and load of local servers, asked every second or so.

SGLang's ``/health`` generates a token and takes a second; ``/ready`` answers at once. A server without ``/ready`` is
asked for ``/v1/models``. Load is ``/v1/loads``, else the gauges of ``/metrics``; unreadable means unknown, never down.
Source: SGLang 0.5.23 as recorded.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import anyio
import jiter

from gateway.domain.target import Target
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import UpstreamAnswer, UpstreamBroken
from gateway.upstream.board import Board
from gateway.upstream.egress import EgressUpstream
from gateway.upstream.local import LocalUpstream
from gateway.upstream.samples import GpuSamples

PERIOD_S: Final = 1.0
PROBE_S: Final = 3.0
MAX_BYTES: Final = 4 * 1024 * 1024
_OK: Final = 200
_NOT_FOUND: Final = 404
_GAUGES: Final = re.compile(rb"^sglang:num_(?:running|queue)_reqs(?:\{[^}]*\})? ([0-9.e+]+)$", re.MULTILINE)


class Probes:
    """Probes every local endpoint of the active policy, each in its own loop."""

    def __init__(
        self,
        policy: Callable[[], PolicySnapshot],
        board: Board,
        local: LocalUpstream,
        egress: EgressUpstream | None,
        samples: GpuSamples | None = None,
    ) -> None:
        self._policy = policy
        self._board = board
        self._local = local
        self._egress = egress
        self._samples = samples
        self._probed: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Probe until cancelled. A server that hangs delays its own probe and no other."""
        async with anyio.create_task_group() as group:
            if self._egress is not None:
                group.start_soon(self._keep_asking, self._egress)
            while True:
                endpoints = self._endpoints()
                for key in endpoints.keys() - self._probed:
                    self._probed.add(key)
                    group.start_soon(self._keep_probing, key)
                self._board.retain(self._policy().targets)
                self._local.retain({endpoint for _, endpoint in endpoints})
                await anyio.sleep(PERIOD_S)

    def _endpoints(self) -> dict[tuple[str, str], Target]:
        """Return the local endpoints of the active policy, by target's id and URL."""
        local = [target for target in self._policy().targets.values() if target.zone == "local"]
        return {(target.id, endpoint): target for target in local for endpoint in target.endpoints}

    async def _keep_probing(self, key: tuple[str, str]) -> None:
        """Probe an endpoint until the policy has it no longer."""
        while (target := self._endpoints().get(key)) is not None:
            await self.probe(target, key[1])
            await anyio.sleep(PERIOD_S)
        self._probed.discard(key)

    async def _keep_asking(self, egress: EgressUpstream) -> None:
        while True:
            await self.ask_egress(egress)
            await anyio.sleep(PERIOD_S)

    async def probe(self, target: Target, endpoint: str) -> None:
        """Ask one endpoint for its health and load."""
        status = await self._status(target, endpoint, "/ready" if target.kind == "sglang" else "/v1/models")
        if status == _NOT_FOUND and target.kind == "sglang":
            status = await self._status(target, endpoint, "/v1/models")
        up = status == _OK
        load = await self._load(target, endpoint) if up and target.kind == "sglang" else None
        self._board.probed(target.id, endpoint, up=up, load=load)
        if up and target.kind == "sglang" and self._samples is not None and self._samples.due(target.id, endpoint):
            status, body = await self._get(target, endpoint, "/metrics")
            if status == _OK:
                self._samples.take(target.id, endpoint, body)

    async def ask_egress(self, egress: EgressUpstream) -> None:
        """Ask the egress which targets it has keys for."""
        with anyio.move_on_after(PROBE_S):
            try:
                await egress.refresh(PROBE_S)
            except UpstreamBroken:
                return

    async def _load(self, target: Target, endpoint: str) -> int | None:
        status, body = await self._get(target, endpoint, "/v1/loads")
        if status == _OK:
            return _reported(body)
        status, body = await self._get(target, endpoint, "/metrics")
        return _gauged(body) if status == _OK else None

    async def _status(self, target: Target, endpoint: str, path: str) -> int:
        return (await self._get(target, endpoint, path))[0]

    async def _get(self, target: Target, endpoint: str, path: str) -> tuple[int, bytes]:
        """Return status and body; 0 if there was no answer in time."""
        with anyio.move_on_after(PROBE_S):
            try:
                async with self._local.get(endpoint, path, target.local_api_key_env or "", PROBE_S) as answer:
                    return answer.head.status, await _bounded(answer)
            except (UpstreamBroken, ValueError):
                return 0, b""
        return 0, b""


def _reported(body: bytes) -> int | None:
    """Return running and waiting requests over all data-parallel ranks of ``/v1/loads``."""
    try:
        tree: Any = jiter.from_json(body)
        return sum(int(rank["num_running_reqs"]) + int(rank["num_waiting_reqs"]) for rank in tree["loads"])
    except (ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _gauged(body: bytes) -> int | None:
    """Return running and waiting requests as the gauges of ``/metrics`` say."""
    try:
        gauges = [float(value) for value in _GAUGES.findall(body)]
        return int(sum(gauges)) if gauges else None
    except (ValueError, ArithmeticError):
        return None


async def _bounded(answer: UpstreamAnswer) -> bytes:
    """Return the body, or nothing if it has no end."""
    pieces, size = [], 0
    async for piece in answer.chunks():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            return b""
    return b"".join(pieces)
