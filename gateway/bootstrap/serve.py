"""``gateway serve``: check what can be checked, bind the sockets, start the children, say where we are."""

import fcntl
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from gateway.bootstrap.child import KEY_BYTES, Handed, stop_signal
from gateway.bootstrap.serving import bind_tcp
from gateway.bootstrap.state import MEMORY
from gateway.policy.load.compile import compile_documents
from gateway.policy.snapshot import Snapshot
from gateway.pricing.book import PriceBook
from gateway.settings import (
    CHILD_SETTINGS,
    Settings,
    default_policies,
    edge_environment,
    environment,
    ledger_environment,
)
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.files import read_policies
from gateway.supervisor import Child, RunDir, Supervisor, addresses, own_command
from gateway.telemetry.logs import Log


class StartError(Exception):
    """The gateway cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Started:
    """Where the planes are."""

    data_plane: str
    admin_plane: str


async def serve(settings: Settings, announce: Callable[[Started], None], lifeline: int | None = None) -> int:
    """Run the gateway until a signal, or the end of file on ``lifeline``, stops it; return its exit status.

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
    try:
        snapshot = compile_documents(read_policies(policies), PriceBook.load_bundled())
    except OSError as error:
        raise StartError(f"the policies cannot be read ({error.strerror}); give --policies DIR") from error
    settings = settings.model_copy(update={"policies": policies.resolve(), "data_dir": settings.data_dir.resolve()})
    log = Log("supervisor")
    with ExitStack() as stack:
        if settings.role != "egress":
            _lock(DataDir(settings.data_dir), stack)
        listeners = _bind(settings, stack)
        run_dir = RunDir.make()
        stack.callback(run_dir.remove)
        children_lifeline, held = os.pipe()
        stack.callback(os.close, held)
        stack.callback(os.close, children_lifeline)
        children = _children(settings, snapshot, run_dir, children_lifeline, listeners)

        def release() -> None:
            for listener in listeners.values():
                listener.close()

        supervisor = Supervisor(children, secrets.token_bytes(KEY_BYTES), log, release)
        where = addresses(listeners)
        async with stop_signal(lifeline) as stop:
            announce(Started(where.get("listen", ""), where.get("admin", "")))
            return await supervisor.run(stop)


def _children(
    settings: Settings, snapshot: Snapshot, run_dir: RunDir, lifeline: int, listeners: dict[str, socket.socket]
) -> list[Child]:
    environ = environment()
    shared_key = settings.role != "all"
    local_names = {target.local_api_key_env for target in snapshot.targets.values() if target.local_api_key_env}
    local_keys = {name: environ[name] for name in sorted(local_names) if name in environ}
    streams = settings.drain.streams + settings.drain.propagation

    def child(
        role: str, env: dict[str, str], listener: str | None, drain: float, *, key: bool, worker: int = 0
    ) -> Child:
        listen = listeners[listener].fileno() if listener else None
        handed = Handed(run_dir.path, lifeline, listen, worker=worker)
        descriptors = (lifeline,) if listen is None else (lifeline, listen)
        command = own_command(role, handed.encode())
        name = f"{role}-{worker}" if worker else role
        env = env | {CHILD_SETTINGS: settings.model_dump_json()}
        return Child(name, command, env, descriptors, key and not shared_key, drain, group=role)

    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    edges = [
        child("edge", edge_environment(local_keys, environ), "listen", streams, key=True, worker=worker)
        for worker in range(settings.workers if _edge(settings) else 0)
    ]
    egress = child("egress", environ | offline, None, settings.drain.streams, key=True) if _egress(settings) else None
    ledger = child("ledger", ledger_environment(environ), "admin", 10.0, key=False) if _edge(settings) else None
    return [each for each in (*edges, egress, ledger) if each is not None]


def _edge(settings: Settings) -> bool:
    return settings.role in {"all", "edge"}


def _egress(settings: Settings) -> bool:
    return settings.role in {"all", "egress"}


def _bind(settings: Settings, stack: ExitStack) -> dict[str, socket.socket]:
    if not _edge(settings):
        return {}
    listeners = {}
    for name, place in (("listen", settings.listen), ("admin", settings.admin)):
        try:
            listener = bind_tcp(place.host, place.port)
        except OSError as error:
            reason = error.strerror or "unknown reason"
            raise StartError(
                f"cannot listen on {place.host}:{place.port} ({reason}); choose another with --{_flag(name)}port"
            ) from error
        listeners[name] = stack.enter_context(listener)
    return listeners


def _flag(name: str) -> str:
    return "admin-" if name == "admin" else ""


def _lock(data: DataDir, stack: ExitStack) -> None:
    """Hold the data directory for this gateway alone.

    Raises:
        StartError: another one runs on it.
    """
    data.ensure()
    lock = stack.enter_context((data.path / "lock").open("a"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StartError("another gateway runs on this data directory; give --data-dir DIR") from error
