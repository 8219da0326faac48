"""The official OpenAI SDK in front of every kind of target."""

import json

import openai
import pytest


@pytest.fixture
def client(gateway):
    def make(team="engineering"):
        return openai.OpenAI(base_url=gateway.url + "/v1", api_key=gateway.keys[team], max_retries=0)

    return make


MODELS = [
    ("auto", "qwen3-32b", "local"),
    ("gpt-5", "gpt-5", "closed"),
    ("claude-sonnet-4-5", "claude-sonnet", "closed"),
]
HELLO = [{"role": "user", "content": "Hello there"}]


@pytest.mark.parametrize(("model", "target", "zone"), MODELS)
def test_a_chat_is_answered_and_its_decision_is_in_headers(client, gateway, model, target, zone):
    answer = client().chat.completions.with_raw_response.create(model=model, messages=HELLO, max_tokens=24)

    headers = answer.headers
    assert (headers["x-gateway-target"], headers["x-gateway-zone"], headers["x-gateway-model"]) == (target, zone, model)
    assert headers["x-gateway-decision-id"].startswith("dec_")
    assert headers["x-gateway-data-class"] == "internal"
    assert len(headers["x-gateway-policy"]) == 16
    assert float(headers["x-gateway-cost-usd"]) > 0
    completion = answer.parse()
    assert completion.choices[0].message.content
    assert completion.usage.completion_tokens > 0


@pytest.mark.parametrize(("model", "target", "zone"), MODELS)
def test_a_stream_brings_content_and_no_usage_that_was_not_asked_for(client, model, target, zone):
    chunks = list(client().chat.completions.create(model=model, messages=HELLO, max_tokens=24, stream=True))

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert all(chunk.usage is None for chunk in chunks)
    assert all(chunk.choices for chunk in chunks)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason]


@pytest.mark.parametrize(("model", "target", "zone"), MODELS)
def test_a_stream_brings_usage_where_it_was_asked_for(client, model, target, zone):
    chunks = list(
        client().chat.completions.create(
            model=model, messages=HELLO, max_tokens=24, stream=True, stream_options={"include_usage": True}
        )
    )

    assert chunks[-1].usage.completion_tokens > 0


@pytest.mark.parametrize("model", ["auto", "gpt-5"])
def test_a_same_dialect_stream_is_byte_equal_to_what_the_upstream_sent(gateway, model):
    import httpx

    sandbox = gateway.sglang if model == "auto" else gateway.openai
    body = {"messages": HELLO, "max_tokens": 24, "stream": True, "stream_options": {"include_usage": True}}
    through = gateway.chat(model=model, team="engineering", **body)
    direct = httpx.post(
        sandbox.url + "/v1/chat/completions",
        json={"model": through.headers["x-gateway-target"], **body},
        headers={"authorization": "Bearer x"},
    )

    def without_ids(raw: bytes) -> list[bytes]:
        import re

        return re.sub(rb'"(id|model|created)":\s*("[^"]*"|\d+)', b"", raw).split(b"\n")

    assert without_ids(through.content)[0:3] == without_ids(direct.content)[0:3]
    assert through.content.endswith(b"data: [DONE]\n\n")


def test_tool_calls_come_back_from_a_closed_target(client):
    tools = [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}]
    answer = client().chat.completions.create(
        model="gpt-5", messages=HELLO, tools=tools, tool_choice="required", max_tokens=64
    )

    assert answer.choices[0].message.tool_calls[0].function.name == "look_up"


@pytest.mark.parametrize(("model", "name"), [("auto", "sglang"), ("gpt-5", "openai")])
def test_unknown_fields_reach_an_upstream_of_the_same_dialect(client, gateway, model, name):
    extra = {"a_field_of_tomorrow": {"kept": [1, 2.5, None]}}
    client().chat.completions.create(model=model, messages=HELLO, max_tokens=8, extra_body=extra)

    received = getattr(gateway, name).requests("/v1/chat/completions")[-1]
    assert '"a_field_of_tomorrow":{"kept":[1,2.5,null]}' in received["body"]


def test_fields_that_could_redirect_a_call_are_removed_and_said_so(client, gateway):
    answer = client().chat.completions.with_raw_response.create(
        model="gpt-5", messages=HELLO, max_tokens=8, extra_body={"api_base": "http://203.0.113.9", "fallbacks": ["x"]}
    )

    assert answer.headers["x-gateway-dropped"] == "api_base, fallbacks"
    assert "203.0.113.9" not in gateway.openai.requests("/v1/chat/completions")[-1]["body"]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gpt-5", "auto"])
def test_a_tool_is_called_and_its_result_goes_back_to_each_kind_of_target(client, model, streamed):
    schema = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}
    tools = [{"type": "function", "function": {"name": "look_up", "parameters": schema}}]
    first = {"model": model, "messages": HELLO, "tools": tools, "tool_choice": "required", "max_tokens": 64}
    if streamed:
        with client().chat.completions.stream(**first) as stream:
            stream.until_done()
            choice = stream.get_final_completion().choices[0]
    else:
        choice = client().chat.completions.create(**first).choices[0]
    (call,) = choice.message.tool_calls
    assert (call.function.name, choice.finish_reason) == ("look_up", "tool_calls")
    assert isinstance(json.loads(call.function.arguments)["q"], str)

    said = {"role": "assistant", "tool_calls": [call.model_dump(include={"id", "type", "function"})]}
    turns = [*HELLO, said, {"role": "tool", "tool_call_id": call.id, "content": "it rains"}]
    again = client().chat.completions.create(model=model, messages=turns, tools=tools, max_tokens=24)
    assert again.choices[0].message.content


def test_what_a_translated_call_does_not_carry_is_said(client):
    answer = client().chat.completions.with_raw_response.create(
        model="claude-sonnet-4-5", messages=HELLO, max_tokens=8, extra_body={"a_field_of_tomorrow": 1}
    )

    assert answer.headers["x-gateway-dropped"] == "a_field_of_tomorrow"


def test_what_the_vendor_of_a_translated_call_does_not_have_is_said_or_goes_elsewhere(client):
    ask = client().chat.completions.with_raw_response.create
    answer = ask(model="claude-sonnet-4-5", messages=HELLO, max_tokens=8, logit_bias={"1": 2}, seed=7)
    assert answer.headers["x-gateway-dropped"] == "logit_bias, seed"
    several = ask(model="claude-sonnet-4-5", messages=HELLO, max_tokens=8, n=2)
    assert (several.headers["x-gateway-target"], len(several.parse().choices)) == ("qwen3-32b", 2)


def test_card_numbers_go_to_the_local_target_whatever_was_asked_for(client, gateway):
    answer = client("support").chat.completions.with_raw_response.create(
        model="gpt-5", messages=[{"role": "user", "content": "Charge 4539 1488 0343 6467"}], max_tokens=8
    )

    assert answer.headers["x-gateway-target"] == "qwen3-32b"
    assert answer.headers["x-gateway-reason"] == "sensitivity"
    assert answer.headers["x-gateway-data-class"] == "restricted"
    assert not gateway.openai.requests("/v1/chat/completions")


def test_for_coding_agents_card_numbers_are_masked_instead(client, gateway):
    answer = client().chat.completions.with_raw_response.create(
        model="gpt-5", messages=[{"role": "user", "content": "Charge 4539 1488 0343 6467"}], max_tokens=8
    )

    assert answer.headers["x-gateway-target"] == "gpt-5"
    assert answer.headers["x-gateway-masked"] == "credit_card=1"
    assert not any("4539" in str(request["body"]) for request in gateway.openai.requests("/v1/chat/completions"))


def test_models_lists_what_the_key_may_ask_for(client):
    assert [model.id for model in client().models.list()] == ["auto"]


def test_a_dry_run_sends_nothing_and_books_nothing(gateway):
    before = len(gateway.cli("decisions", "list", "--format", "json").stdout)
    answer = gateway.chat("4539 1488 0343 6467", model="gpt-5", stream=True, headers={"x_gateway_dry_run": "true"})

    decision = answer.json()
    assert answer.status_code == 200
    assert decision["object"] == "gateway.decision"
    assert decision["target"] == answer.headers["x-gateway-target"] == "qwen3-32b"
    assert [drop["target"] for drop in decision["dropped"]] == ["gpt-5"]
    assert not gateway.sglang.requests("/v1/chat/completions")
    assert len(gateway.cli("decisions", "list", "--format", "json").stdout) == before


def test_a_caller_sees_its_own_decisions_and_nobody_elses(gateway):
    made = gateway.chat("Hello", team="support").headers["x-gateway-decision-id"]

    own = gateway.wait_for(lambda: gateway.get(f"/v1/gateway/decisions/{made}", "support"), "the decision")
    assert own.status_code == 200
    assert own.json()["team"] == "support"
    assert gateway.get(f"/v1/gateway/decisions/{made}", "legal").status_code == 404


def test_me_tells_team_models_and_rollouts(gateway):
    me = gateway.get("/v1/gateway/me", "support").json()

    assert (me["team"], me["models"], me["budget"]) == ("support", ["auto"], None)
    assert [rollout["id"] for rollout in me["rollouts"]] == ["support-to-qwen"]
