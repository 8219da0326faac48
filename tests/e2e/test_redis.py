"""Gateways that share a Redis: one budget, one rate, and what goes on while it is away."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from support.redis_server import redis_server
from support.stack import stack

CLOSED_CALLS = 36
BUDGET_USD = 0.004


@pytest.fixture(scope="module")
def redis():
    with redis_server() as server:
        yield server


@pytest.fixture
def two(tmp_path, redis):
    """Two gateways with nothing in common but Redis: data directories, keys and ledgers are their own."""
    with redis.client() as client:
        client.flushall()
    with ExitStack() as gateways:
        made = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            gateway = gateways.enter_context(stack(tmp_path / name))
            gateway.settings["state"] = {"url": redis.url}
            for team in gateway.document["teams"]:
                if team["id"] == "data":
                    team["budget"] = {"usd": BUDGET_USD, "per": "month", "covers": "closed", "strict": True}
                if team["id"] == "engineering":
                    team["rate_limit"] = {"requests_per_minute": 3}
            gateway.document["rollouts"], gateway.document["invariants"] = [], []
            gateway.document["models"].append({"name": "paid", "incumbent": "gpt-5", "substitution": "never"})
            for target in gateway.document["targets"]:
                if target["id"] == "gpt-5":  # it may see all, so that a taint alone does not keep calls at home
                    target["clearance"] = {"max": "restricted", "contracts": ["dpa", "baa"]}
            made.append(gateway)
        yield made


def closed_nanos(gateway) -> int:
    settled = "select s.cost from settlements s join attempts a on a.id = s.attempt"
    return sum(row[0] for row in gateway.rows(f"{settled} where a.team = 'data' and a.zone = 'closed'"))


def test_two_gateways_spend_one_budget_and_count_one_rate(two):
    one, other = (gateway.start() for gateway in two)

    statuses = [
        gateway.chat(team="data", model="gpt-5", max_tokens=48).status_code
        for _ in range(CLOSED_CALLS)
        for gateway in two
    ]
    rated = [gateway.chat(team="engineering").status_code for gateway in (one, other, one, other, other)]

    assert set(statuses) == {200, 429}
    assert rated == [200, 200, 200, 429, 429]
    for gateway in two:
        gateway.stop()
    spent = [closed_nanos(gateway) for gateway in two]
    assert all(spent)
    assert sum(spent) <= BUDGET_USD * 1e9


def test_while_redis_is_away_local_targets_serve_and_it_gets_the_true_sums_when_it_is_back(two, redis):
    gateway = two[0].start()
    assert gateway.chat(team="data", model="gpt-5").headers["x-gateway-zone"] == "closed"

    redis.stop()
    try:
        refused = gateway.chat(team="data", model="paid")
        local = gateway.chat(team="data", model="auto")
    finally:
        redis.start()

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "state_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert (local.status_code, local.headers["x-gateway-zone"]) == (200, "local")
    gateway.wait_for(lambda: len(gateway.events("state_seeded")) > 1, "a seed after the loss")
    back = gateway.chat(team="data", model="gpt-5")
    assert (back.status_code, back.headers["x-gateway-zone"]) == (200, "closed")
    budget = gateway.get("/v1/gateway/me", "data").json()
    gateway.stop()
    assert closed_nanos(gateway) > 0
    assert "budgets" in budget


def test_a_redis_that_forgot_all_frees_no_conversation_that_may_be_older(two, redis):
    gateway = two[0].start()

    def label(*turns, **headers):
        roles = ("user", "assistant")
        messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(turns)]
        return gateway.chat(messages=messages, headers=headers).headers["x-gateway-data-class"]

    assert label("The plan", x_gateway_data_class="restricted") == "restricted"
    assert label("The plan", "Good", "Go on") == "restricted"
    assert (plain := label("Hello")) != "restricted"
    redis.stop()
    redis.start()

    assert label("The plan", "Good", "Go on") == "restricted"
    assert label("Hello", "Hi", "Anything under an id", x_gateway_session="s") == "restricted"
    assert label("A new one") == plain
    assert label("A new one", "Yes", "Go on") == plain
    gateway.stop()
    gateway.start()
    assert label("Something old", "Yes", "Go on") == "restricted"
    assert label("A new one", "Yes", "Go on", "Yes", "And on") == plain


def test_workers_of_one_gateway_share_its_socket_budget_and_books(two):
    gateway = two[0]
    gateway.settings["workers"] = 3
    gateway.start()
    gateway.wait_for(lambda: len(gateway.events("started")) >= 4, "three workers and the ledger")

    with ThreadPoolExecutor(12) as pool:
        calls = pool.map(lambda _: gateway.chat(team="data", model="gpt-5", max_tokens=48), range(60))
        statuses = [call.status_code for call in calls]
    commands = [Path(f"/proc/{gateway.pids(name)[0]}/cmdline").read_text() for name in ("edge", "egress", "ledger")]
    os.kill(gateway.pids("edge-1")[0], signal.SIGKILL)
    gateway.wait_for(lambda: len(gateway.pids("edge-1")) == 2, "the killed worker's successor")
    answers = [gateway.chat().status_code for _ in range(12)]

    assert set(statuses) == {200, 429}
    assert answers == [200] * 12
    assert not any("unix://" in command for command in commands)  # the URL of a Redis may hold its password
    gateway.wait_for(lambda: len(gateway.events("started")) >= 5, "its start")
    metrics = httpx.get(gateway.admin + "/metrics").text
    counted = re.findall(r"^gateway_requests_total\{.*\} (\S+)$", metrics, re.MULTILINE)
    assert 0 < sum(map(float, counted)) <= 72
    gateway.stop()
    served = gateway.rows("select count(distinct instance) from decisions")
    assert served[0][0] > 1
    assert 0 < closed_nanos(gateway) <= BUDGET_USD * 1e9
    assert gateway.cli("ledger", "verify").returncode == 0


def test_an_endpoint_that_failed_one_gateway_is_left_alone_by_the_other_until_it_may_be_tried_again(two):
    one, other = two
    for target in other.document["targets"]:
        if target["id"] == "qwen3-32b":
            target["endpoints"] = [one.sglang.url]
    one.start()
    other.start()
    httpx.post(one.sglang.url + "/sandbox/faults", json={"status": 500}).raise_for_status()
    while one.chat(team="legal").status_code == 502:
        pass

    def state():
        return httpx.get(other.admin + "/readyz").json()["targets"]["qwen3-32b"]

    other.wait_for(lambda: state() == "down", "news of the breaker")
    refused = other.chat(team="legal")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_healthy_target")
    httpx.post(one.sglang.url + "/sandbox/faults", json={}).raise_for_status()
    other.wait_for(lambda: other.chat(team="legal").status_code == 200, "the end of the pause")
