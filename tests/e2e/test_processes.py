"""Edge, egress and ledger as processes: who holds what, and what happens when one dies."""

import os
import resource
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from support.stack import VENDOR_KEYS, stack

from gateway.stores.ledger.schema import migrations, newest


def environ_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def mapped_by(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def test_the_edge_holds_no_vendor_key_and_nobody_loads_litellm_without_a_target_for_it(gateway):
    gateway.messages(model="gpt-5")  # translated by the edge
    edge, egress = gateway.pids("edge")[-1], gateway.pids("egress")[-1]

    for child in ("edge", "ledger"):
        environ = environ_of(gateway.pids(child)[-1])
        assert not any(name in environ or key in environ for name, key in VENDOR_KEYS.items())
    assert all(key in environ_of(egress) for key in VENDOR_KEYS.values())
    # litellm cannot be imported without its compiled tokenizers.
    for child in (edge, egress):
        assert "tokenizers" not in mapped_by(child)
        assert "tiktoken" not in mapped_by(child)


def test_no_command_line_tells_a_secret(gateway):
    for child in ("edge", "egress", "ledger"):
        command = Path(f"/proc/{gateway.pids(child)[-1]}/cmdline").read_text()
        assert not any(key in command for key in VENDOR_KEYS.values())


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        yield made.start()


def test_a_dead_egress_comes_back_and_local_traffic_does_not_notice(own):
    os.kill(own.pids("egress")[-1], signal.SIGKILL)

    assert own.chat(team="legal").status_code == 200
    own.wait_for(lambda: len(own.pids("egress")) == 2, "a new egress")
    answer = own.wait_for(lambda: (a := own.chat(model="gpt-5")).headers["x-gateway-target"] == "gpt-5" and a, "gpt-5")
    assert answer.status_code == 200


def test_a_dead_edge_comes_back_on_the_same_port(own):
    os.kill(own.pids("edge")[-1], signal.SIGKILL)

    own.wait_for(lambda: own.get("/readyz").status_code == 200, "a new edge")
    assert own.chat().status_code == 200


def test_a_dead_ledger_loses_nothing(own):
    os.kill(own.pids("ledger")[-1], signal.SIGKILL)
    answer = own.chat()

    assert own.decision(answer.headers["x-gateway-decision-id"])["status"] == 200
    own.wait_for(lambda: own.rows("select count(*) from finished")[0][0] == 1, "the shipped row")


def test_children_end_when_the_supervisor_is_killed(own):
    pids = [own.pids(child)[-1] for child in ("edge", "egress", "ledger")]
    process, own.process = own.process, None
    process.kill()
    process.wait()

    own.wait_for(lambda: not any(alive(pid) for pid in pids), "an end of the children")


def test_sigterm_lets_an_open_stream_finish_and_ships_everything(tmp_path):
    with stack(tmp_path, latency=0.5) as made:
        made.start()
        body = {"model": "auto", "messages": [{"role": "user", "content": "Tell"}], "stream": True, "max_tokens": 60}
        with httpx.stream(
            "POST", made.url + "/v1/chat/completions", json=body, headers=made.headers(), timeout=60
        ) as answer:
            pieces = answer.iter_bytes()
            first = next(pieces)
            made.process.terminate()
            made.wait_for(lambda: refused(made.url), "an end of accepting")
            rest = b"".join(pieces)
        assert made.process.wait(60) == 0
        made.process = None

        assert (first + rest).endswith(b"data: [DONE]\n\n")
        assert made.rows("select count(*) from finished")[0][0] == 1
        assert made.cli("ledger", "verify").returncode == 0


def test_two_gateways_do_not_share_a_data_directory(own):
    second = own.cli("serve", "--port", "0", "--admin-port", "0", "--policies", str(own.policies))

    assert second.returncode == 2
    assert "another gateway runs on this data directory" in second.stderr


def test_more_workers_than_the_store_can_serve_is_a_start_error(own):
    second = own.cli("serve", "--workers", "2", "--policies", str(own.policies))

    assert second.returncode == 2
    assert "name a Redis" in second.stderr


def test_a_spool_at_its_bound_stops_paid_calls_and_only_those(tmp_path):
    with stack(tmp_path) as made:
        made.settings["limits"] = {"spool_bytes": 1}
        made.start()
        made.wait_for(lambda: made.chat(model="gpt-5").headers["x-gateway-zone"] == "local", "the alarm")

        assert made.chat(team="legal").status_code == 200
        assert httpx.get(made.admin + "/readyz").json()["targets"]["gpt-5"] == "ledger_full"
        assert [event["level"] for event in made.events("spool_full")] == ["error"]


class Disk:
    """The disk as the edge sees it: a full one is one on which none of its files may grow."""

    def __init__(self, gateway):
        self.edge = gateway.pids("edge")[-1]
        self.most = resource.prlimit(self.edge, resource.RLIMIT_FSIZE)

    def __enter__(self):
        resource.prlimit(self.edge, resource.RLIMIT_FSIZE, (0, self.most[1]))

    def __exit__(self, *_):
        resource.prlimit(self.edge, resource.RLIMIT_FSIZE, self.most)


def test_on_a_full_disk_no_call_is_made_and_the_next_one_is_once_there_is_room(own):
    with Disk(own):
        for model in ("auto", "gpt-5"):
            answer = own.chat(model=model)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ledger_unavailable")
            assert "disk" in answer.json()["error"]["message"]

    assert own.chat(model="gpt-5").status_code == 200
    assert own.stop() == 0
    assert own.cli("ledger", "verify").returncode == 0
    assert own.rows("select count(*) from finished where error = ''")[0][0] == 1


def test_on_a_full_disk_local_calls_continue_if_so_configured_and_are_recorded_once_there_is_room(tmp_path):
    with stack(tmp_path) as made:
        made.settings["on_ledger_lost"] = "local_only"
        made.start()
        with Disk(made):
            local, closed = made.chat(team="legal"), made.chat(model="gpt-5")
            streamed = made.chat(team="legal", stream=True)
        assert (local.status_code, local.headers["x-gateway-zone"]) == (200, "local")
        assert streamed.text.endswith("data: [DONE]\n\n")
        # A model that has a local stand-in moves to it; gpt-5 has one.
        assert (closed.status_code, closed.headers["x-gateway-zone"]) == (200, "local")

        for answer in (local, closed, streamed):
            assert made.decision(answer.headers["x-gateway-decision-id"])["status"] == 200
        assert made.stop() == 0
        assert made.cli("ledger", "verify").returncode == 0


def refused(url: str) -> bool:
    try:
        httpx.get(url + "/livez", timeout=5)
    except httpx.ConnectError:
        return True
    return False


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_ledger_of_an_older_version_is_brought_up_while_the_edge_waits(own):
    own.stop()
    for file in own.data_dir.glob("ledger.sqlite3*"):
        file.unlink()
    with closing(sqlite3.connect(own.data_dir / "ledger.sqlite3")) as old:
        old.executescript("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)")
        old.executescript(migrations()[1] + "INSERT INTO schema_version VALUES (1, 0);")
        old.execute("PRAGMA journal_mode = WAL")
    own.start()
    assert own.chat("Hello").status_code == 200
    own.stop()
    assert own.rows("select max(version) from schema_version") == [(newest(),)]
