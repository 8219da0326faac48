"""The gateway in front of a real SGLang server: what the recordings promise, proved on the engine itself."""

import anthropic
import httpx
import openai
import pytest

pytestmark = pytest.mark.sglang

HELLO = [{"role": "user", "content": "Hello there"}]
LONG_PREFIX = "You keep a long and shared handbook. Refunds are possible within thirty days with a receipt. " * 40


@pytest.fixture(scope="module")
def client(gateway):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key=gateway.keys["engineering"], max_retries=0)


@pytest.fixture(scope="module")
def claude(gateway):
    return anthropic.Anthropic(base_url=gateway.url, api_key=gateway.keys["engineering"], max_retries=0)


def running(engine) -> int:
    loads = httpx.get(engine + "/v1/loads").json()["loads"]
    return sum(load["num_running_reqs"] + load["num_waiting_reqs"] for load in loads)


@pytest.mark.parametrize(("model", "zone"), [("home-only", "local"), ("vendor-only", "closed")])
def test_a_chat_is_answered_metered_and_booked(client, gateway, model, zone):
    answer = client.chat.completions.with_raw_response.create(model=model, messages=HELLO, max_tokens=12)

    completion = answer.parse()
    assert answer.headers["x-gateway-zone"] == zone
    assert completion.choices[0].message.content
    booked = gateway.decision(answer.headers["x-gateway-decision-id"])
    assert booked["usage"]["input_tokens"] == completion.usage.prompt_tokens
    assert booked["usage"]["output_tokens"] == completion.usage.completion_tokens
    assert booked["cost_usd"] == answer.headers["x-gateway-cost-usd"]


@pytest.mark.parametrize("model", ["home-only", "vendor-only"])
def test_a_stream_with_usage_is_passed_on_and_booked(client, gateway, model):
    answer = client.chat.completions.with_raw_response.create(
        model=model, messages=HELLO, max_tokens=12, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(answer.parse())

    usage = gateway.decision(answer.headers["x-gateway-decision-id"])["usage"]
    assert usage["output_tokens"] == chunks[-1].usage.completion_tokens
    assert not usage["estimated"]


def test_usage_that_nobody_asked_for_is_booked_but_not_sent(client, gateway):
    answer = client.chat.completions.with_raw_response.create(
        model="home-only", messages=HELLO, max_tokens=12, stream=True
    )
    chunks = list(answer.parse())

    assert all(chunk.usage is None and chunk.choices for chunk in chunks)
    assert not gateway.decision(answer.headers["x-gateway-decision-id"])["usage"]["estimated"]


def test_messages_are_spoken_by_the_engine_itself(claude, gateway):
    answer = claude.messages.with_raw_response.create(model="home-only", max_tokens=12, messages=HELLO)

    assert answer.headers["x-gateway-target"] == "home"
    assert answer.parse().usage.output_tokens > 0


def test_messages_stream_from_start_to_stop(claude, gateway):
    with claude.messages.stream(model="home-only", max_tokens=12, messages=HELLO) as stream:
        kinds = [event.type for event in stream]

    assert kinds.count("message_start") == 1
    assert kinds[-1] == "message_stop"


def test_messages_reach_the_target_that_plays_closed_in_its_own_dialect(claude, gateway):
    answer = claude.messages.with_raw_response.create(model="vendor-only", max_tokens=12, messages=HELLO)

    assert answer.headers["x-gateway-zone"] == "closed"
    assert answer.parse().usage.output_tokens > 0


def test_a_shared_prefix_is_cached_and_the_second_call_is_cheaper(client, gateway, engine):
    httpx.post(engine + "/flush_cache")
    messages = [{"role": "system", "content": LONG_PREFIX}, {"role": "user", "content": "One?"}]
    first, second = (
        client.chat.completions.with_raw_response.create(model="home-only", messages=messages, max_tokens=4)
        for _ in range(2)
    )

    cached = second.parse().usage.prompt_tokens_details.cached_tokens
    assert cached > 100
    booked = [gateway.decision(answer.headers["x-gateway-decision-id"]) for answer in (first, second)]
    assert booked[1]["usage"]["cached_input_tokens"] == cached
    assert float(booked[1]["cost_usd"]) < float(booked[0]["cost_usd"])


def test_hanging_up_frees_the_engine(gateway, engine):
    body = {"model": "home-only", "messages": HELLO, "max_tokens": 2000, "stream": True, "ignore_eos": True}
    headers = gateway.headers("engineering")
    with httpx.stream("POST", gateway.url + "/v1/chat/completions", json=body, headers=headers, timeout=60) as answer:
        pieces = answer.iter_bytes()
        next(pieces)
        gateway.wait_for(lambda: running(engine) == 1, "a running request")
        decision = answer.headers["x-gateway-decision-id"]

    gateway.wait_for(lambda: running(engine) == 0, "a free engine")
    booked = gateway.decision(decision)
    assert (booked["status"], booked["usage"]["estimated"]) == (499, True)
    assert float(booked["cost_usd"]) > 0


@pytest.mark.parametrize("stream", [False, True])
def test_an_oversized_prompt_is_a_clean_400(gateway, stream):
    # Words that the gateway's estimate takes for few tokens and the tiny tokenizer does not.
    answer = gateway.chat("zq" * 14_000, model="home-only", team="engineering", stream=stream)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_request")
    assert "longer than the model's context length" in error["message"]
    assert error["decision_id"] == answer.headers["x-gateway-decision-id"]


@pytest.mark.parametrize("broken", [{"messages": [{"role": "nobody", "content": "x"}]}, {"temperature": -1}])
def test_the_engines_own_errors_are_cleaned_of_its_paths(gateway, broken):
    answer = gateway.chat(model="home-only", team="engineering", **broken)

    assert answer.status_code == 400
    assert not any(word in answer.text for word in ("File ", "site-packages", ".py", "/srv", "/usr"))


def test_class_and_cost_choose_between_home_and_vendor(gateway):
    cheap = gateway.chat(model="auto", team="engineering")
    secret = gateway.chat("The card is 4539 1488 0343 6467", model="auto", team="engineering")
    legal = gateway.chat(model="auto", team="legal")

    assert (cheap.headers["x-gateway-target"], cheap.headers["x-gateway-reason"]) == ("vendor", "cost")
    assert (secret.headers["x-gateway-target"], secret.headers["x-gateway-reason"]) == ("home", "sensitivity")
    assert legal.headers["x-gateway-target"] == "home"


def test_json_schema_and_forced_tools_are_passed_through(client):
    schema = {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    }
    answer = client.chat.completions.create(
        model="home-only",
        messages=HELLO,
        max_tokens=40,
        response_format={"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}},
    )

    assert '"ok"' in answer.choices[0].message.content


def test_health_and_load_of_the_engine_are_known(gateway):
    targets = gateway.admin_get("/admin/v1/status").json()["targets"]

    assert targets["home"]["state"] == "up"
    assert isinstance(targets["home"]["load"][0], int)


def test_the_engine_joins_the_callers_trace(gateway):
    # The engine ignores what it does not trace; that it was sent is seen at a sandbox (tests/e2e/test_traces.py).
    answer = gateway.chat(
        model="home-only", team="engineering", headers={"traceparent": "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"}
    )

    assert gateway.decision(answer.headers["x-gateway-decision-id"])["trace_id"] == "ab" * 16
