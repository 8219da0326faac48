"""Starts the demo's upstreams and the real gateway in front of them, drives the traffic, and hands over what it saw."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import anyio

from gateway.demo.policy import demo_policy
from gateway.demo.traffic import Call
from gateway.sandbox import SandboxSettings, Vendor, running_in_thread
from gateway.settings import default_policies, environment
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.sqlite import SqliteKeys

TEAMS: Final = ("support", "engineering", "legal", "data")
VENDORS: Final = {"qwen3-32b": Vendor.SGLANG, "claude-sonnet": Vendor.ANTHROPIC, "gpt-5": Vendor.OPENAI}
KEY_VARIABLES: Final = {"claude-sonnet": "ANTHROPIC_API_KEY", "gpt-5": "OPENAI_API_KEY"}
READY_S: Final = 40.0
STOP_S: Final = 40.0
"""More than edge, egress and ledger take to drain one after the other."""
CONCURRENT: Final = 12
LATENCY: Final = 0.05


class DemoFailed(Exception):
    """The demo's gateway did not come up; the message says why."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo."""

    data_dir: Path
    data_plane: str
    admin_plane: str
    keys: Mapping[str, str]
    live: Sequence[str]
    """Closed targets that are real vendors."""
    process: "subprocess.Popen[bytes]"
    log: Path


@dataclass(slots=True)
class DemoOutcome:
    """What the traffic saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0


@contextmanager
def running(directory: Path, *, sglang: str | None, live: bool) -> Generator[Demo]:
    """Run upstreams and gateway until left.

    Raises:
        DemoFailed: the gateway did not come up.
    """
    environ = environment()
    real = [target for target, name in KEY_VARIABLES.items() if live and environ.get(name)]
    with ExitStack() as stack:
        places, models = {}, {}
        for target, vendor in VENDORS.items():
            if target in real:
                continue
            if target == "qwen3-32b" and sglang:
                places[target], models[target] = sglang.rstrip("/"), _served_model(sglang)
                continue
            settings = SandboxSettings(latency=LATENCY, accept_bearer=True)
            places[target] = stack.enter_context(running_in_thread(vendor, settings)).url
        policies = directory / "policies"
        policies.mkdir()
        text = demo_policy(default_policies() / "default.yaml", places, models)
        (policies / "demo.json").write_text(text, encoding="utf-8")
        data = DataDir(directory / "data")
        data.ensure()
        store = SqliteKeys(data.keys)
        keys = {team: store.create(team, name="demo", now=time.time())[1] for team in TEAMS}
        variables = {name: "sandbox-key" for target, name in KEY_VARIABLES.items() if target not in real}
        port, admin_port = _free(8080), _free(8081)
        log, config = directory / "gateway.log", directory / "gateway.yaml"
        # Embedded defaults, whatever is in the working directory; nobody waits a minute for the demo's open streams.
        config.write_text("drain: {streams: 5}\n", encoding="utf-8")
        command = ["--policies", str(policies), "--data-dir", str(data.path), "--config", str(config)]
        command += ["--port", str(port), "--admin-port", str(admin_port)]
        process = stack.enter_context(_gateway(command, environ | variables, log))
        demo = Demo(data.path, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{admin_port}", keys, real, process, log)
        _wait_ready(demo)
        yield demo


async def drive(demo: Demo, traffic: Sequence[Call], done: Callable[[], None]) -> DemoOutcome:
    """Make the calls, a dozen at a time, and return what came back."""
    outcome = DemoOutcome()
    began = time.monotonic()
    queue = list(reversed(traffic))
    timeout = aiohttp.ClientTimeout(total=120)

    async def worker(session: aiohttp.ClientSession) -> None:
        while queue:
            call = queue.pop()
            headers = {"authorization": f"Bearer {demo.keys[call.team]}", **call.headers}
            if call.dialect == "anthropic":
                headers["anthropic-version"] = "2023-06-01"
            async with session.post(demo.data_plane + call.path, json=call.body, headers=headers) as answer:
                await answer.read()
                outcome.statuses[answer.status] += 1
            done()

    async with aiohttp.ClientSession(timeout=timeout) as session, anyio.create_task_group() as group:
        for _ in range(CONCURRENT):
            group.start_soon(worker, session)
    outcome.seconds = time.monotonic() - began
    return outcome


def _free(preferred: int) -> int:
    """Return the preferred port if it is free, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoFailed("there is no free port")


def _served_model(url: str) -> str:
    """Return the name under which an SGLang server serves its model."""

    async def ask() -> str:
        async with aiohttp.ClientSession() as session, session.get(url.rstrip("/") + "/v1/models") as answer:
            listed = await answer.json()
            return str(listed["data"][0]["id"])

    try:
        return anyio.run(ask)
    except (aiohttp.ClientError, OSError, LookupError, ValueError) as error:
        raise DemoFailed(f"no SGLang server answers at {url}") from error


def _wait_ready(demo: Demo) -> None:
    async def ask() -> bool:
        async with aiohttp.ClientSession() as session:
            try:
                async with session.get(demo.data_plane + "/readyz") as answer:
                    return answer.status == 200  # noqa: PLR2004 -- OK
            except aiohttp.ClientError:
                return False

    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if demo.process.poll() is not None:
            raise DemoFailed(f"the gateway ended: {tail(demo.log)}")
        if anyio.run(ask):
            return
        time.sleep(0.1)
    raise DemoFailed(f"the gateway did not become ready: {tail(demo.log)}")


def tail(log: Path) -> str:
    """Return the last lines of the gateway's log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-5:])


@contextmanager
def _gateway(arguments: Sequence[str], environ: Mapping[str, str], log: Path) -> "Generator[subprocess.Popen[bytes]]":
    """Run ``gateway serve`` until left.

    It is in a session of its own, so that a terminal's signals reach the demo alone, and holds a pipe whose end of
    file is the demo's death: it ends even after a kill -9.
    """
    lifeline, held = os.pipe()
    command = [sys.executable, "-m", "gateway", "serve", "--lifeline", str(lifeline), *arguments]
    try:
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, env=environ, stdin=subprocess.DEVNULL, stderr=out, pass_fds=(lifeline,), start_new_session=True
            )
        os.close(lifeline)
        try:
            yield process
        finally:
            _stop(process)
    finally:
        os.close(held)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
