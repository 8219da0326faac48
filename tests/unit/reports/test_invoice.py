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


CLAUDE_COSTS = (
    "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type\n"
)
CLAUDE_USAGE = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count\n"
)


def test_the_table_of_the_console_names_models_as_people_do():
    row = "2024-11-01,Claude Haiku 4.5,Default,key,message,≤ 200k,input_no_cache,0.05,0.07,token\n"
    found = read(CLAUDE_COSTS + row)

    assert found.vendor == "anthropic"
    assert found.lines == (InvoiceLine(DAY, "claude-haiku-4-5", DOLLAR // 20),)


def test_tables_of_usage_have_tokens_without_money():
    claude = CLAUDE_USAGE + "2024-11-01,claude-sonnet-4-5-20250929,key,Default,standard,≤ 200k,100,4,3,20,50,2\n"
    openai = (
        "start_time_iso,model,num_model_requests,input_tokens,output_tokens\n2024-11-01T00:00:00Z,gpt-5,5,1000,500\n"
    )

    assert read(claude).lines == (InvoiceLine(DAY, "claude-sonnet-4-5", None, 127, 50),)
    assert read(openai).lines == (InvoiceLine(DAY, "gpt-5", None, 1000, 500, 5),)
    assert (read(claude).vendor, read(openai).vendor) == ("anthropic", "openai")


def test_embeddings_have_no_output():
    one = {"object": "organization.usage.embeddings.result", "input_tokens": 9, "num_model_requests": 1, "model": "e"}
    assert read(json.dumps(page(one))).lines == (InvoiceLine(DAY, "e", None, 9, 0, 1),)


def test_the_shape_tells_the_vendor_where_no_model_does():
    assert read(json.dumps(claude_page({"amount": "100", "currency": "USD"}))).vendor == "anthropic"


def test_a_page_that_stands_there_twice_counts_once():
    one = {"object": "organization.costs.result", "amount": {"value": 1, "currency": "usd"}, "line_item": "gpt-5"}
    twice = read(json.dumps([page(one, one), page(one, one)]))

    assert len(twice.lines) == 2  # two equal lines of one page are two


def test_an_export_that_breaks_off_is_refused():
    with pytest.raises(InvoiceError, match="next_page"):
        read(json.dumps(page() | {"has_more": True}))
    one = {"object": "organization.costs.result", "amount": {"value": 1, "currency": "usd"}, "line_item": "gpt-5"}
    whole = [page(one) | {"has_more": True}, page(one, start=1730505600) | {"has_more": False}]
    assert len(read(json.dumps(whole)).lines) == 2


@pytest.mark.parametrize(
    ("written", "nanos"),
    [("-1.5", -DOLLAR * 3 // 2), ("-$1.50", -DOLLAR * 3 // 2), ("(1.50)", -DOLLAR * 3 // 2), ("$1,234.5", 1234.5e9)],
)
def test_refunds_and_thousands_as_tables_write_them(written, nanos):
    (line,) = read(f'date,model,cost_usd\n2024-11-01,gpt-5,"{written}"\n').lines
    assert line.cost == nanos


def test_a_day_is_one_of_utc_wherever_it_was_written():
    (line,) = read("start_time_iso,model,cost_usd\n2024-10-31T20:30:00-05:00,gpt-5,1\n").lines
    assert line.day == DAY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column"),
        ("a,b\n1,2\n", "no column of"),
        ("{}", "not a usage or cost export"),
        ('{"data": []}', "has no lines"),
        (json.dumps(page({"object": "x", "amount": {"value": 1, "currency": "eur"}})), "only US dollars"),
        ("date,model,cost_usd,amount_currency\n2024-11-01,m,1,eur\n", "only US dollars"),
        ("{broken", "not a usage or cost export"),
    ],
)
def test_what_is_not_an_invoice_is_reported(text, said):
    with pytest.raises(InvoiceError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("openai/gpt-4o-2024-08-06", "gpt-4o"),
        ("Claude Sonnet 4", "claude-sonnet-4"),
        ("gpt-5", "gpt-5"),
        ("claude-x-latest", "claude-x"),
        ("Claude Sonnet 4.5", "claude-sonnet-4-5"),
        ("anthropic/claude-3-5-haiku-20241022", "claude-haiku-3-5"),
        ("Claude 3.5 Haiku", "claude-haiku-3-5"),
        ("claude-opus-4-0", "claude-opus-4"),
        ("gpt-4.1", "gpt-4.1"),
    ],
)
def test_names_of_models_are_compared_without_provider_and_date(name, plain):
    assert plain_model(name) == plain
