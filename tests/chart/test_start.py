"""What the chart renders, started: edge and egress as two processes, with the Secret that docs/kubernetes.md makes."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from chart.helm import EXISTING, ROOT, of, render
from chart.materialise import Pod, place

from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.sandbox import SandboxSettings, Vendor, running_in_thread

VENDOR_KEYS = {"ANTHROPIC_API_KEY": "sk-ant-test-canary-anthropic", "OPENAI_API_KEY": "sk-test-canary-openai"}
VALUES = EXISTING | {"config": {"drain": {"propagation": 0, "streams": 5}}}
LONG = 60.0


@dataclass
class Release:
    """The two pods, and what a caller needs."""

    edge: Pod
    egress: Pod
    key: str
    secret: dict[str, bytes]
    url: str = ""
    admin: str = ""

    def chat(self, model: str, *, dialect: str = "chat/completions") -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 16}
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.post(f"{self.url}/v1/{dialect}", json=body, headers=headers, timeout=LONG)


def until(probe: Callable[[], Any], release: Release, what: str) -> Any:
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            found = probe()
            if found:
                return found
        time.sleep(0.02)
    raise AssertionError(f"no {what}: edge: {release.edge.log()[-2000:]} egress: {release.egress.log()[-2000:]}")


def events(pod: Pod, name: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in pod.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == name]


def documented_secret(directory: Path) -> tuple[dict[str, bytes], str]:
    """Run the block of docs/kubernetes.md, with a kubectl that does nothing; return the files and the caller's key."""
    text = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    [block] = re.findall(r"<!-- tested: the secret -->\n```bash\n(.*?)```", text, flags=re.DOTALL)
    script = f'set -euo pipefail\nkubectl() {{ echo "kubectl $*" >&2; }}\n{block}\nprintf %s "$KEY"'
    environ = {"PATH": os.environ["PATH"], **VENDOR_KEYS}
    done = subprocess.run(["bash", "-c", script], cwd=directory, env=environ, capture_output=True, check=True)
    assert b"kubectl create secret generic gateway-secrets --from-file=secret" in done.stderr
    return {path.name: path.read_bytes() for path in (directory / "secret").iterdir()}, done.stdout.decode()


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Generator[Release]:
    directory = tmp_path_factory.mktemp("pods")
    secret, key = documented_secret(directory)
    objects = render(VALUES, release="gateway")
    with ExitStack() as exits:
        made = []
        for component in ("edge", "egress"):
            pod = Pod(objects, component, directory / component, {"gateway-secrets": secret})
            exits.callback(pod.kill)
            made.append(pod)
        found = Release(made[0], made[1], key, secret)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        here = {"host": "127.0.0.1", "port": 0}
        egress = {"host": "127.0.0.1", "port": port, "url": f"http://127.0.0.1:{port}"}
        for pod in made:
            pod.move({"listen": here, "admin": here, "egress": egress})
            pod.start()
        match = until(
            lambda: re.search(r"data plane (\S+), admin plane (\S+)\n", found.edge.log()), found, "an address"
        )
        found.url, found.admin = match[1], match[2]
        yield found


def test_it_is_ready_served_reloads_its_policy_and_ends_well(release: Release) -> None:
    """One story, because a start takes seconds."""
    ready_with_default_values(release)
    the_egress_alone_has_vendor_keys(release)
    with ExitStack() as exits:
        sandbox = SandboxSettings(accept_bearer=True)
        places = {vendor: exits.enter_context(running_in_thread(vendor, sandbox)).url for vendor in Vendor}
        a_swapped_config_map_is_in_force_without_a_restart(release, places)
        calls_are_served_both_ways(release)
        a_bad_config_map_leaves_the_last_good_one_in_force(release)
        the_admin_plane_takes_the_token_of_the_secret(release)
    both_end_with_status_0(release)
    nothing_is_written_outside_of_the_writable_mounts(release)


def ready_with_default_values(release: Release) -> None:
    """Although no SGLang answers: /readyz is about the gateway."""
    probe = release.edge.container["readinessProbe"]["httpGet"]["path"]
    assert until(lambda: httpx.get(release.url + probe).status_code == 200, release, "readiness")
    egress = yaml.safe_load(release.egress.path("/etc/gateway/config/gateway.yaml").read_bytes())["egress"]
    for path in ("/livez", "/readyz", "/internal/metrics"):
        assert httpx.get(egress["url"] + path).status_code == 200
    assert httpx.get(release.admin + "/metrics").status_code == 200


def the_egress_alone_has_vendor_keys(release: Release) -> None:
    assert release.egress.environ() == VENDOR_KEYS
    assert release.edge.environ() == {}
    files = {path for path in release.edge.root.rglob("*") if path.is_file()}
    canaries = [value.encode() for value in VENDOR_KEYS.values()]
    assert not [path for path in files if any(canary in path.read_bytes() for canary in canaries)]
    [started] = [event for event in events(release.egress, "started") if "credentials" in event]
    assert sorted(started["credentials"]) == ["claude-sonnet", "gpt-5"]


def a_swapped_config_map_is_in_force_without_a_restart(release: Release, places: dict[Vendor, str]) -> None:
    local = {"local": {"endpoints": {"qwen3-32b": [places[Vendor.SGLANG]]}}}
    [text] = of(render(VALUES | local, release="gateway"), "ConfigMap", "-policy")["data"].values()
    document = yaml.safe_load(text)
    for target in document["targets"]:
        if target["kind"] == "anthropic":
            target["api_base"] = places[Vendor.ANTHROPIC]
        elif target["kind"] == "openai":
            target["api_base"] = places[Vendor.OPENAI] + "/v1"
    text = yaml.safe_dump(document)
    policy = compile_documents([("default.yaml", text)], PriceBook.load_bundled()).hash
    files = {
        "default.yaml": text.encode(),
        "accepted": f"accepted: {policy}\n".encode(),
    }  # vendors elsewhere: it widens
    for pod in (release.edge, release.egress):
        before = len(events(pod, "policy_in_force"))
        place(pod.path("/etc/gateway/policies"), files)
        until(lambda pod=pod, before=before: len(events(pod, "policy_in_force")) > before, release, "reload")
        assert len(events(pod, "child_started")) == len({event["child"] for event in events(pod, "child_started")})


def calls_are_served_both_ways(release: Release) -> None:
    for model, dialect, target, zone in (
        ("gpt-5", "chat/completions", "gpt-5", "closed"),
        ("claude-sonnet-4-5", "messages", None, "closed"),
        ("auto", "chat/completions", "qwen3-32b", "local"),
    ):
        answer = until(
            lambda model=model, dialect=dialect: (
                found if (found := release.chat(model, dialect=dialect)).status_code == 200 else None
            ),
            release,
            f"answer of {model}",
        )
        assert target is None or answer.headers["x-gateway-target"] == target
        # The share of a rollout may take a session of team support to the local target.
        assert answer.headers["x-gateway-zone"] == zone or target is None
    wrong = httpx.post(release.url + "/v1/chat/completions", json={}, headers={"authorization": "Bearer gwk_x_y"})
    assert wrong.status_code == 401


def a_bad_config_map_leaves_the_last_good_one_in_force(release: Release) -> None:
    directory = release.edge.path("/etc/gateway/policies")
    good = (directory / "default.yaml").read_bytes()
    place(directory, {"default.yaml": b"version: 1\ntargets: nonsense\n"})
    until(lambda: events(release.edge, "policy_refused"), release, "alarm")
    assert release.chat("auto").status_code == 200
    place(directory, {"default.yaml": good})


def the_admin_plane_takes_the_token_of_the_secret(release: Release) -> None:
    token = release.secret["admin-token"].decode().strip()
    url = release.admin + "/admin/v1/policy"
    assert httpx.get(url).status_code == 401
    assert httpx.get(url, headers={"authorization": f"Bearer {token}"}).status_code == 200


def both_end_with_status_0(release: Release) -> None:
    assert release.edge.stop() == 0
    assert release.egress.stop() == 0


def nothing_is_written_outside_of_the_writable_mounts(release: Release) -> None:
    for pod in (release.edge, release.egress):
        mounts = pod.container["volumeMounts"]
        known = [pod.path(mount["mountPath"]) for mount in mounts]
        strange = [
            path
            for path in pod.root.rglob("*")
            if path.is_file() and path != pod.root / "log" and not any(path.is_relative_to(place) for place in known)
        ]
        assert strange == []
        for mount in mounts:
            if mount.get("readOnly"):
                names = {path.name for path in pod.path(mount["mountPath"]).iterdir() if not path.name.startswith("..")}
                assert names <= {
                    "gateway.yaml",
                    "default.yaml",
                    "accepted",
                    "ticket-key",
                    "admin-token",
                    "salt",
                    "api-keys.yaml",
                }
    data = release.edge.path("/var/lib/gateway/data")
    assert (data / "ledger.sqlite3").is_file()
    assert data.stat().st_mode & 0o077 == 0
