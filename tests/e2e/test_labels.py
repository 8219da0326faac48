"""Labels with real processes: they outlive a restart, exceptions end by the clock, SDKs get their values back."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import anthropic
import openai
import pytest
from support.stack import stack

CARD = "4539 1488 0343 6467"
MAIL = "jane.miller@kontor-12.de"


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        yield made


def zone(answer):
    return answer.headers.get("x-gateway-zone")


def closed(answer):
    return answer if zone(answer) == "closed" else None


def test_a_conversation_keeps_its_label_over_a_restart_and_a_kill(own):
    own.start()
    assert zone(own.chat(f"Charge {CARD}", model="gpt-5", headers={"x_gateway_session": "s"})) == "local"
    own.stop()
    own.start()
    assert zone(own.chat("Thanks", model="gpt-5", headers={"x_gateway_session": "s"})) == "local"
    own.process.kill()
    own.process.wait()
    own.start()
    assert zone(own.chat("Thanks again", model="gpt-5", headers={"x_gateway_session": "s"})) == "local"
    assert zone(own.chat("Thanks", model="gpt-5", headers={"x_gateway_session": "u"})) == "closed"
    assert CARD.encode() not in own.everything_written()


def test_what_a_conversation_carries_is_shown_and_forgotten(own):
    def thanks():
        return zone(own.chat("Thanks", model="gpt-5", headers={"x_gateway_session": "s"}))

    own.start()
    assert zone(own.chat(f"Charge {CARD}", model="gpt-5", headers={"x_gateway_session": "s"})) == "local"
    (row,) = json.loads(own.cli("sessions", "show", "s", "--format", "json").stdout)
    (carried,) = row["carries"]
    assert (row["of"], carried["kind"], carried["class"]) == ("session", "credit_card", "restricted")
    by_decision = json.loads(own.cli("sessions", "show", carried["decision"], "--format", "json").stdout)
    assert {one["of"] for one in by_decision} == {"session", "place", "answer"}
    assert thanks() == "local"
    assert own.cli("sessions", "forget", "s", "--reason", "a test card").returncode == 0
    own.wait_for(lambda: thanks() == "closed", "a conversation that carries nothing")


def openai_says(own, turns, *, stream, **headers):
    client = openai.OpenAI(base_url=own.url + "/v1", api_key=own.keys["support"])
    asked = client.chat.completions.with_raw_response.create(
        model="gpt-5", messages=turns, max_tokens=32, stream=stream, extra_headers=headers
    )
    answer = asked.parse()
    if not stream:
        return asked.headers["x-gateway-zone"], answer.choices[0].message.content
    said = "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)
    return asked.headers["x-gateway-zone"], said


def anthropic_says(own, turns, *, stream, **headers):
    client = anthropic.Anthropic(base_url=own.url, api_key=own.keys["support"])
    asked = client.messages.with_raw_response.create(
        model="claude-sonnet-latest", messages=turns, max_tokens=32, stream=stream, extra_headers=headers
    )
    answer = asked.parse()
    if not stream:
        return asked.headers["x-gateway-zone"], "".join(block.text for block in answer.content)
    said = "".join(event.delta.text for event in answer if event.type == "content_block_delta")
    return asked.headers["x-gateway-zone"], said


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("says", [openai_says, anthropic_says])
def test_without_an_id_an_answer_is_known_again_as_the_sdk_has_it(own, says, stream):
    """The same caller said the same words twice, once declared: only the answer tells the two conversations apart."""
    own.start()
    words = [{"role": "user", "content": "Summarise the plan."}]
    restricted = {"x-gateway-data-class": "restricted"}
    zone_, declared = says(own, words, stream=stream, **restricted)
    assert zone_ == "local"
    zone_, free = says(own, words, stream=stream)
    assert zone_ == "closed"
    assert declared.split() != free.split()
    more = {"role": "user", "content": "Go on."}
    assert says(own, [*words, {"role": "assistant", "content": declared}, more], stream=stream)[0] == "local"
    assert says(own, [*words, {"role": "assistant", "content": free}, more], stream=stream)[0] == "closed"
    assert says(own, [*words, {"role": "assistant", "content": "(shortened)"}, more], stream=stream)[0] == "local"


def test_a_caller_disputes_a_finding_and_the_owner_of_its_team_sees_it(own):
    own.start()
    answer = own.chat(f"Charge {CARD}", model="gpt-5")
    decision = answer.headers["x-gateway-decision-id"]
    own.decision(decision)
    told = own.post(f"/v1/gateway/decisions/{decision}/dispute")
    assert told.status_code == 202
    assert told.json()["findings"] == [{"detector": "credit_card", "path": "messages[0].content"}]

    def listed():
        return [row["decision"] for row in json.loads(own.cli("sensitivity", "disputes", "--format", "json").stdout)]

    own.wait_for(lambda: listed() == [decision], "the dispute")


def test_an_exception_ends_by_the_clock_and_without_a_reload(own):
    own.document["invariants"] = []
    for target in own.document["targets"]:
        if isinstance(target["clearance"], dict):
            del target["clearance"]["mask"]
    own.start()
    now = datetime.now(UTC)
    end = now + timedelta(seconds=12)
    own.document["exceptions"] = [
        {
            "id": "pilot", "owner": "ann", "reason": "pilot", "teams": ["support"], "targets": ["gpt-5"],
            "from": (now - timedelta(seconds=5)).isoformat(), "until": end.isoformat(),
            "max": "confidential", "categories": ["pii"],
        }
    ]  # fmt: skip
    own.write_policy()
    before = own.wait_for(lambda: closed(own.chat(f"Write to {MAIL}", model="gpt-5")), "the exception")
    while datetime.now(UTC) < end:
        time.sleep(0.1)
    after = own.chat(f"Write again to {MAIL}", model="gpt-5")
    own.stop()

    assert [zone(before), zone(after)] == ["closed", "local"]
    assert own.rows("select exceptions from receipts where outcome = 'sent'") == [('["pilot"]',)]
    command = [sys.executable, "-m", "gateway", "policy", "check", "--format", "json", "--policies", str(own.policies)]
    check = subprocess.run(command, capture_output=True, text=True, check=True)
    assert any(cell["exception"] == "pilot" for cell in json.loads(check.stdout)["egress"])


def test_both_sdks_get_the_values_back_that_the_vendor_never_saw(own):
    for target in own.document["targets"]:
        if target["zone"] == "closed":
            target["clearance"]["mask"] = ["email"]
    own.start()
    chat = openai.OpenAI(base_url=own.url + "/v1", api_key=own.keys["engineering"])
    said = chat.chat.completions.create(
        model="gpt-5", messages=[{"role": "user", "content": f"Write to {MAIL}"}], stream=True, max_tokens=64
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in said if chunk.choices)
    claude = anthropic.Anthropic(base_url=own.url, api_key=own.keys["engineering"])
    raw = claude.messages.with_raw_response.create(
        model="claude-sonnet-latest", max_tokens=64, messages=[{"role": "user", "content": f"Write to {MAIL}"}]
    )

    assert raw.headers["x-gateway-masked"] == "email=1"
    sent = [str(request["body"]) for request in (*own.openai.requests(), *own.anthropic.requests())]
    assert len(sent) == 2
    assert not any(MAIL in body for body in sent)
    assert all("MASKED_EMAIL_" in body for body in sent)
    assert "MASKED_" not in text + raw.parse().content[0].text


def test_a_team_that_is_only_observed_sees_what_enforcing_would_change(own):
    own.document["sensitivity"] = {"mode": {"default": "enforce", "teams": {"support": "observe"}}}
    own.document["invariants"] = []
    own.start()
    assert zone(own.chat(f"Charge {CARD}", model="gpt-5")) == "closed"
    assert zone(own.chat(f"Charge {CARD}", model="gpt-5", team="data")) == "local"
    own.stop()
    rows = json.loads(own.cli("report", "costs", "--by", "team", "--format", "json").stdout)["rows"]
    assert {row["name"]: row["would_drop"] for row in rows} == {"support": 1, "data": 0}
