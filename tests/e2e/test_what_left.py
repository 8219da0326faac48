"""What left is read again, written down and proved: with real processes, and a vendor that counts what it gets."""

import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress

import httpx
import pytest
from support.stack import LONG, VENDOR_KEYS, stack

from gateway.domain.chain import ChainEntry
from gateway.domain.label import DataClass, Label
from gateway.ticket.claims import Claims, TicketKey, body_hash, headers_hash, sign

CANARY = "zq-canary-9b1e"
CARD = "4539 1488 0343 6467"


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        yield made


def receipts(own, columns="outcome, attempt_kind, target"):
    return own.rows(f"select {columns} from receipts order by at, id")


def verified(own, *arguments):
    done = own.cli("ledger", "verify", "--format", "json", *arguments)
    return done.returncode, json.loads(done.stdout)


def proved(own, *arguments):
    done = own.cli("egress", "prove", "--format", "json", *arguments)
    return done.returncode, json.loads(done.stdout)


def chain(own):
    return [ChainEntry.read(line) for path in own.data_dir.glob("egress/*") for line in path.read_bytes().splitlines()]


def test_every_ticket_has_a_receipt_and_no_receipt_has_content(own):
    own.settings["ledger"] = {"anchor": f"file:{own.directory / 'anchors'}", "anchor_seconds": 1}
    own.start()
    answers = [own.chat(CANARY, model="gpt-5"), own.messages(CANARY, model="gpt-5"), own.chat(CARD, model="gpt-5")]
    own.openai.set_faults("status=500")
    answers.append(own.chat(CANARY, model="gpt-5", team="engineering"))
    up = verified(own)
    own.stop()

    assert [answer.headers["x-gateway-target"] for answer in answers] == ["gpt-5", "gpt-5", "qwen3-32b", "qwen3-32b"]
    assert not any(name.startswith("x-egress") for answer in answers for name in answer.headers)
    assert receipts(own) == [("sent", "primary", "gpt-5")] * 3
    assert [(one.team, one.data_class, one.found, one.attempt_kind) for one in chain(own)] == [
        *(("support", "internal", "public", "primary"), ("support", "internal", "public", "primary")),
        ("engineering", "internal", "public", "primary"),
    ]
    assert own.rows("select attempt_kind from attempts order by at")[-1] == ("failover",)
    assert up[0] == 0, up[1]
    anchors = ("--anchor", str(own.directory / "anchors"))
    assert verified(own, *anchors)[1]["receipts"] == 3
    assert verified(own, *anchors)[0] == 0
    assert proved(own, *anchors)[0] == 0
    status, proof = proved(own, "--class", "internal", "--team", "support")
    assert (status, proof["left"], proof["evidence_whole"]) == (1, 2, True)
    left_behind = b"".join(path.read_bytes() for path in own.data_dir.rglob("*") if path.is_file())
    assert CANARY.encode() not in left_behind
    assert b"4111" not in left_behind

    with closing(sqlite3.connect(own.data_dir / "ledger.sqlite3")) as books:
        books.execute("delete from receipts where seq = 3")
        books.execute("update attempts set attempt_kind = ''")
        books.commit()
    for path in own.data_dir.glob("egress/*"):
        path.unlink()
    assert verified(own)[0] == 0  # the tail was cut off, with all that tells of it
    status, found = verified(own, *anchors)
    assert (status, [one["kind"] for one in found["problems"]]) == (1, ["anchor"])
    assert proved(own, *anchors)[0] == 3


def test_nothing_leaves_that_cannot_be_written_down(own):
    own.data_dir.mkdir()
    (own.data_dir / "egress").write_text("a file where the directory of the chains should be")
    own.start()
    answer = own.chat("Hello", model="gpt-5")
    own.stop()

    assert (answer.status_code, answer.headers["x-gateway-target"]) == (200, "qwen3-32b")
    assert answer.headers["x-gateway-reason"] == "failover"
    assert own.openai.requests() == []
    assert receipts(own) == [("refused:chain_unavailable", "primary", "gpt-5")]
    assert verified(own)[0] == 0
    assert proved(own, "--class", "public")[0] == 0


def hang_on(own, *, before=0):
    """A call that has reached the vendor and gets no answer; the vendor got ``before`` calls before it."""
    own.openai.set_faults("hang")

    def call():
        with suppress(httpx.HTTPError):
            own.chat("Hello", model="gpt-5", team="engineering")

    caller = threading.Thread(target=call)
    caller.start()
    own.wait_for(lambda: len(own.openai.requests()) > before, "a request at the vendor")
    return caller


def test_a_gateway_that_is_killed_before_its_receipt_still_proves_what_left(own):
    own.start()
    caller = hang_on(own)
    own.process.send_signal(signal.SIGSTOP)  # so that it starts no new edge yet
    os.kill(own.pids("edge")[-1], signal.SIGKILL)
    caller.join()
    down, found = verified(own)
    killed = proved(own, "--class", "internal")
    own.process.send_signal(signal.SIGCONT)
    own.wait_for(lambda: len(own.pids("edge")) == 2 and own.get("/readyz").status_code == 200, "a new edge")
    own.stop()
    status, after = verified(own)

    assert down == 1
    assert {one["kind"] for one in found["problems"]} == {"orphan", "unfinished"}
    assert [one["kind"] for one in found["notes"]] == ["unreceipted"]
    assert (killed[0], killed[1]["left"], killed[1]["evidence"]["only_in_files"]) == (1, 1, 1)
    assert status == 0, after
    assert [one["kind"] for one in after["notes"]] == ["unreceipted"]
    assert proved(own, "--class", "restricted")[0] == 0
    for path in own.data_dir.glob("egress/*"):
        path.unlink()
    assert proved(own, "--class", "internal")[0] == 3  # now nobody knows any more


def test_a_caller_that_hangs_up_leaves_no_hole(own):
    own.start()
    own.openai.set_faults("hang")
    own.hang_up_on(own.openai, model="gpt-5")
    own.wait_for(lambda: len(receipts(own)) == 2, "the receipt that was asked for")

    assert sorted(receipts(own)) == [("no_answer", "primary", "gpt-5"), ("sent", "primary", "gpt-5")]
    status, found = verified(own)
    assert (status, found["notes"]) == (0, [])


def test_an_egress_that_is_away_is_a_reason(own):
    own.start()
    os.kill(own.pids("egress")[-1], signal.SIGSTOP)
    os.kill(own.pids("egress")[-1], signal.SIGKILL)
    own.chat("Hello", model="gpt-5", team="engineering")
    own.wait_for(lambda: len(own.pids("egress")) == 2, "a new egress")
    own.wait_for(lambda: own.chat(model="gpt-5").headers["x-gateway-target"] == "gpt-5", "gpt-5")
    own.stop()

    assert ("sent", "primary", "gpt-5") in receipts(own)
    assert verified(own)[0] == 0


def test_a_call_whose_egress_was_killed_on_a_kept_connection_is_charged_and_explained(own):
    own.start()
    assert own.chat("Hello", model="gpt-5", team="engineering").headers["x-gateway-target"] == "gpt-5"
    caller = hang_on(own, before=1)
    own.openai.set_faults()
    os.kill(own.pids("egress")[-1], signal.SIGKILL)
    own.wait_for(lambda: len(own.pids("egress")) == 2, "a new egress")
    caller.join()
    own.wait_for(lambda: own.chat(model="gpt-5").headers["x-gateway-target"] == "gpt-5", "gpt-5")
    own.stop()
    status, found = verified(own)

    booked = own.rows(
        "select s.outcome, s.estimated, s.input_tokens > 0, s.cost > 0 and s.cost <= a.hold, s.output_tokens "
        "from settlements s join attempts a on a.id = s.attempt "
        "where s.outcome not in ('ok', 'egress_refused') and a.zone = 'closed'"
    )
    assert booked == [("unknown", 1, 1, 1, 0)]
    assert (status, [one["kind"] for one in found["notes"]]) == (0, ["unanswered", "unreceipted"]), found
    assert all("its egress ended before its answer came" in one["text"] for one in found["notes"])
    assert ("no_answer", "primary", "gpt-5") in receipts(own)
    assert proved(own, "--class", "internal")[1]["evidence"]["only_in_files"] == 1


@contextmanager
def lone_egress(own):
    """An egress whose ticket key we know: as a taken-over edge would."""
    own.policies.mkdir()
    own.write_policy()
    secret, key_file = secrets.token_bytes(32), own.directory / "ticket-key"
    key_file.write_text(f"k:{secret.hex()}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {"GATEWAY_TICKET_KEY_FILE": str(key_file), "GATEWAY_EGRESS__PORT": str(port)}
    command = [sys.executable, "-m", "gateway", "serve", "--role", "egress"]
    command += ["--policies", str(own.policies), "--data-dir", str(own.data_dir)]
    process = subprocess.Popen(
        command, env=os.environ | VENDOR_KEYS | environ, cwd=own.directory, stderr=own.log_file.open("ab")
    )
    url = f"http://127.0.0.1:{port}"
    try:
        yield url, TicketKey("k", secret)
    finally:
        process.terminate()
        process.wait(LONG)


def test_a_forged_body_with_a_good_ticket_gets_no_byte_to_the_vendor(own):
    with lone_egress(own) as (url, key):
        status = own.wait_for(lambda: httpx.get(url + "/internal/status").json(), "the egress")

        def send(text, label):
            body = json.dumps({"model": "gpt-5", "messages": [{"role": "user", "content": text}]}).encode()
            claims = Claims(
                jti=secrets.token_hex(8),
                decision="d",
                attempt="a",
                target="gpt-5",
                label=label,
                policy="p",
                method="POST",
                path="/v1/chat/completions",
                body_sha256=body_hash(body),
                headers_sha256=headers_hash({"content-type": "application/json", "accept": "*/*"}),
                audience=status["instance"],
                expires=time.time() + 20,
                team="support",
            )
            headers = {"content-type": "application/json", "x-gateway-ticket": sign(claims, key)}
            return httpx.post(url + claims.path, content=body, headers=headers, timeout=LONG).headers

        texts = [CARD, CARD + " x" * 20_000, "key sk-ant-api03-" + "Ab3" * 31 + "-AA"]
        outcomes = [send(text, Label(DataClass.INTERNAL))["x-egress-outcome"] for text in texts]
        assert outcomes == ["refused:higher_class"] * 3
        assert own.openai.requests() == []
        assert send("Hello", Label(DataClass.RESTRICTED))["x-egress-outcome"] == "refused:under_cleared"
        good = send("Hello", Label(DataClass.INTERNAL))
        assert good["x-egress-outcome"] == "vendor"
        assert ChainEntry.from_receipt(good["x-egress-receipt"]) == chain(own)[-1]
    assert len(own.openai.requests()) == 1
    assert [one.outcome for one in chain(own)] == [*outcomes, "refused:under_cleared", "sent"]
