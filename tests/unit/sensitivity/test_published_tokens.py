"""What standards print as examples is left alone, whatever it is given to; what only looks like it is not."""

import pytest
from support.detecting import found

from gateway.sensitivity.detectors.secret import Secret
from gateway.sensitivity.published_tokens import PUBLISHED


@pytest.mark.parametrize("value", sorted(PUBLISHED))
@pytest.mark.parametrize("text", ['"access_token":"{}"', "oauth_token={}", "Authorization: Basic {}"])
def test_they_are_left_alone(text, value):
    assert found(Secret, text.format(value)) == []


def test_another_token_is_found():
    assert found(Secret, '"access_token":"2YotnFZFEjr1zCsicMWpAB"') == ["2YotnFZFEjr1zCsicMWpAB"]
