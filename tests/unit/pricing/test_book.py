import pytest

from gateway.pricing.book import PriceBook

TIERS = [{"above": 200_000, "input": 14, "output": 9}, {"service": "flex", "input": 4}]
BOOK = PriceBook(
    "test",
    "2026-01-01",
    {
        "gpt-5": {"input": 1, "output": 2, "cached_input": 0, "context_window": 9},
        "openai/old": {"input": 5, "output": 6},
        "eu.claude": {"input": 7, "output": 8, "cache_write": 9, "tiers": TIERS},
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

    assert (listing.context_window, listing.max_output_tokens) == (None, None)
    assert BOOK.listing_of("none") is None


def test_the_book_that_is_shipped_is_dated_and_whole():
    book = PriceBook.load_bundled()

    assert book.source.startswith("litellm ")
    assert book.date >= "2026-01-01"
    assert len(book.names) > 1000
    assert list(book.names) == sorted(book.entries)
    assert all(type(entry["input"]) is int and type(entry["output"]) is int for entry in book.entries.values())
    assert book.find("anthropic", "claude-sonnet-4-5").input == 3_000_000_000


def test_a_listing_tells_its_tiers_and_what_they_leave_out_moves_with_their_input():
    plain, long, flex = BOOK.listing_of("eu.claude").tiers

    assert (plain.service, plain.above, plain.price) == ("", 0, BOOK.find("anthropic", "eu.claude"))
    assert (long.above, long.price.input, long.price.output, long.price.cache_write) == (200_000, 14, 9, 18)
    assert (flex.service, flex.price.output) == ("flex", 5)
    assert long.price.source == "catalog:2026-01-01:eu.claude#above_200k"
    assert BOOK.listing_of("half").tiers == ()


def test_the_book_that_is_shipped_knows_tiers_cache_writes_and_searches():
    claude, gemini = (
        PriceBook.load_bundled().listing_of(key) for key in ("claude-sonnet-4-5", "gemini/gemini-2.5-pro")
    )

    assert (claude.price.cache_write, claude.price.cache_write_1h) == (3_750_000_000, 6_000_000_000)
    assert claude.price.web_search == 10_000_000
    assert {(tier.service, tier.above) for tier in gemini.tiers} >= {("", 0), ("", 200_000), ("flex", 0), ("batch", 0)}
