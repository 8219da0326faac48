"""A whole gateway for tests: the installed command as a process, sandbox upstreams in threads, keys for four teams."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml

from gateway.sandbox import RunningSandbox, SandboxSettings, Vendor, running_in_thread
from gateway.stores.keys.sqlite import SqliteKeys

ROOT = Path(__file__).parents[2]
TEAMS = ("support", "engineering", "legal", "data")
VENDOR_KEYS = {"ANTHROPIC_API_KEY": "sk-ant-test-canary-anthropic", "OPENAI_API_KEY": "sk-test-canary-openai"}
LONG = 60.0
PATIENT = {"connect": 20, "first_token": 40, "idle": 40, "total": 60}
"""Time-outs that no busy machine reaches."""
IMPATIENT = {"connect": 10, "first_token": 4, "idle": 4, "total": 16}
"""For tests in which an upstream hangs: each waits for one of these."""


def policy_document(places: Mapping[str, str]) -> dict[str, Any]:
    """The shipped default policy, pointed at the sandboxes and without its cases."""
    document = yaml.safe_load((ROOT / "policies" / "default.yaml").read_text(encoding="utf-8"))
    for target in document["targets"]:
        place = places[target["id"]]
        if target["zone"] == "local":
            target["endpoints"] = [place]
        else:
            target["api_base"] = place + "/v1" if target["kind"] == "openai" else place
    for team in document["teams"]:
        team.pop("budget", None)
    document.pop("cases")
    return document


@dataclass
class Stack:
    """One gateway and its upstreams."""

    directory: Path
    sglang: RunningSandbox
    anthropic: RunningSandbox
    openai: RunningSandbox
    document: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    url: str = ""
    admin: str = ""

    @property
    def data_dir(self) -> Path:
        return self.directory / "data"

    @property
    def policies(self) -> Path:
        return self.directory / "policies"

    @property
    def log_file(self) -> Path:
        return self.directory / "gateway.log"

    def write_policy(self) -> None:
        draft = self.directory / "draft"
        draft.write_text(json.dumps(self.document), encoding="utf-8")
        draft.replace(self.policies / "policy.json")

    def make_files(self) -> None:
        """Write the policy and make the keys."""
        self.policies.mkdir(exist_ok=True)
        self.data_dir.mkdir(exist_ok=True)
        self.write_policy()
        if not self.keys:
            store = SqliteKeys(self.data_dir / "keys.sqlite3")
            self.keys = {team: store.create(team, now=time.time())[1] for team in TEAMS}

    def start(self) -> "Stack":
        """Start it and wait until it says that it is ready."""
        seen = self.log_file.stat().st_size if self.url else 0
        self.launch()
        ready = r"gateway: ready; data plane (\S+), admin plane (\S+)\n"
        match = self.wait_for(lambda: re.search(ready, self.log(seen)), "readiness")
        self.url, self.admin = match[1], match[2]
        bridged = any(one["kind"] == "litellm" for one in self.document["targets"])
        if bridged and self.settings.get("role", "all") == "all":  # readiness waits for it too, but not for ever
            self.wait_for(lambda: '"event":"bridge_ready"' in self.log(seen), "litellm in the egress")
        return self

    def launch(self) -> None:
        """Start it and return at once."""
        self.make_files()
        config = self.directory / "gateway.yaml"
        config.write_text(json.dumps(self.settings), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "gateway",
            "serve",
            "--config",
            str(config),
            "--port",
            "0",
            "--admin-port",
            "0",
        ]
        command += ["--policies", str(self.policies), "--data-dir", str(self.data_dir)]
        self.process = subprocess.Popen(
            command, stderr=self.log_file.open("ab"), env=os.environ | VENDOR_KEYS | self.environ, cwd=self.directory
        )

    def log(self, offset: int = 0) -> str:
        return self.log_file.read_bytes()[offset:].decode(errors="replace") if self.log_file.exists() else ""

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in lines if line["event"] == name]

    def pids(self, child: str) -> list[int]:
        return [event["pid"] for event in self.events("child_started") if event["child"] == child]

    def wait_for(self, probe: Callable[[], Any], what: str, seconds: float = LONG) -> Any:
        """Ask until there is an answer; the one place in the tests that looks at a clock, as a bound."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process is None or self.process.poll() is None, f"the gateway ended: {self.log()[-2000:]}"
            with suppress(httpx.HTTPError):
                found = probe()
                if found:
                    return found
            time.sleep(0.02)
        raise AssertionError(f"no {what} in {seconds} s: {self.log()[-2000:]}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        status = self.process.wait(LONG)
        self.process = None
        return status

    def headers(self, team: str = "support", **more: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.keys[team]}", **{name.replace("_", "-"): v for name, v in more.items()}}

    def get(self, path: str, team: str | None = None, **more: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=self.headers(team, **more) if team else {}, timeout=LONG)

    def post(self, path: str, team: str = "support") -> httpx.Response:
        return httpx.post(self.url + path, headers=self.headers(team), timeout=LONG)

    def chat(self, text: str = "Hello", *, team: str = "support", model: str = "auto", **body: Any) -> httpx.Response:
        headers = self.headers(team, **body.pop("headers", {}))
        body = {"model": model, "messages": [{"role": "user", "content": text}], "max_tokens": 32, **body}
        return httpx.post(self.url + "/v1/chat/completions", json=body, headers=headers, timeout=LONG)

    def messages(
        self, text: str = "Hello", *, team: str = "support", model: str = "auto", **body: Any
    ) -> httpx.Response:
        headers = self.headers(team, anthropic_version="2023-06-01", **body.pop("headers", {}))
        body = {"model": model, "messages": [{"role": "user", "content": text}], "max_tokens": 32, **body}
        return httpx.post(self.url + "/v1/messages", json=body, headers=headers, timeout=LONG)

    def admin_get(self, path: str) -> httpx.Response:
        token = (self.data_dir / "admin-token").read_text().strip()
        return httpx.get(self.admin + path, headers={"authorization": f"Bearer {token}"}, timeout=LONG)

    def hang_up_on(self, sandbox: RunningSandbox, **body: Any) -> None:
        """Make a call, and hang up once it has reached an upstream that does not answer it."""
        body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 64, **body}
        before = len(sandbox.requests("/v1/chat/completions") + sandbox.requests("/v1/messages"))
        place = urlsplit(self.url)
        with closing(HTTPConnection(place.hostname or "", place.port, timeout=LONG)) as connection:
            connection.request(
                "POST",
                "/v1/chat/completions",
                json.dumps(body),
                self.headers("engineering") | {"content-type": "application/json"},
            )
            self.wait_for(
                lambda: len(sandbox.requests("/v1/chat/completions") + sandbox.requests("/v1/messages")) > before,
                "a request at the upstream",
            )

    def cli(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "gateway", *arguments, "--data-dir", str(self.data_dir)]
        return subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False, cwd=self.directory)

    def decision(self, decision_id: str) -> dict[str, Any]:
        """The stored decision, once its end was booked."""

        def look() -> dict[str, Any] | None:
            done = self.cli("decisions", "show", decision_id, "--format", "json")
            found: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
            return found if found.get("status") else None

        return self.wait_for(look, f"an end of {decision_id}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self.data_dir / 'ledger.sqlite3'}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def everything_written(self) -> bytes:
        """Every byte that the gateway left behind: logs, spool, databases."""
        files = [self.log_file, *self.data_dir.rglob("*")]
        return b"".join(file.read_bytes() for file in files if file.is_file())


@contextmanager
def stack(directory: Path, **sandbox: Any) -> Generator[Stack]:
    """Sandboxes and a gateway that is not started yet; whatever still runs at the end is stopped."""
    settings = SandboxSettings(accept_bearer=True, allow_header_faults=True, **sandbox)
    with ExitStack() as exits:
        running = {vendor: exits.enter_context(running_in_thread(vendor, settings)) for vendor in Vendor}
        places = {
            "qwen3-32b": running[Vendor.SGLANG].url,
            "claude-sonnet": running[Vendor.ANTHROPIC].url,
            "gpt-5": running[Vendor.OPENAI].url,
        }
        made = Stack(
            directory,
            running[Vendor.SGLANG],
            running[Vendor.ANTHROPIC],
            running[Vendor.OPENAI],
            policy_document(places),
            settings={"timeouts": PATIENT, "drain": {"streams": 20}},
        )
        try:
            yield made
        finally:
            if made.process is not None:
                made.process.terminate()
                try:
                    made.process.wait(30)
                except subprocess.TimeoutExpired:
                    made.process.kill()
                    made.process.wait()
