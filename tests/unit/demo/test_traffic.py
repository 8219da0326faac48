"""The demo's traffic is the same for the same seed, and shows what the gateway is for."""

import json

import pytest

from gateway.demo.traffic import calls
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import scan_request

TRAFFIC = calls(7, 320, 160)


def test_the_same_seed_gives_the_same_calls():
    assert calls(3, 50, 10) == calls(3, 50, 10)
    assert calls(3, 50, 10) != calls(4, 50, 10)


def test_more_calls_begin_with_the_same_ones():
    assert calls(3, 50, 10)[:20] == calls(3, 20, 10)


def test_no_calls_are_no_calls():
    assert calls(3, 0, 10) == []


def test_all_four_teams_call_in_both_dialects_streamed_and_not():
    assert {call.team for call in TRAFFIC} == {"support", "engineering", "legal", "data"}
    assert {(call.dialect, bool(call.body.get("stream"))) for call in TRAFFIC} == {
        (dialect, stream) for dialect in ("openai", "anthropic") for stream in (True, False)
    }


@pytest.mark.parametrize("call", TRAFFIC[:40], ids=lambda call: call.team)
def test_every_call_is_plain_json_for_its_dialect_and_asks_for_so_much_at_most(call):
    assert json.loads(json.dumps(call.body)) == call.body
    assert call.body["max_tokens"] == 160
    assert call.path == {"anthropic": "/v1/messages", "openai": "/v1/chat/completions"}[call.dialect]


def test_some_tickets_hold_a_card_number_that_the_scanner_finds_and_most_do_not():
    tickets = [call for call in TRAFFIC if call.team == "support"]
    found = [call for call in tickets if "I paid with" in call.body["messages"][-1]["content"]]

    assert 0 < len(found) < len(tickets) / 4
    for call in found:
        findings = scan_request(call.body, SensitivitySpec()).label
        assert "pci" in findings.categories


def test_prompts_are_shared_so_that_a_prefix_cache_has_something_to_do():
    prompts = {call.body["messages"][0]["content"] for call in TRAFFIC if call.team == "support"}

    assert len(prompts) == 1
    assert len(prompts.pop()) > 2000
