"""What keeps `gateway serve` from starting is one line and exit status 2; and it says that it is ready when it is."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from support.stack import LONG, ROOT, stack

from gateway.stores.ledger.schema import newest


def serve(directory: Path, *arguments: str, settings: dict | None = None, **environ: str):
    """Run the command to its end; return its status, the lines that are not its log, and its log."""
    config = directory / "gateway.yaml"
    config.write_text(json.dumps({"policies": str(ROOT / "policies"), **(settings or {})}), encoding="utf-8")
    command = [sys.executable, "-m", "gateway", "serve", "--port", "0", "--admin-port", "0", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LONG, check=False, cwd=directory, env=os.environ | environ
    )
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    return (
        done.returncode,
        [line for line in lines if not line.startswith("{")],
        [json.loads(line) for line in lines if line.startswith("{")],
    )


def refused(directory: Path, *arguments: str, **more) -> str:
    """Return the one line with which it does not start."""
    status, lines, _ = serve(directory, *arguments, **more)
    assert (status, len(lines)) == (2, 1), lines
    return lines[0]


@pytest.mark.parametrize(("option", "plane"), [("--port", "data plane"), ("--admin-port", "admin plane")])
def test_a_port_in_use_is_named_with_the_option_that_changes_it(tmp_path, option, plane):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = refused(tmp_path, option, port)

    assert line.startswith(f"the {plane} cannot listen on 127.0.0.1:{port} (address already in use); ")
    assert option in line


def test_a_port_of_the_egress_in_use_is_one_line_too(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = refused(tmp_path, "--role", "egress", settings={"egress": {"port": port}})

    assert line == (
        f"the egress cannot listen on 127.0.0.1:{port} (address already in use); "
        "choose another address with egress.host and egress.port"
    )


def test_a_directory_of_policies_that_is_missing_is_named(tmp_path):
    line = refused(tmp_path, "--policies", "nowhere")

    assert line == "policies: nowhere: no such file or directory; name a directory with --policies DIR"


def test_a_data_directory_that_cannot_keep_the_policy_is_named(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "policy").touch()
    line = refused(tmp_path, "--data-dir", "data")

    assert line.startswith("data_dir: ")
    assert "--data-dir DIR" in line


def test_a_policy_that_is_not_utf_8_is_one_line(tmp_path):
    (tmp_path / "policy.yaml").write_bytes(b"version: 1 # \xff\n")

    assert "is not UTF-8; save it as UTF-8" in refused(tmp_path, "--policies", str(tmp_path))


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    line = refused(tmp_path, "--data-dir", "file/data")

    assert line.endswith("/file/data: not a directory; give a directory that this user can write with --data-dir DIR")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_directory_that_may_not_be_written_is_named(tmp_path):
    (tmp_path / "data").mkdir(mode=0o500)

    assert "permission denied" in refused(tmp_path, "--data-dir", "data")


def test_a_configuration_file_that_is_missing_is_named(tmp_path):
    assert refused(tmp_path, "--config", "nowhere.yaml").startswith("nowhere.yaml:1: (file): cannot be read; ")


@pytest.mark.parametrize("key", ["keys_file", "admin_token_file", "salt_file", "ticket_key_file", "alerts.secret_file"])
def test_a_file_that_the_settings_name_and_that_is_missing_is_named_with_its_key(tmp_path, key):
    section, _, name = key.rpartition(".")
    line = refused(tmp_path, settings={section: {name: "nowhere"}} if section else {key: "nowhere"})

    assert line == f"{key}: nowhere: no such file or directory; create the file, or change {key}"


def ledger(directory: Path) -> Path:
    (directory / ".gateway").mkdir()
    return directory / ".gateway" / "ledger.sqlite3"


def test_a_ledger_of_a_newer_gateway_ends_the_start_instead_of_a_crash_loop(tmp_path):
    with closing(sqlite3.connect(ledger(tmp_path))) as newer:
        newer.executescript(
            "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL);"
            f"INSERT INTO schema_version VALUES ({newest() + 1}, 0);"
        )
    status, lines, log = serve(tmp_path)

    assert (status, len(lines)) == (2, 1), lines
    assert f"the ledger has schema version {newest() + 1}, this gateway knows up to {newest()}" in lines[0]
    assert "use that one, or another data directory" in lines[0]
    assert [event for event in log if event["event"] in {"child_died", "crashed"}] == []


def test_a_ledger_that_is_no_database_ends_the_start(tmp_path):
    ledger(tmp_path).write_bytes(b"not a database, but long enough to be looked at\n" * 100)

    assert refused(tmp_path) == "the ledger's database cannot be used: file is not a database"


def test_a_secret_that_is_empty_ends_the_start(tmp_path):
    (tmp_path / "token").touch()

    assert "admin_token_file names is empty" in refused(tmp_path, settings={"admin_token_file": "token"})


def test_a_long_tmpdir_does_not_matter(tmp_path):
    """A Unix socket's name has at most 107 bytes; with a longer TMPDIR the sockets go elsewhere, privately."""
    long = tmp_path / ("long" * 40)
    long.mkdir()
    with stack(tmp_path) as made:
        made.environ = {"TMPDIR": str(long)}
        made.start()

        assert made.chat(model="gpt-5").status_code == 200
        run_dir = Path(re.search(rb'"run_dir":"([^"]+)"', cmdline(made.pids("edge")[-1]))[1].decode())
        assert run_dir.stat().st_mode & 0o777 == 0o700
        assert made.stop() == 0
        assert not run_dir.exists()


def cmdline(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_serve_says_that_it_is_ready_when_both_planes_are(tmp_path):
    """The line is written after the last condition: after it, both planes are ready for the first call."""
    with stack(tmp_path) as made:
        made.launch()
        address = made.wait_for(lambda: made.events("listening"), "the addresses")[0]
        line = made.wait_for(
            lambda: re.search(r"^gateway: ready; data plane (\S+), admin plane (\S+)$", made.log(), re.MULTILINE),
            "the line",
        )

        assert line.groups() == (f"http://{address['data_plane']}", f"http://{address['admin_plane']}")
        assert httpx.get(line[1] + "/readyz", timeout=LONG).json() == {"status": "ready"}
        assert httpx.get(line[2] + "/readyz", timeout=LONG).json()["status"] == "ready"


def test_serve_does_not_say_that_it_is_ready_before_it_is(tmp_path):
    """An egress that never answers holds readiness back for 20 seconds."""
    with stack(tmp_path) as made:
        made.settings["role"] = "edge"
        made.settings["egress"] = {"url": "http://127.0.0.1:9"}
        made.settings["ticket_key_file"] = str(tmp_path / "tickets")
        (tmp_path / "tickets").write_text("k:" + "ab" * 32)
        made.launch()
        address = made.wait_for(lambda: made.events("listening"), "the addresses")[0]["data_plane"]
        answer = made.wait_for(lambda: httpx.get(f"http://{address}/readyz", timeout=LONG), "an answer")

        assert (answer.status_code, "gateway: ready" in made.log()) == (503, False)


LITELLM = """
import pathlib, time
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
"""


def test_it_is_not_ready_while_the_first_bridged_call_would_wait_for_litellm(tmp_path):
    """A stand-in for litellm whose import takes until we say so."""
    go, library = tmp_path / "go", tmp_path / "library"
    library.mkdir()
    (library / "litellm.py").write_text(LITELLM.format(go=str(go)))
    with stack(tmp_path) as made:
        made.environ = {"PYTHONPATH": str(library)}
        claude = next(one for one in made.document["targets"] if one["kind"] == "anthropic")
        price = {"input_per_mtok_usd": 1, "output_per_mtok_usd": 1}
        known = {"context_window": 8000, "max_output_tokens": 1000, "price": price}
        made.document["targets"].append(claude | {"id": "other", "kind": "litellm", "model": "bedrock/x"} | known)
        made.launch()
        address = made.wait_for(lambda: made.events("listening"), "the addresses")[0]["data_plane"]
        made.wait_for(lambda: [one for one in made.events("started") if one["process"] == "egress"], "the egress")
        answer = made.wait_for(lambda: httpx.get(f"http://{address}/readyz", timeout=LONG), "an answer")
        assert (answer.status_code, "gateway: ready" in made.log()) == (503, False)

        go.touch()
        made.wait_for(lambda: "gateway: ready" in made.log(), "readiness")
        assert len(made.events("bridge_ready")) == 1
