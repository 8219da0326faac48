"""Exports as vendors give them (values made up, shapes from their documentation)."""

import json
from datetime import date

import pytest

from gateway.reports.invoice import InvoiceError, InvoiceLine, plain_model, read

DAY = date(2024, 11, 1)
DOLLAR = 1_000_000_000


def page(*results, start=1730419200):
    return {"object": "page", "data": [{"object": "bucket", "start_time": start, "results": list(results)}]}


def claude_page(*results):
    return {"data": [{"starting_at": "2024-11-01T00:00:00Z", "ending_at": "2024-11-02T00:00:00Z", "results": results}]}


def test_costs_of_openai():
    one = {
        "object": "organization.costs.result",
        "amount": {"value": 0.06, "currency": "usd"},
        "line_item": "gpt-4o-2024-08-06, input",
    }
    found = read(
        json.dumps([page(one), page({**one, "amount": {"value": "1.5", "currency": "usd"}}, start=1730505600)])
    )
    assert found.vendor == "openai"
    assert found.lines == (
        InvoiceLine(DAY, "gpt-4o", DOLLAR * 6 // 100),
        InvoiceLine(date(2024, 11, 2), "gpt-4o", DOLLAR * 3 // 2),
    )


def test_usage_of_openai_has_cached_tokens_inside():
    one = {
        "object": "organization.usage.completions.result", "input_tokens": 1000, "output_tokens": 500,
        "input_cached_tokens": 800, "num_model_requests": 5, "model": "gpt-5-2026-08-07",
    }  # fmt: skip
    assert read(json.dumps(page(one))).lines == (InvoiceLine(DAY, "gpt-5", None, 1000, 500, 5),)


def test_costs_of_anthropic_are_in_cents():
    one = {
        "amount": "123.45",
        "currency": "USD",
        "description": "Claude Sonnet 4 Usage - Input Tokens",
        "model": "claude-sonnet-4-20250514",
    }
    other = {**one, "model": None}
    found = read(json.dumps(claude_page(one, other)))
    assert found.vendor == "anthropic"
    assert found.lines == (
        InvoiceLine(DAY, "claude-sonnet-4", 1_234_500_000),
        InvoiceLine(DAY, "claude-sonnet-4", 1_234_500_000),
    )


def test_usage_of_anthropic_has_cached_tokens_outside():
    one = {
        "model": "claude-sonnet-4-20250514", "uncached_input_tokens": 100, "cache_read_input_tokens": 20,
        "cache_creation": {"ephemeral_1h_input_tokens": 3, "ephemeral_5m_input_tokens": 4}, "output_tokens": 50,
    }  # fmt: skip
    assert read(json.dumps(claude_page(one))).lines == (InvoiceLine(DAY, "claude-sonnet-4", None, 127, 50),)


def test_tables_of_both():
    head = "start_time,start_time_iso,amount_value,amount_currency,line_item\n"
    openai = head + '1730419200,2024-11-01T00:00:00+00:00,0.5,usd,"gpt-4o, output"\n'
    claude = "usage_date_utc,model,cost_usd\n2024-11-01,claude-sonnet-4-20250514,$2.25\n"
    assert read(openai).lines == (InvoiceLine(DAY, "gpt-4o", DOLLAR // 2),)
    assert read(claude).lines == (InvoiceLine(DAY, "claude-sonnet-4", DOLLAR * 9 // 4),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column"),
        ("a,b\n1,2\n", "no column of"),
        ("{}", "no usage or cost export"),
        ('{"data": []}', "has no lines"),
        (json.dumps(page({"object": "x", "amount": {"value": 1, "currency": "eur"}})), "only US dollars"),
        ("{broken", "no usage or cost export"),
    ],
)
def test_what_is_none_is_told(text, said):
    with pytest.raises(InvoiceError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("openai/gpt-4o-2024-08-06", "gpt-4o"),
        ("Claude Sonnet 4", "claude-sonnet-4"),
        ("gpt-5", "gpt-5"),
        ("claude-x-latest", "claude-x"),
    ],
)
def test_names_of_models_are_compared_without_provider_and_date(name, plain):
    assert plain_model(name) == plain
