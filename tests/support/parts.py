"""Made-up parts of policies, for properties."""

from typing import Any

import orjson
from hypothesis import strategies as st

from gateway.domain.budget import Budget, RateLimit
from gateway.domain.facts import canonical
from gateway.domain.label import CONTRACT_FOR, Category, Clearance, DataClass
from gateway.domain.price import GpuHour, Price, Tariff, TariffPeriod, Tier
from gateway.domain.target import DIALECTS, License, Params, Target, Timeouts
from gateway.policy.canonical.budgets import Purse

WORDS = st.text("abü*-.", min_size=1, max_size=4)
AMOUNTS = st.integers(0, 10**15)
CATEGORIES = st.frozensets(st.sampled_from(Category))
CLASSES = st.sampled_from(DataClass)


def kept(data: Any) -> Any:
    """Canonical data as it comes out of the file or the ledger that keeps it."""
    return orjson.loads(canonical(data))


def sets(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Tuples that are sorted and have nothing twice."""
    return st.frozensets(of, max_size=3).map(lambda found: tuple(sorted(found)))


MATCHES = st.dictionaries(WORDS, st.lists(WORDS, min_size=1, max_size=3).map(tuple), max_size=3).map(
    lambda found: tuple(sorted(found.items()))
)


@st.composite
def purses(draw, payer="team", key=""):
    """What one payer's calls are paid from."""
    budgets = st.builds(
        Budget,
        usd_nanos=st.none() | AMOUNTS,
        tokens=st.none() | AMOUNTS,
        downgrade=st.just("") | WORDS,
        soft=sets(st.integers(1, 99)),
        time_zone=st.sampled_from(["UTC", "Europe/Berlin"]),
        fiscal_start=st.integers(1, 12),
        payer=st.just(payer),
        key=st.just(key),
    )
    limits = st.builds(
        RateLimit, payer=st.just(payer), requests=st.none() | AMOUNTS, tokens=st.none() | AMOUNTS, key=st.just(key)
    )
    return Purse(payer, key, tuple(draw(st.lists(budgets, max_size=3))), draw(st.none() | limits))


PRICES = st.builds(
    Price,
    *[AMOUNTS] * 4,
    source=WORDS,
    cache_write_1h=st.none() | AMOUNTS,
    reasoning=st.none() | AMOUNTS,
    web_search=st.none() | AMOUNTS,
)
TIERS = st.builds(Tier, above=AMOUNTS, price=PRICES, listed=st.none() | PRICES)
PERIODS = st.builds(
    TariffPeriod,
    AMOUNTS,
    st.lists(TIERS, min_size=1, max_size=2).map(tuple),
    st.none() | PRICES,
    st.none() | st.builds(GpuHour, AMOUNTS, AMOUNTS, st.floats(1, 64)),
)


@st.composite
def targets(draw):
    """Targets, local and closed."""
    zone = draw(st.sampled_from(["local", "closed"]))
    signed = draw(st.frozensets(st.sampled_from(["zdr", "dpa", "baa", "no_train"])))
    needed = CONTRACT_FOR.items() if zone == "closed" else ()
    lacks = frozenset((category, contract) for category, contract in needed if contract not in signed)
    clearance = Clearance(draw(CLASSES), draw(CATEGORIES), signed, lacks, draw(st.frozensets(WORDS, max_size=2)))
    plain = st.dictionaries(WORDS, st.none() | st.booleans() | st.integers(0, 9) | WORDS, max_size=2)
    seconds = st.none() | st.floats(0.1, 900)
    shape = st.builds(
        Target,
        id=WORDS,
        zone=st.just(zone),
        model=WORDS,
        endpoints=st.lists(WORDS, max_size=2).map(tuple),
        clearance=st.just(clearance),
        price=PRICES,
        quality=st.dictionaries(WORDS, st.floats(0, 1), max_size=2),
        context_window=AMOUNTS,
        max_output_tokens=AMOUNTS,
        capabilities=st.frozensets(WORDS, max_size=2),
        license=st.none() | st.builds(License, WORDS),
        region=WORDS | st.just(""),
        params=st.builds(
            Params,
            plain,
            plain,
            st.lists(WORDS, max_size=2).map(tuple),
            st.dictionaries(WORDS, st.floats(0, 9), max_size=2),
        ),
        api_key_env=st.none() | WORDS,
        local_api_key_env=st.none() | WORDS,
        timeouts=st.builds(Timeouts, seconds, seconds, seconds, seconds),
        space=WORDS | st.just(""),
        dialects=sets(st.sampled_from(DIALECTS)),
        tariff=st.lists(PERIODS, max_size=2).map(lambda found: Tariff(tuple(found))),
    )
    return draw(shape)
