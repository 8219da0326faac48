"""A policy cannot be caught half-written: what both the old and the new one forbid never leaves meanwhile."""

import json
import signal
import time

import httpx
import pytest
import yaml
from support.stack import stack

CARD = "4539 1488 0343 6467"
PAUSE_S = 0.15
SETTLE_S = 0.6


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        made.settings["policy"] = {"settle": SETTLE_S}
        made.document["rules"].insert(0, {"kind": "deny", "zones": ["closed"], "when": "team == 'data'"})
        yield made


def left(own) -> list[str]:
    """Return what reached a vendor."""
    return [json.dumps(request["body"]) for request in (*own.openai.requests(), *own.anthropic.requests())]


def test_a_writer_that_pauses_after_every_line_and_restarts_in_between_let_nothing_out(own):
    """Rules and invariants are at the end of the file: every prefix that is valid is the policy without them."""
    own.start()
    policy = own.policies / "policy.json"
    own.document["rules"].append({"kind": "prefer", "by": "quality", "id": "second"})
    text = yaml.safe_dump(own.document, sort_keys=False, width=10_000)
    parts = text.splitlines(keepends=True)
    step = max(len(parts) // 40, 1)
    killed = iter(["edge", "egress", "ledger"])
    for end in range(0, len(parts) + step, step):
        policy.write_text("".join(parts[:end]))
        if end and end % (12 * step) == 0 and (child := next(killed, None)) is not None:
            (pid, *_) = own.pids(child)
            own.wait_for(lambda pid=pid: _ended(pid), f"the end of {child}")
        for question in (f"Charge {CARD}", "hello"):
            try:
                own.chat(question, model="gpt-5", team="data")
            except httpx.HTTPError:  # a child is being restarted
                time.sleep(PAUSE_S)
        time.sleep(PAUSE_S)
    own.wait_for(lambda: len(own.events("policy_taken")) > 1, "the new policy")

    assert left(own) == []


def _ended(pid: int) -> bool:
    import os

    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return True
    return False


def test_a_policy_that_widens_waits_over_a_restart_until_it_is_accepted(own):
    own.start()
    own.document["rules"].pop(0)
    own.write_policy()
    (held,) = own.wait_for(lambda: own.events("policy_held"), "the held policy")
    own.stop()
    own.start()
    assert own.chat("hello", model="gpt-5", team="data").headers["x-gateway-zone"] == "local"
    shown = httpx.get(own.admin + "/readyz").json()["policy"]
    assert (shown["in_force"], shown["waiting"]["state"]) == (False, "held")
    assert held["policy"] in shown["waiting"]["do"]
    metrics = httpx.get(own.admin + "/metrics").text  # also after the restart
    assert "gateway_policy_reload_ok 0.0" in metrics
    assert "gateway_egress_policy_reload_ok 0.0" in metrics
    assert held["policy"] in own.admin_get("/admin/v1/policy").json()["problem"]

    accepted = own.cli("policy", "accept", held["policy"], "--reason", "data may use vendors now")
    assert accepted.returncode == 0, accepted.stderr
    own.wait_for(lambda: own.chat().headers["x-gateway-policy"] == held["policy"], "the accepted policy")
    assert own.chat("hello", model="gpt-5", team="data").headers["x-gateway-zone"] == "closed"
    assert "policy.accept" in own.cli("audit", "list", "--format", "json").stdout


def test_a_file_that_is_missing_for_a_while_opens_nothing(own):
    own.start()
    whole = json.loads((own.policies / "policy.json").read_text())
    rules = {name: whole.pop(name) for name in ("rules", "invariants")}
    (own.policies / "policy.json").write_text(json.dumps(whole))
    own.wait_for(lambda: own.events("policy_held"), "the held policy")
    assert own.chat("hello", model="gpt-5", team="data").headers["x-gateway-zone"] == "local"
    (own.policies / "rules.json").write_text(json.dumps(rules))
    own.wait_for(lambda: httpx.get(own.admin + "/readyz").json()["policy"]["in_force"], "the whole policy")
    assert left(own) == []
