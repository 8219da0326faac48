"""The Dockerfiles' steps, run in an empty directory, and the command that each names, started. No engine runs here."""

import re
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import yaml
from support.dockerfile import Image, build

ROOT = Path(__file__).parents[2]
LONG = 60.0
FIXED = {"edge": ["serve", "--role", "edge", "--host", "0.0.0.0"], "egress": ["serve", "--role", "egress"]}


def imports(image: Image, module: str) -> bool:
    python = image.here("/opt/gateway/bin/python")
    done = subprocess.run(
        [python, "-c", f"import {module}"], cwd=image.root, env=image.full_environ(), capture_output=True, check=False
    )
    assert done.returncode == 0 or b"ModuleNotFoundError" in done.stderr, done.stderr
    return done.returncode == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_it_lives(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + LONG
    while time.monotonic() < end and process.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/livez").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize(("role", "has_litellm"), [("edge", False), ("egress", True)])
def test_an_image_holds_what_its_role_needs_and_starts_it(role, has_litellm, tmp_path):
    image = build(ROOT / "docker" / f"{role}.Dockerfile", ROOT, tmp_path)

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image.user)
    assert image.made == {"/opt/gateway", "/var/lib/gateway"}
    assert len(set(image.bases)) == 1
    assert imports(image, "psycopg")
    assert imports(image, "alembic")
    assert imports(image, "litellm") is has_litellm
    assert not imports(image, "pip")
    assert not imports(image, "pytest")
    it_starts_the_role_and_ends_well(image, role)


def it_starts_the_role_and_ends_well(image, role):
    port = free_port()
    key = image.root / "ticket-key"
    key.write_text("k1:" + "0f" * 32 + "\n")
    key.chmod(0o600)
    ports = {"edge": "GATEWAY_LISTEN__PORT", "egress": "GATEWAY_EGRESS__PORT"}
    environ = {ports[role]: str(port), "GATEWAY_ADMIN__PORT": "0", "GATEWAY_TICKET_KEY_FILE": str(key)}
    if role == "edge":
        environ["GATEWAY_EGRESS__URL"] = f"http://127.0.0.1:{free_port()}"

    assert [*image.entrypoint, *image.command] == ["gateway", *FIXED[role]]
    process = image.start(**environ)
    try:
        until_it_lives(process, port, image.root / "log")
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == 0
    finally:
        process.kill()


def test_the_chart_takes_the_images_that_the_dockerfiles_say_they_make():
    values = yaml.safe_load((ROOT / "charts" / "gateway" / "values.yaml").read_text(encoding="utf-8"))
    version = yaml.safe_load((ROOT / "charts" / "gateway" / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"]

    for role in FIXED:
        text = (ROOT / "docker" / f"{role}.Dockerfile").read_text(encoding="utf-8")
        name = values["image"][role]["repository"]
        assert f"docker build -f docker/{role}.Dockerfile -t {name}:{version} ." in text
