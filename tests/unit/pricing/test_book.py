import pytest

from gateway.pricing.book import PriceBook

BOOK = PriceBook(
    "test",
    "2026-01-01",
    {
        "gpt-5": {"input": 1, "output": 2, "cached_input": 0, "context_window": 9},
        "openai/old": {"input": 5, "output": 6},
        "eu.claude": {"input": 7, "output": 8, "cache_write": 9, "long_context_from": 200},
        "half": {"input": 1},
    },
)


def test_an_explicit_zero_stays_zero_and_what_is_missing_is_not_zero():
    price = BOOK.find("openai", "gpt-5")

    assert (price.cached_input, price.cache_write) == (0, 1)
    assert price.source == "catalog:2026-01-01:gpt-5"
    assert BOOK.find("openai", "half") is None
    assert BOOK.find("openai", "none") is None


@pytest.mark.parametrize(
    ("kind", "model", "key"),
    [
        ("openai", "gpt-5", "gpt-5"),
        ("openai", "old", "openai/old"),
        ("litellm", "bedrock/eu.claude", "eu.claude"),
        ("litellm", "openai/old", "openai/old"),
        ("litellm", "gpt-5", "gpt-5"),
    ],
)
def test_a_model_is_found_under_the_names_it_may_have(kind, model, key):
    assert BOOK.listing(kind, model).key == key


@pytest.mark.parametrize(("kind", "model"), [("anthropic", "old"), ("sglang", "x/gpt-5")])
def test_a_model_of_another_vendor_is_not_taken_for_it(kind, model):
    assert BOOK.listing(kind, model) is None


def test_a_listing_tells_limits():
    listing = BOOK.listing_of("eu.claude")

    assert (listing.context_window, listing.max_output_tokens, listing.long_context_from) == (None, None, 200)
    assert BOOK.listing_of("none") is None


def test_the_book_that_is_shipped_is_dated_and_whole():
    book = PriceBook.load_bundled()

    assert book.source.startswith("litellm ")
    assert book.date >= "2026-01-01"
    assert len(book.names) > 1000
    assert list(book.names) == sorted(book.entries)
    assert all(type(entry["input"]) is int and type(entry["output"]) is int for entry in book.entries.values())
    assert book.find("anthropic", "claude-sonnet-4-5").input == 3_000_000_000
