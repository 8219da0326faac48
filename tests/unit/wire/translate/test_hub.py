"""The form between dialects: losses are told once, and a value of another shape is the caller's fault."""

import pytest

from gateway.domain.errors import InvalidRequest
from gateway.wire.translate.hub import Loss, Losses, Unsupported, object_of, objects_of, text_of, word_of


def test_each_path_is_told_once_with_its_first_reason():
    losses = Losses()
    for why in ("first", "second"):
        losses.lose("seed", why)
    losses.lose("n", "x")

    assert losses.found == (Loss("seed", "first"), Loss("n", "x"))


@pytest.mark.parametrize(
    ("reads", "value", "path"),
    [(text_of, 7, "a"), (object_of, [], "a"), (objects_of, {}, "a"), (objects_of, [{}, "x"], "a[1]")],
)
def test_a_value_of_another_shape_is_refused_with_its_place(reads, value, path):
    with pytest.raises(Unsupported) as caught:
        reads(value, "a")
    assert isinstance(caught.value, InvalidRequest)
    assert caught.value.message.startswith(f"{path}: must be")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("bash_20250124", "bash_20250124"),
        ("custom", "custom"),
        ("4539148803436467", "unknown"),
        ("a b", "unknown"),
        (7, "unknown"),
    ],
)
def test_a_message_shows_a_type_only_if_it_is_a_word(value, shown):
    assert word_of(value) == shown
