"""What OpenAI's two dialects write in the same way."""

import pytest

from gateway.wire.translate.hub import Media, Thinking, Unsupported
from gateway.wire.translate.openai_fields import effort_of, media_of, tier_for, tier_of


def test_a_url_holds_its_data_or_is_one():
    assert media_of("data:image/png;base64,AA==", "p", "image") == Media("image", "p", "image/png", "AA==")
    assert media_of("https://x.example/a.png", "p", "image", detail="low").url == "https://x.example/a.png"
    with pytest.raises(Unsupported, match=r"^p: must be a URL"):
        media_of("file:///etc/hosts", "p", "image")


def test_efforts_are_words():
    assert effort_of(None, "p") is None
    assert effort_of("high", "p") == Thinking("high")
    assert effort_of("none", "p") == Thinking("none", is_off=True)
    with pytest.raises(Unsupported, match=r"^p: must be one of"):
        effort_of("huge", "p")


@pytest.mark.parametrize("tier", ["auto", "default", "flex", "priority"])
def test_a_tier_comes_back_as_it_was(tier):
    assert tier_for(tier_of(tier)) == {"service_tier": tier}


def test_no_tier_is_none():
    assert tier_for(tier_of(None)) == tier_for(tier_of(7)) == {}
