"""``gateway serve``: check what can be checked, bind the sockets, start the children, say when they are ready."""

import os
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

import anyio
import msgspec

from gateway.bootstrap.child import KEY_BYTES, Handed, stop_signal
from gateway.bootstrap.keeper import Keeper
from gateway.bootstrap.keeping import Kept
from gateway.bootstrap.preflight import bound, check_files, hold, kept, local_keys, made, run_dir
from gateway.bootstrap.readiness import READY, answers, edge_ready
from gateway.bootstrap.start_error import StartError
from gateway.settings import (
    CHILD_SETTINGS,
    MEMORY,
    Settings,
    default_policies,
    edge_environment,
    environment,
    ledger_environment,
)
from gateway.stores.data_dir import DataDir
from gateway.supervisor import Child, EventLog, Supervisor, addresses, own_command
from gateway.telemetry.logs import Log

LONGEST_LOOK_S: Final = 60.0
"""Seconds that a look at changed policy files may take."""


@dataclass(frozen=True, slots=True)
class Started:
    """Where it listens; empty for what does not run here."""

    data_plane: str = ""
    admin_plane: str = ""
    egress: str = ""
    """Of an egress that runs alone."""


async def serve(settings: Settings, announce: Callable[[Started], None], lifeline: int | None = None) -> int:
    """Run the gateway until a signal, or the end of file on ``lifeline``, stops it; return its exit status.

    Args:
        settings: all of gateway.yaml.
        announce: called once, when the gateway is ready.
        lifeline: a pipe that its parent process holds open.

    Raises:
        StartError: it cannot start.
        PolicyErrors: the policy is not valid.
    """
    if settings.workers > 1 and settings.state.url == MEMORY:
        raise StartError(
            "state.url: budgets in process are exact for one worker only; "
            "name a Redis (state.url: redis://HOST:6379/0), or run one worker"
        )
    policies = settings.policies or default_policies()
    check_files(settings)
    settings = settings.model_copy(update={"policies": policies.resolve(), "data_dir": settings.data_dir.resolve()})
    with ExitStack() as stack:
        data = DataDir(settings.data_dir)
        if _edge(settings):
            hold(data, stack)
        else:
            made(data)
        looked = kept(policies, data, settings.policy.on_widening)  # before there is a thread
        listeners = bound(settings, stack)
        places = addresses(listeners)
        supervisor = _supervisor(settings, local_keys(data), listeners, stack)
        _say(supervisor.log, looked)
        supervisor.log.event("listening", **places)
        async with stop_signal(lifeline) as stop, anyio.create_task_group() as group:
            group.start_soon(_ready, settings, supervisor.run_dir, places, announce)
            keeper = Keeper(policies.resolve(), data.policy, settings.policy.settle, anyio.current_time)
            group.start_soon(keeper.watch, partial(_keep, settings, supervisor))
            status = await supervisor.run(stop)
            group.cancel_scope.cancel()
        if supervisor.reason:
            raise StartError(supervisor.reason)
        return status


async def _keep(settings: Settings, supervisor: Supervisor) -> bool:
    """Let a process of its own look at the policy files; return whether it could.

    Parser, models and prices would take ten megabytes here.
    """
    command = own_command("policy", Handed(supervisor.run_dir).encode())
    env = edge_environment({}, environment()) | {CHILD_SETTINGS: settings.model_dump_json()}
    try:
        with anyio.fail_after(LONGEST_LOOK_S):
            done = await anyio.run_process(command, env=env, check=False)
        _say(supervisor.log, msgspec.json.decode(done.stdout, type=Kept))
    except (OSError, TimeoutError, msgspec.DecodeError) as error:
        supervisor.log.event("policy_not_looked_at", "error", kind=type(error).__name__)
        return False
    return True


def _say(log: EventLog, looked: Kept) -> None:
    """Log what came of a look at the policy files."""
    if looked.event == "taken":
        log.event("policy_taken", policy=looked.policy, first=looked.first)
    elif looked.problem:
        log.event(f"policy_{looked.event}", "error", policy=looked.policy or None, problem=looked.problem)


def _supervisor(
    settings: Settings, local_keys: Sequence[str], listeners: dict[str, socket.socket], stack: ExitStack
) -> Supervisor:
    """Return a supervisor with its children; what it holds for them is given up when the stack is left."""
    sockets = run_dir()
    stack.callback(sockets.remove)
    lifeline, held = os.pipe()
    stack.callback(os.close, held)
    stack.callback(os.close, lifeline)
    children = _children(settings, local_keys, sockets.path, lifeline, listeners)

    def release() -> None:
        for listener in listeners.values():
            listener.close()

    return Supervisor(children, secrets.token_bytes(KEY_BYTES), Log("supervisor"), release, sockets.path)


async def _ready(
    settings: Settings, run_dir: str, places: Mapping[str, str], announce: Callable[[Started], None]
) -> None:
    """Say where the gateway is once it serves."""
    if _edge(settings):
        workers = [Handed(run_dir, worker=worker).edge_socket for worker in range(settings.workers)]
        await edge_ready(workers, places["admin_plane"])
    else:
        await answers(places["egress"], READY)
    announce(Started(**places))


def _children(
    settings: Settings, local_keys: Sequence[str], sockets: str, lifeline: int, listeners: dict[str, socket.socket]
) -> list[Child]:
    environ = environment()
    shared_key = settings.role != "all"
    keys = {name: environ[name] for name in local_keys if name in environ}
    streams = settings.drain.streams + settings.drain.propagation

    def child(
        role: str, env: dict[str, str], listener: str | None, drain: float, *, key: bool, worker: int = 0
    ) -> Child:
        listen = listeners[listener].fileno() if listener else None
        handed = Handed(sockets, lifeline, listen, worker=worker)
        descriptors = (lifeline,) if listen is None else (lifeline, listen)
        command = own_command(role, handed.encode())
        name = f"{role}-{worker}" if worker else role
        env = env | {CHILD_SETTINGS: settings.model_dump_json()}
        return Child(name, command, env, descriptors, key and not shared_key, drain, group=role)

    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    edges = [
        child("edge", edge_environment(keys, environ), "data_plane", streams, key=True, worker=worker)
        for worker in range(settings.workers if _edge(settings) else 0)
    ]
    alone = "egress" if settings.role == "egress" else None
    egress = child("egress", environ | offline, alone, settings.drain.streams, key=True) if _egress(settings) else None
    ledger = child("ledger", ledger_environment(environ), "admin_plane", 10.0, key=False) if _edge(settings) else None
    return [each for each in (*edges, egress, ledger) if each is not None]


def _edge(settings: Settings) -> bool:
    return settings.role in {"all", "edge"}


def _egress(settings: Settings) -> bool:
    return settings.role in {"all", "egress"}
