"""The parts that need no server: tokens, cache, replies, examples, slots, pace."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.cache import PrefixCache
from gateway.sandbox.compose import compose, randomness
from gateway.sandbox.example import example
from gateway.sandbox.pace import PACES
from gateway.sandbox.prompt import render
from gateway.sandbox.settings import Vendor
from gateway.sandbox.slots import Slots
from gateway.sandbox.tokens import count, split
from gateway.sandbox.wire import QueueFull

TEXTS = st.text(alphabet="ab", max_size=40)


@given(st.text())
def test_tokens_joined_are_the_text_and_are_as_many_as_counted(text):
    assert "".join(split(text)) == text
    assert len(split(text)) == count(text)


@given(st.lists(TEXTS, max_size=12), TEXTS)
def test_the_cache_finds_the_longest_prefix_of_all_it_knows(known, text):
    cache = PrefixCache(10**6)
    for one in known:
        cache.add(one)
    longest = max((shared(one, text) for one in known), default=0)

    assert cache.match(text) == longest // 4


def shared(left: str, right: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def test_a_full_cache_forgets_what_was_used_longest_ago():
    cache = PrefixCache(20)
    cache.add("a" * 40)
    cache.add("b" * 40)
    cache.match("a" * 40)
    cache.add("c" * 40)

    assert [cache.match(letter * 40) for letter in "abc"] == [10, 0, 10]


@pytest.mark.parametrize("tokens", [0, 1, 7, 500])
def test_a_reply_has_the_asked_length(tokens):
    assert count(compose("[sandbox]", randomness("x"), tokens)) == tokens


def test_a_prompt_shows_all_that_a_model_would_see():
    turns = [
        {
            "role": "user",
            "content": [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "u"}}],
        },
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]},
        {"role": "tool", "content": [{"type": "tool_result", "content": "42"}, "odd"]},
    ]
    prompt = render(turns, system="be brief", tools=[{"name": "t"}])

    assert [prompt.index(part) for part in ('"t"', "be brief", "look", '"c"', "42", '"odd"')] == sorted(
        prompt.index(part) for part in ('"t"', "be brief", "look", '"c"', "42", '"odd"')
    )
    assert count(render(turns[:1])) > 64


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "sandbox"),
        ({"type": "string", "format": "date"}, "2026-01-31"),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 0}, 0),
        ({"type": ["null", "string"]}, None),
        ({"type": "boolean"}, True),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "array", "items": {"type": "number"}, "minItems": 2}, [1, 1]),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        ({"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "boolean"}}}, {"a": True}),
        ({"$ref": "#/$defs/nope"}, "sandbox"),
        (True, None),
    ],
)
def test_an_example_fits_its_schema(schema, value):
    assert example(schema) == value


def test_a_schema_that_refers_to_itself_has_an_end():
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}}}

    assert example(schema | {"$defs": {}})["next"] is not None


@pytest.mark.anyio
async def test_slots_count_tokens_and_refuse_when_the_queue_is_full():
    slots = Slots(1, 0)
    async with slots.slot(5):
        inside = slots.running, slots.used_tokens
        with pytest.raises(QueueFull):
            await slots.slot(1).__aenter__()

    assert inside == (1, 5)
    assert (slots.running, slots.used_tokens) == (0, 0)


@pytest.mark.anyio
async def test_who_waits_gets_the_slot_that_is_given_back():
    slots = Slots(1, None)
    order = []

    async def work(name, go):
        async with slots.slot(1):
            order.append(name)
            await go.wait()

    first, second = anyio.Event(), anyio.Event()
    second.set()
    async with anyio.create_task_group() as group:
        group.start_soon(work, "first", first)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(work, "second", second)
        await anyio.wait_all_tasks_blocked()
        waiting = slots.waiting, slots.waiting_tokens
        first.set()

    assert (waiting, order, slots.waiting) == ((1, 1), ["first", "second"], 0)


def test_cached_tokens_make_the_first_token_faster(vendor: Vendor):
    assert PACES[vendor].first_token(10) < PACES[vendor].first_token(1000)
