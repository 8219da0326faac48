"""The edge role: everything between a caller's socket and its upstreams, composed."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import anyio

from gateway.bootstrap.api_keys import api_keys
from gateway.bootstrap.backlog import Backlog
from gateway.bootstrap.books import recovered_books, spent
from gateway.bootstrap.breakers import share_breakers
from gateway.bootstrap.chance import Chance
from gateway.bootstrap.child import Handed, SystemClock, stop_signal, ticket_keys
from gateway.bootstrap.observers import Observers
from gateway.bootstrap.pacing import keep_pacing, load_pacing
from gateway.bootstrap.policies import policy_source, state_of
from gateway.bootstrap.serving import Listening
from gateway.bootstrap.settle import settle
from gateway.bootstrap.sockets import bind_unix
from gateway.bootstrap.state import StateStores, keep_labels, open_stores
from gateway.bootstrap.tier2 import pdf_reader, secret_scan
from gateway.bootstrap.warm import keep_patterns, warm
from gateway.deepscan.child import SecretScan
from gateway.domain.admission import BudgetEntry
from gateway.domain.errors import LedgerUnavailable
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.records import PolicyLoaded
from gateway.edge.app import Edge
from gateway.edge.health import Health
from gateway.edge.internal import Internal
from gateway.edge.own import Own
from gateway.pipeline.booking import HOLD_MARGIN_S
from gateway.pipeline.deadline import longest_total
from gateway.pipeline.salt import Salt
from gateway.pipeline.world import Deadlines, Limits, World
from gateway.policy.snapshot import PolicySnapshot
from gateway.queries.decisions import decision, decisions, since
from gateway.settings import Settings, environment
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.place import KeyCache
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.policy.source import PolicySource
from gateway.stores.sessions.loading import KEPT_S
from gateway.stores.spool.writer import SpoolWriter
from gateway.stores.state.keeper import Keeper
from gateway.telemetry.logs import Log
from gateway.telemetry.metrics import EdgeMetrics
from gateway.upstream.board import Board
from gateway.upstream.egress import EgressUpstream
from gateway.upstream.local import LocalUpstream
from gateway.upstream.pool import Server, tcp_dialer, unix_dialer
from gateway.upstream.probes import Probes
from gateway.upstream.routes import Routes
from gateway.upstream.samples import GpuSamples

KEYS_PERIOD_S = 1.0


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What an edge is made of, where more than one step needs it."""

    settings: Settings
    clock: SystemClock
    chance: Chance
    log: Log
    metrics: EdgeMetrics
    data: DataDir
    policy: PolicySource
    spool: SpoolWriter
    keys: KeyCache
    egress: EgressUpstream
    board: Board
    local: LocalUpstream
    backlog: Backlog
    stores: StateStores
    deep: SecretScan | None
    instance: str


async def run(settings: Settings, handed: Handed) -> None:
    """Serve until stopped, then drain.

    Raises:
        PolicyErrors: the policy is not valid at the start.
        OSError: a file or socket cannot be used.
    """
    assert handed.listen is not None
    parts = assembled(settings, handed)
    keeper = await _opened(parts)
    world = world_of(parts)
    health = _health(parts)
    app = Edge(world, health, Own(world, partial(decision, LedgerReader(parts.data))), parts.metrics, parts.log)
    _note_policy(parts, parts.policy.current(), parts.policy.problem(), first=True)
    public = Listening(app, _listener(handed.listen), settings.drain.streams, settings.timeouts.write)
    private = Listening(_internal(parts, health), bind_unix(handed.edge_socket), 0)
    samples = None if handed.worker else GpuSamples(parts.spool.append, parts.clock, parts.chance)
    probes = Probes(parts.policy.current, parts.board, parts.local, parts.egress, samples)
    async with stop_signal(handed.lifeline) as stop, anyio.create_task_group() as group:
        if parts.deep is not None:  # warm before the first caller; it ends with the group
            await group.start(parts.deep.run)
        group.start_soon(public.serve)
        group.start_soon(private.serve)
        group.start_soon(probes.run)
        group.start_soon(parts.policy.watch, partial(_note_policy, parts), keeper.expect)
        group.start_soon(_refresh, parts)
        group.start_soon(parts.backlog.watch)
        group.start_soon(keeper.run)
        group.start_soon(keep_labels, parts.stores.sessions, parts.data.forgetting)
        group.start_soon(share_breakers, parts.board, parts.stores.breakers)
        if not handed.worker:  # what is spent is the same to all workers
            group.start_soon(keep_pacing, world.pacing, parts.data.path, parts.log)
        settle()
        health.recovered = True
        await stop.wait()
        health.draining = True
        parts.log.event("draining")
        await anyio.sleep(settings.drain.propagation)
        await public.drain()
        await private.drain()
        group.cancel_scope.cancel()
    parts.spool.close()
    parts.local.close()
    await parts.stores.close()
    parts.log.event("stopped")


def _listener(descriptor: int) -> socket.socket:
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    return listener


def assembled(settings: Settings, handed: Handed) -> EdgeParts:
    """Return what an edge is made of, from its settings and from what the supervisor hands to it.

    Raises:
        PolicyErrors: the policy is not valid.
        OSError: a file or socket cannot be used.
    """
    clock = SystemClock()
    data = DataDir(settings.data_dir, settings.ledger.url)
    data.ensure()
    keep_patterns(data)
    policy = policy_source(data, warm)
    chance = Chance()
    instance = new_id("edg", clock.wall_ns() // 1_000_000, chance(RANDOM_BYTES))
    spool, log = SpoolWriter(data.spool, instance, durability=settings.durability), Log("edge")
    limits = settings.limits
    backlog = Backlog(data.spool, spool, log, bound=limits.spool_bytes, reserve=limits.disk_reserve_bytes)
    egress = _egress(settings, handed, clock, chance, spool)
    return EdgeParts(
        settings=settings,
        clock=clock,
        chance=chance,
        log=log,
        metrics=EdgeMetrics(),
        data=data,
        policy=policy,
        spool=spool,
        keys=api_keys(settings, data),
        egress=egress,
        board=Board(clock.monotonic, lambda: egress.credentials, lambda: backlog.full),
        local=LocalUpstream(lambda: policy.current().local_networks, _local_keys(policy.current())),
        backlog=backlog,
        stores=open_stores(settings.state.url, clock, data.sessions, instance),
        deep=secret_scan(settings.detectors),
        instance=instance,
    )


def world_of(parts: EdgeParts) -> World:
    """Return what the pipeline is handed."""
    settings, policy, times = parts.settings, parts.policy, parts.settings.timeouts
    return World(
        clock=parts.clock,
        random=parts.chance,
        policy=policy.current,
        keys=parts.keys,
        spool=parts.spool,
        state=parts.stores.state,
        board=parts.board,
        upstream=Routes(parts.local, parts.egress),
        observer=Observers(parts.metrics, parts.log),
        salt=Salt(parts.data.salt_of(settings.salt_file)),
        sessions=parts.stores.sessions,
        instance=parts.instance,
        deep=parts.deep,
        documents=pdf_reader(settings.detectors),
        pacing=load_pacing(parts.data.path, parts.log),
        limits=Limits(settings.limits.body_bytes, settings.limits.depth),
        deadlines=Deadlines(times.connect, times.first_token, times.idle, times.total),
        on_state_lost=settings.on_state_lost,
        on_ledger_lost=settings.on_ledger_lost,
    )


def _internal(parts: EdgeParts, health: Health) -> Internal:
    return Internal(
        health=health,
        policy=parts.policy.current,
        policy_state=partial(state_of, parts.data, parts.policy),
        keys_problem=lambda: parts.keys.problem,
        state=parts.stores.state,
        now_ns=parts.clock.wall_ns,
        targets=parts.board.status,
        backlog=parts.backlog.size,
        metrics=parts.metrics,
        instance=parts.instance,
    )


def _egress(
    settings: Settings, handed: Handed, clock: SystemClock, chance: Chance, spool: SpoolWriter
) -> EgressUpstream:
    url = settings.egress.url
    dial = tcp_dialer(Server.parse(url), _resolve) if url else unix_dialer(str(handed.egress_socket))
    key = ticket_keys(handed, settings.ticket_key_file)[0]
    return EgressUpstream(dial, key, clock, chance, spool.keep)


async def _resolve(host: str, port: int) -> list[str]:
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _health(parts: EdgeParts) -> Health:
    return Health(
        now=parts.clock.monotonic,
        started=parts.clock.monotonic(),
        needs_egress=any(target.zone == "closed" for target in parts.policy.current().targets.values()),
        egress_seen=lambda: parts.egress.credentials is not None and parts.egress.warm,
        spool_ok=lambda: parts.spool.ok,
    )


def _note_policy(parts: EdgeParts, snapshot: PolicySnapshot, problem: str, *, first: bool = False) -> None:
    """Record the active policy (that of the start always), or raise the alarm that the newest files were refused."""
    parts.metrics.policy(snapshot.hash, ok=not problem)
    if problem:
        parts.log.event("policy_refused", "error", in_force=snapshot.hash, problem=problem)
    if problem and not first:
        return
    try:
        parts.spool.append(PolicyLoaded(snapshot.hash, parts.clock.wall_ns(), snapshot.canonical.decode()))
    except LedgerUnavailable:  # a full disk stops calls one by one, never the process that serves them
        parts.log.event("policy_not_recorded", "error", policy=snapshot.hash)
    parts.log.event("policy_in_force", policy=snapshot.hash)


async def _refresh(parts: EdgeParts) -> None:
    """Let new and revoked keys take effect, and say once what is wrong with a file of them."""
    problem = ""
    while True:
        await anyio.sleep(KEYS_PERIOD_S)
        await anyio.to_thread.run_sync(parts.keys.refresh)
        if parts.keys.problem != problem:
            problem = parts.keys.problem
            parts.metrics.keys(ok=not problem)
            if problem:
                parts.log.event("keys_refused", "error", problem=problem)
            else:
                parts.log.event("keys_in_force")


def _local_keys(snapshot: PolicySnapshot) -> Mapping[str, str]:
    names = {target.local_api_key_env for target in snapshot.targets.values() if target.local_api_key_env}
    environ = environment()
    return {name: environ[name] for name in names if name in environ}


async def _opened(parts: EdgeParts) -> Keeper:
    """Settle what an earlier process left open, seed the state with what was spent, and return its keeper."""
    recovered = await recovered_books(parts.data, parts.spool, parts.clock)
    await parts.spool.commit()
    keeper = _keeper(parts)
    await keeper.start(recovered.orphans)
    parts.log.event("started", instance=parts.instance, orphans_settled=recovered.orphans_settled)
    return keeper


def _keeper(parts: EdgeParts) -> Keeper:
    def spent_now(snapshot: PolicySnapshot) -> Sequence[BudgetEntry]:
        return spent(snapshot, LedgerReader(parts.data), parts.clock.wall_ns())

    def fresh() -> bool:
        from_ns = parts.clock.wall_ns() - int((KEPT_S + longest) * 1e9)
        return not decisions(LedgerReader(parts.data), since(from_ns), 1)

    longest = longest_total(parts.policy.current().targets.values(), parts.settings.timeouts.total) + HOLD_MARGIN_S
    return Keeper(parts.stores, parts.log, parts.policy.current, spent_now, longest, fresh, parts.clock.hours_set)
