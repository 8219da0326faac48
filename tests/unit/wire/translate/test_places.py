"""A loss is told at the place that the caller wrote it."""

import pytest

from gateway.wire.translate.hub import Loss
from gateway.wire.translate.places import in_callers_words


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        ("openai.responses", "text.format.name"),
        ("openai.chat", "response_format.json_schema.name"),
        ("anthropic.messages", "response_format.json_schema.name"),
    ],
)
def test_a_place_is_the_callers(dialect, path):
    (loss,) = in_callers_words([Loss("response_format.json_schema.name", "why")], dialect)
    assert loss == Loss(path, "why")


def test_other_places_stay():
    assert in_callers_words([Loss("input[0]", "why")], "openai.responses") == (Loss("input[0]", "why"),)
