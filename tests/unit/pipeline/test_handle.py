"""The path of a request: what the caller gets for every outcome, in its own dialect."""

import json

import pytest
from support.fakes import (
    AT_NS,
    CHAT,
    MESSAGES,
    Client,
    Fakes,
    FakeUpstream,
    Keys,
    ask,
    budget,
    closed,
    inbound,
    local,
    policy,
    whole,
)

from gateway.domain.admission import Rate
from gateway.domain.budget import Budget, period
from gateway.domain.decision import REASONS
from gateway.pipeline.handle import handle
from gateway.ports import Principal

pytestmark = pytest.mark.anyio

CARD = "4539 1488 0343 6467"
ONLY_AWAY = {"models": [{"name": "auto", "candidates": ["away"]}]}
TOLD = {"x-gateway-decision-id", "x-gateway-data-class", "x-gateway-reason", "x-gateway-policy"}


async def run(fakes: Fakes, body=None, dialect=CHAT, **headers: str) -> Client:
    client = Client()
    await handle(inbound(body, dialect, **headers), fakes.world, client)
    return client


def served(**changes) -> Fakes:
    return Fakes(snapshot=policy(**changes), upstream=FakeUpstream(home=whole(), away=whole()))


def scenes():
    """Every error that a request can end with: (name, world, body, status, code)."""
    saturated = served()
    saturated.board.why = {"home": "down", "away": "saturated"}
    failing = Fakes(upstream=FakeUpstream(home=whole({}, status=500), away=whole({}, status=500)))
    full = served()
    full.spool.refuse = lambda _: True
    stranger = served()
    stranger.keys = Keys(Principal("key_1", "nobody"))
    unknown = served()
    unknown.keys.find = lambda presented, now: None
    return [
        ("bad json", served(), b"{", 400, "invalid_request"),
        ("no model", served(), {"messages": []}, 400, "invalid_request"),
        ("no messages", served(), {"model": "auto"}, 400, "invalid_request"),
        ("huge number", served(), ask(max_tokens=10**30), 400, "invalid_request"),
        ("endless name", served(), ask(model="x" * 300), 400, "invalid_request"),
        ("unknown key", unknown, None, 401, "not_authenticated"),
        ("unknown team", stranger, None, 401, "not_authenticated"),
        ("unknown model", served(), ask(model="nope"), 404, "model_not_found"),
        ("too sensitive", served(**ONLY_AWAY), ask(CARD), 403, "no_permitted_route"),
        ("no money", served(teams=budget(0.000001)), None, 429, "budget_exceeded"),
        ("no target", saturated, None, 503, "no_healthy_target"),
        ("no answer", failing, None, 502, "upstream_error"),
        ("no ledger", full, None, 503, "ledger_unavailable"),
    ]


@pytest.mark.parametrize(
    ("fakes", "body", "status", "code"), [it[1:] for it in scenes()], ids=[it[0] for it in scenes()]
)
@pytest.mark.parametrize("dialect", [CHAT, MESSAGES], ids=["openai", "anthropic"])
async def test_every_error_is_reported_in_the_callers_dialect_with_a_stable_code(dialect, fakes, body, status, code):
    client = await run(fakes, body, dialect)
    error = client.json["error"]
    assert (client.status, error["code"], error["decision_id"]) == (status, code, "dec_1")
    assert error["message"]
    assert error["type"]
    if dialect is MESSAGES:
        assert client.json["type"] == "error"
    assert client.headers["content-type"] == "application/json"
    assert client.headers["content-length"] == str(len(client.body))
    assert client.headers["x-gateway-decision-id"] == "dec_1"
    if status in {429, 503} and code != "ledger_unavailable":
        assert error["retry_after_s"] > 0
        assert ("retry-after" in client.headers) == (error["retry_after_s"] <= 60)
    assert client.headers["x-request-id"] == client.headers["request-id"] == "dec_1"
    if status not in {400, 401, 404}:
        assert set(client.headers) >= TOLD
        assert client.headers["x-gateway-reason"] in REASONS
    assert not fakes.held


class TestRefusal:
    """No permitted route: each dropped target with its reason, evidence without text."""

    async def test_the_reasons_rule_and_evidence_are_reported_and_the_text_is_not(self):
        client = await run(served(**ONLY_AWAY), ask(CARD))
        error = client.json["error"]
        assert [(drop["target"], drop["reason"], drop["rule"]) for drop in error["dropped"]] == [
            ("away", "sensitivity", "clearance")
        ]
        assert error["evidence"] == [{"detector": "credit_card", "path": "messages[0].content", "span": [0, 19]}]
        assert client.headers["x-gateway-reason"] == "sensitivity"
        assert client.headers["x-gateway-rule"] == "clearance"
        assert client.headers["x-gateway-data-class"] == "restricted"
        assert "4111" not in client.body.decode()

    async def test_a_rules_why_is_reported(self):
        rules = [{"kind": "deny", "targets": ["away"], "why": "we do not buy there"}]
        client = await run(served(**ONLY_AWAY, rules=rules))
        assert "we do not buy there" in client.json["error"]["message"]

    async def test_it_is_recorded_without_an_attempt(self):
        fakes = served(**ONLY_AWAY)
        await run(fakes, ask(CARD))
        assert fakes.spool.kinds == ["decision", "finished"]
        finished = fakes.spool.finished
        assert (finished.status, finished.error, finished.reason) == (403, "no_permitted_route", "sensitivity")
        assert finished.attempts == 0
        assert len(fakes.observer.exchanges) == 1
        assert not fakes.upstream.calls

    async def test_a_budget_rule_that_drops_all_is_reported_as_the_budget(self):
        rules = [{"kind": "budget"}]
        fakes = served(rules=rules, teams=budget(0.000001))
        assert (await run(fakes)).code == "budget_exceeded"
        assert fakes.spool.finished.error == "budget_exceeded"


class TestUndecided:
    """Errors before a decision leave no record, and metrics hear of them."""

    @pytest.mark.parametrize(
        ("body", "code", "team"), [(b"{", "invalid_request", "t"), (ask(model="nope"), "model_not_found", "t")]
    )
    async def test_they_are_counted_by_dialect_code_and_team(self, body, code, team):
        fakes = served()
        await run(fakes, body)
        assert fakes.observer.refusals == [("openai.chat", code, team)]
        assert not fakes.spool.records

    async def test_nothing_is_parsed_for_a_caller_who_is_unknown(self):
        fakes = served()
        fakes.keys.find = lambda presented, now: None
        await run(fakes, b"{ this is not json")
        assert fakes.observer.refusals == [("openai.chat", "not_authenticated", "")]


async def test_no_text_of_a_request_is_in_any_record():
    fakes = served()
    secret = "Zanzibar-Quokka"
    body = ask(f"{secret} ann@blue-heron.net", user=secret, metadata={secret: secret}, litellm_x=secret)
    await run(fakes, body, x_gateway_session=secret)
    assert secret not in repr(fakes.spool.records)
    assert "example.org" not in repr(fakes.spool.records)
    assert fakes.spool.decision.facts["user"]


async def test_reserved_fields_are_removed_and_listed_within_bounds():
    fakes = served()
    client = await run(fakes, ask(api_base="http://evil", **{f"litellm_{number}": 1 for number in range(500)}))
    assert client.headers["x-gateway-dropped"].startswith("api_base, litellm_0, ")
    assert len(client.headers["x-gateway-dropped"]) <= 1024
    assert "api_base" not in fakes.upstream.body()


async def test_a_key_that_is_no_header_value_is_harmless():
    name = "litellm_\r\nx-evil: 1\u00fc"
    client = await run(served(), ask(**{name: 1}))
    assert client.headers["x-gateway-dropped"] == "litellm_??x-evil: 1?"


async def test_a_model_name_that_is_no_header_value_is_harmless():
    models = [{"match": "gpt-*", "candidates": ["home"]}]
    client = await run(served(models=models), ask(model="gpt-\r\nx-evil: 1"))
    assert client.headers["x-gateway-model"] == "gpt-??x-evil: 1"


class TestDryRun:
    """Authenticated, decided, and nothing else."""

    async def test_it_tells_the_decision_and_leaves_no_trace(self):
        fakes = served(teams=budget(100))
        client = await run(fakes, ask(stream=True), x_gateway_dry_run="true")
        assert (client.status, client.json["object"], client.json["target"]) == (200, "gateway.decision", "home")
        assert [entry["target"] for entry in client.json["ranked"]] == ["home", "away"]
        assert client.headers["x-gateway-target"] == "home"
        assert set(client.headers) >= TOLD
        assert not fakes.spool.records
        assert not fakes.upstream.calls
        assert not fakes.observer.exchanges
        assert fakes.held == 0

    async def test_it_is_a_200_even_if_nothing_is_permitted(self):
        client = await run(served(**ONLY_AWAY), ask(CARD), x_gateway_dry_run="True ")
        assert (client.status, client.json["target"], client.json["zone"]) == (200, None, None)
        assert client.json["dropped"][0]["target"] == "away"
        assert not {"x-gateway-target", "x-gateway-zone"} & set(client.headers)
        assert client.headers["x-gateway-reason"] == "sensitivity"

    async def test_it_tells_which_targets_cannot_be_asked_now(self):
        fakes = served()
        fakes.board.why["home"] = "down"
        ranked = (await run(fakes, x_gateway_dry_run="true")).json["ranked"]
        assert [(it["available"], it["unavailable_because"]) for it in ranked] == [(False, "down"), (True, None)]

    async def test_it_takes_a_key(self):
        fakes = served()
        fakes.keys.find = lambda presented, now: None
        assert (await run(fakes, x_gateway_dry_run="true")).status == 401

    @pytest.mark.parametrize("value", ["", "1", "yes", "false"])
    async def test_only_true_is_true(self, value):
        fakes = served()
        await run(fakes, x_gateway_dry_run=value)
        assert fakes.upstream.calls


async def test_the_data_class_header_raises_and_routes():
    fakes = served(rules=[{"kind": "prefer", "by": "order", "order": ["away", "home"]}])
    assert (await run(fakes)).headers["x-gateway-target"] == "away"
    client = await run(fakes, None, x_gateway_data_class="confidential")
    assert (client.headers["x-gateway-target"], client.headers["x-gateway-reason"]) == ("home", "sensitivity")


async def test_same_call_same_decision_byte_for_byte():
    first, second = served(), served()
    await run(first)
    await run(second)
    assert json.dumps(first.spool.decision.facts, default=str) == json.dumps(second.spool.decision.facts, default=str)
    assert first.spool.decision.decision["facts"] == second.spool.decision.decision["facts"]


async def test_a_spent_budget_says_when_it_begins_anew():
    client = await run(served(teams=budget(0.000001)))
    left = period(Budget(1), AT_NS).end_ns - AT_NS
    assert 0 <= client.json["error"]["retry_after_s"] - left / 1e9 <= 1
    assert client.headers["x-should-retry"] == "false"
    assert "retry-after" not in client.headers


async def test_a_rate_limit_refuses_truthfully_and_tells_each_answer_what_is_left():
    teams = [{"id": "t", "default_class": "public", "rate_limit": {"requests_per_minute": 2}}]
    fakes = Fakes(snapshot=policy(teams=teams), upstream=FakeUpstream(home=whole()))
    answers = [(await run(fakes)) for _ in range(3)]
    assert [one.status for one in answers] == [200, 200, 429]
    assert [one.headers["x-ratelimit-remaining-requests"] for one in answers] == ["1", "0", "0"]
    assert (answers[2].code, answers[2].headers["retry-after"]) == ("rate_limited", "60")
    fakes.clock.seconds += 60
    assert (await run(fakes)).status == 200


TOKENS = [{"id": "t", "default_class": "public", "rate_limit": {"tokens_per_minute": 1000}}]


async def left(fakes):
    (window,) = await fakes.state.windows([Rate("team:t:tokens", "tokens", 1000, 0)])
    return window.remaining


async def test_a_call_counts_the_tokens_that_it_truly_took_once_it_has_ended():
    fakes = Fakes(snapshot=policy(teams=TOKENS), upstream=FakeUpstream(home=whole()))
    answers = [(await run(fakes, ask(max_tokens=600))) for _ in range(2)]
    assert [one.status for one in answers] == [200, 200]
    assert int(answers[1].headers["x-ratelimit-remaining-tokens"]) < 1000 - (7 + 3) - 600
    assert await left(fakes) == 1000 - 2 * (7 + 3)


async def test_each_attempt_of_a_request_counts_its_tokens_and_only_the_first_may_be_refused():
    upstream = FakeUpstream(home=whole({"error": {}}, status=500), away=whole())
    fakes = Fakes(snapshot=policy(teams=TOKENS), upstream=upstream)
    client = await run(fakes, ask(max_tokens=990))
    assert (client.status, client.headers["x-gateway-target"]) == (200, "away")
    assert await left(fakes) == 1000 - (7 + 3)


async def test_an_anthropic_caller_gets_the_error_in_its_own_dialect():
    teams = [{"id": "t", "default_class": "public", "rate_limit": {"tokens_per_minute": 10_000_000}}]
    refused = whole({"error": {}}, status=500)
    fakes = Fakes(snapshot=policy(teams=teams), upstream=FakeUpstream(home=refused, away=refused))
    client = await run(fakes, ask(max_tokens=9), MESSAGES)
    assert client.headers["anthropic-ratelimit-tokens-limit"] == "10000000"
    assert client.headers["anthropic-ratelimit-tokens-reset"].endswith("Z")


async def test_targets_of_a_policy_may_be_many():
    targets = [local("home"), closed("away"), closed("other", clearance="public")]
    models = [{"name": "auto", "candidates": ["home", "away", "other"]}]
    client = await run(served(targets=targets, models=models), ask("ann@blue-heron.net"))
    assert client.headers["x-gateway-target"] == "home"


async def test_an_address_of_ours_is_fetched_by_nobody():
    fakes = served()
    part = {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest"}}
    client = await run(fakes, {"model": "auto", "messages": [{"role": "user", "content": [part]}]})
    assert (client.status, client.code) == (400, "invalid_request")
    assert "messages[0].content[0].image_url.url" in client.json["error"]["message"]
    assert not fakes.upstream.calls


async def test_fields_that_send_a_body_on_are_reported_and_removed():
    names = ["fallback_models", "mcp_servers", "models", "plugins", "preset", "provider", "route", "transforms"]
    fakes = served()
    client = await run(fakes, ask(**dict.fromkeys(names, "x")))
    assert client.headers["x-gateway-dropped"] == ", ".join(names)
    assert not set(names) & set(fakes.upstream.body())
