"""The egress role: tickets, vendor keys, the two ways out, composed."""

import secrets
import socket
import time
from functools import partial

import aiohttp
import anyio

from gateway.bootstrap.child import Handed, stop_signal, ticket_keys
from gateway.bootstrap.policies import policy_source, state_of
from gateway.bootstrap.serving import Listening
from gateway.bootstrap.settle import settle
from gateway.bootstrap.sockets import bind_unix
from gateway.bootstrap.tier2 import pdf_reader
from gateway.bootstrap.warm import keep_patterns, warm
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.egress.admission import TicketGate
from gateway.egress.app import Egress
from gateway.egress.bridge import Bridge, is_needed
from gateway.egress.chain import Chain
from gateway.egress.passthrough import Passthrough
from gateway.egress.screen import Screen
from gateway.policy.snapshot import PolicySnapshot
from gateway.settings import Settings, environment
from gateway.stores.data_dir import DataDir
from gateway.telemetry.egress_metrics import EgressMetrics
from gateway.telemetry.logs import Log


async def run(settings: Settings, handed: Handed) -> None:
    """Serve until stopped.

    Raises:
        PolicyErrors: the policy is not valid at the start.
        OSError: the socket cannot be used.
    """
    log, data = Log("egress"), DataDir(settings.data_dir)
    keep_patterns(data)
    policy = policy_source(data, warm)
    instance = new_id("egr", time.time_ns() // 1_000_000, secrets.token_bytes(RANDOM_BYTES))
    keys = ticket_keys(handed, settings.ticket_key_file)
    admission = TicketGate(instance, keys, policy.current, environment(), time.time)
    times = settings.timeouts
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    bridge, metrics = Bridge(total=times.total), EgressMetrics()
    screen = Screen(policy.current, settings.limits.depth, time.time, metrics.rescanned, pdf_reader(settings.detectors))
    chain = Chain(data.egress, instance)

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
        bridged = is_needed(policy.current().targets.values())
        is_warm = lambda: bridge.loaded or not bridged  # noqa: E731
        metrics.policy(ok=not policy.problem())
        passthrough = Passthrough(session, connect=times.connect, total=times.total)
        app = Egress(
            admission, screen, chain, passthrough, bridge, metrics, most, log, is_warm, partial(state_of, data, policy)
        )
        listening = Listening(app, _listener(handed), settings.drain.streams, times.write)
        group.start_soon(listening.serve)
        group.start_soon(policy.watch, partial(_changed, log, metrics), partial(_expect, bridge))
        group.start_soon(_prepare, bridge if bridged else None, log)
        log.event("started", instance=instance, policy=policy.current().hash, credentials=admission.ready_targets())
        if not chain.open():  # it is tried again at each call, and until then each is refused
            log.event("chain_unavailable", "error")
        await stop.wait()
        await listening.drain()
        chain.close()
        group.cancel_scope.cancel()
    log.event("stopped")


def _changed(log: Log, metrics: EgressMetrics, snapshot: PolicySnapshot, problem: str) -> None:
    metrics.policy(ok=not problem)
    log.event("policy_refused" if problem else "policy_in_force", policy=snapshot.hash, problem=problem or None)


async def _expect(bridge: Bridge, snapshot: PolicySnapshot) -> None:
    """Load litellm before a policy that needs it comes into force."""
    if is_needed(snapshot.targets.values()):
        await bridge.preload()


async def _prepare(bridge: Bridge | None, log: Log) -> None:
    """Do what the first caller is not to wait for: load litellm, if it is needed."""
    if bridge is not None:
        await bridge.preload()
        log.event("bridge_ready")
    settle()


def _listener(handed: Handed) -> socket.socket:
    if handed.listen is None:
        return bind_unix(handed.egress_socket)
    listener = socket.socket(fileno=handed.listen)
    listener.setblocking(False)
    return listener
