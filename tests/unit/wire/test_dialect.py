import pytest
from support.fakes import CHAT, MESSAGES

from gateway.wire.dialect import EventKind

PARTS = ("answer", "error_body", "error_event", "name", "path", "prepare", "reader", "shape")


@pytest.mark.parametrize("dialect", [CHAT, MESSAGES], ids=["openai", "anthropic"])
def test_every_dialect_fills_in_the_same_shape(dialect):
    assert all(hasattr(dialect, part) for part in PARTS)
    reader = dialect.reader(usage_asked=False)
    assert (reader.usage, reader.finish, reader.content_events) == (None, "", 0)


def test_an_event_means_one_of_six_things():
    assert {kind.name for kind in EventKind} == {"LIFECYCLE", "CONTENT", "FINISH", "USAGE_ONLY", "ERROR", "TERMINAL"}
