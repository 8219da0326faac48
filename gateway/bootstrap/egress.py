"""The egress role: tickets, vendor keys, the two ways out, composed."""

import secrets
import socket
import time
from typing import Final

import aiohttp
import anyio

from gateway.bootstrap.child import Handed, stop_signal, ticket_keys
from gateway.bootstrap.serving import Listening, bind_unix
from gateway.bootstrap.warm import warm
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.egress.admission import TicketGate
from gateway.egress.app import Egress
from gateway.egress.bridge import Bridge
from gateway.egress.chain import Chain
from gateway.egress.passthrough import Passthrough
from gateway.egress.screen import Screen
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.book import PriceBook
from gateway.settings import Settings, default_policies, environment
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.source import PolicySource
from gateway.telemetry.egress_metrics import EgressMetrics
from gateway.telemetry.logs import Log

BRIDGED: Final = frozenset({"anthropic", "litellm"})
"""Kinds that most callers reach only by litellm, which takes seconds to import: not on the first caller's time."""


async def run(settings: Settings, handed: Handed) -> None:
    """Serve until stopped.

    Raises:
        PolicyErrors: the policy is not valid at the start.
        OSError: the socket cannot be used.
    """
    log = Log("egress")
    policy = PolicySource(settings.policies or default_policies(), PriceBook.load_bundled(), warm)
    instance = new_id("egr", time.time_ns() // 1_000_000, secrets.token_bytes(RANDOM_BYTES))
    keys = ticket_keys(handed, settings.ticket_key_file)
    admission = TicketGate(instance, keys, policy.current, environment(), time.time)
    times = settings.timeouts
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    bridge, metrics = Bridge(total=times.total), EgressMetrics()
    screen = Screen(policy.current, settings.limits.depth, time.time, metrics.rescanned)
    chain = Chain(DataDir(settings.data_dir).egress, instance)

    def changed(snapshot: PolicySnapshot, problem: str) -> None:
        log.event("policy_refused" if problem else "policy_in_force", policy=snapshot.hash, problem=problem or None)

    async with (
        aiohttp.ClientSession(
            connector=connector,
            trust_env=True,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session,
        stop_signal(handed.lifeline) as stop,
        anyio.create_task_group() as group,
    ):
        most = settings.limits.body_bytes + 1024 * 1024
        bridged = any(one.zone == "closed" and one.kind in BRIDGED for one in policy.current().targets.values())
        is_warm = lambda: bridge.loaded or not bridged  # noqa: E731
        passthrough = Passthrough(session, connect=times.connect, total=times.total)
        app = Egress(admission, screen, chain, passthrough, bridge, metrics, most, log, is_warm)
        listening = Listening(app, _listener(handed), settings.drain.streams, times.write)
        group.start_soon(listening.serve)
        group.start_soon(policy.watch, changed)
        if bridged:
            group.start_soon(_preload, bridge, log)
        log.event("started", instance=instance, policy=policy.current().hash, credentials=admission.ready_targets())
        if not chain.open():  # it is tried again at each call, and until then each is refused
            log.event("chain_unavailable", "error")
        await stop.wait()
        await listening.drain()
        chain.close()
        group.cancel_scope.cancel()
    log.event("stopped")


async def _preload(bridge: Bridge, log: Log) -> None:
    await bridge.preload()
    log.event("bridge_ready")


def _listener(handed: Handed) -> socket.socket:
    if handed.listen is None:
        return bind_unix(handed.egress_socket)
    listener = socket.socket(fileno=handed.listen)
    listener.setblocking(False)
    return listener
