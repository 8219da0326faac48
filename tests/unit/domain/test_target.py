"""A target knows where it is and how good it is."""

import pytest
from support.replacing import replace

from gateway.domain.label import Clearance
from gateway.domain.price import Price, Tariff, TariffPeriod, Tier
from gateway.domain.target import DEFAULT_BASES, DIALECTS, Target


def target(**changes) -> Target:
    fields = {
        "id": "x",
        "zone": "closed",
        "kind": "openai",
        "model": "m",
        "endpoints": (),
        "clearance": Clearance(),
        "price": Price(1, 1, 1, 1, "yaml"),
        "quality": {},
        "context_window": 10,
        "max_output_tokens": 10,
    }
    return Target(**fields | changes)


@pytest.mark.parametrize("kind", DEFAULT_BASES)
def test_a_target_without_endpoints_is_at_its_vendor_s(kind):
    assert target(kind=kind).places == (DEFAULT_BASES[kind],)


def test_endpoints_of_one_s_own_stand_instead_of_the_vendor_s():
    assert target(endpoints=("http://a", "http://b")).places == ("http://a", "http://b")


def test_quality_is_that_of_the_task_else_the_default_else_unknown():
    known = target(quality={"code": 0.9, "default": 0.5})

    assert (known.quality_for("code"), known.quality_for("other")) == (0.9, 0.5)
    assert target(quality={"code": 0.9}).quality_for("other") is None


def test_a_quality_of_nothing_is_not_an_unknown_one():
    assert target(quality={"code": 0.0, "default": 0.5}).quality_for("code") == 0.0


def test_vendors_are_asked_over_tls():
    assert all(base.startswith("https://") for base in DEFAULT_BASES.values() if base)


def test_a_target_is_ranked_held_and_charged_at_three_prices():
    loaded, dear = Price(5, 5, 5, 5, "loaded"), Price(9, 9, 9, 9, "dear")
    period = TariffPeriod(0, (Tier("", 0, loaded), Tier("", 10, dear)))
    own = target(tariff=Tariff((replace(period, planned=Price(1, 1, 1, 1, "yaml")),)))
    listed = target(tariff=Tariff((period,)))

    assert own.route(0, 11) == own.price == Price(1, 1, 1, 1, "yaml")
    assert listed.route(0, 11) == own.charge(0, 11) == dear
    assert own.hold(0, 11) == (loaded, dear)
    assert target().route(0, 11) == target().charge(0, 11) == target().hold(0, 11)[0] == target().price


def test_a_target_that_says_what_it_speaks_speaks_nothing_else():
    said = target(kind="sglang", dialects=("openai.chat",))
    assert [one for one in DIALECTS if said.speaks(one)] == ["openai.chat"]


@pytest.mark.parametrize(
    ("how", "dialect", "sent"),
    [
        ({"kind": "sglang"}, "anthropic.messages", "anthropic.messages"),
        ({"kind": "sglang", "dialects": ("openai.chat",)}, "anthropic.messages", "openai.chat"),
        ({"kind": "openai"}, "openai.chat", "openai.chat"),
        ({"kind": "openai"}, "anthropic.messages", "openai.chat"),
        ({"kind": "anthropic"}, "openai.chat", "anthropic.messages"),
        ({"kind": "anthropic"}, "openai.embeddings", None),
        ({"kind": "litellm"}, "openai.chat", "openai.chat"),
        ({"kind": "litellm"}, "anthropic.messages", "openai.chat"),
        ({"kind": "litellm"}, "openai.responses", "openai.chat"),
        ({"kind": "openai"}, "openai.responses", "openai.responses"),
        ({"kind": "openai", "endpoints": ("https://api.deepseek.com",)}, "openai.responses", "openai.chat"),
        ({"kind": "openai", "dialects": ("openai.responses",)}, "openai.chat", "openai.responses"),
        ({"kind": "anthropic"}, "openai.responses", "anthropic.messages"),
        ({"kind": "sglang", "dialects": ("openai.embeddings",)}, "openai.chat", None),
    ],
)
def test_what_a_target_does_not_speak_is_translated_where_that_is_built(how, dialect, sent):
    assert target(**how).sent_as(dialect) == sent


@pytest.mark.parametrize(
    ("kind", "spoken"),
    [
        ("sglang", {"openai.chat", "openai.completions", "anthropic.messages"}),
        ("openai", {"openai.chat", "openai.completions"}),
        ("anthropic", {"anthropic.messages"}),
        ("litellm", set()),
    ],
)
def test_a_target_speaks_the_dialects_of_its_kind(kind, spoken):
    dialects = {"openai.chat", "openai.completions", "anthropic.messages"}
    assert {one for one in dialects if target(kind=kind).speaks(one)} == spoken
