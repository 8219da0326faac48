"""The form between dialects: losses are told once."""

from gateway.wire.translate.hub import Loss, Losses


def test_each_path_is_told_once_with_its_first_reason():
    losses = Losses()
    for why in ("first", "second"):
        losses.lose("seed", why)
    losses.lose("n", "x")

    assert losses.found == (Loss("seed", "first"), Loss("n", "x"))
