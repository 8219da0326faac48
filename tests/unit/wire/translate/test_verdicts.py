"""Each key is mapped, dropped and told, or refused; none is lost without a word."""

import pytest

from gateway.wire.translate.hub import Losses, Unsupported
from gateway.wire.translate.verdicts import BLOCKS, CHAT, CHAT_PARTS, MESSAGES, take


def test_a_mapped_key_is_kept_and_a_dropped_one_is_told_with_its_place_and_reason():
    losses = Losses()

    assert take({"model": "m", "seed": 7, "brand_new": 1}, CHAT, "", losses) == {"model": "m"}
    assert [(loss.path, bool(loss.why)) for loss in losses.found] == [("seed", True), ("brand_new", True)]


@pytest.mark.parametrize("nothing", [None, False, 0, "", [], {}])
def test_what_has_no_effect_is_no_loss(nothing):
    losses = Losses()
    assert take({"top_k": nothing, "audio": nothing}, CHAT, "", losses) == {}
    assert losses.found == ()


@pytest.mark.parametrize(("key", "value", "table"), [("audio", {"voice": "x"}, CHAT), ("container", "c_1", MESSAGES)])
def test_what_may_not_be_dropped_is_refused_with_what_to_do(key, value, table):
    with pytest.raises(Unsupported, match=key):
        take({key: value}, table, "", Losses())


def test_every_verdict_that_is_not_mapped_has_a_reason():
    tables = [CHAT, MESSAGES, *CHAT_PARTS.values(), *BLOCKS.values()]
    assert all((verdict == "map") != bool(why) for table in tables for verdict, why in table.values())


def test_a_seed_of_zero_is_a_seed():
    losses = Losses()
    take({"seed": 0, "frequency_penalty": 0}, CHAT, "", losses)
    assert [loss.path for loss in losses.found] == ["seed"]
