"""Each dialect is found by its own name."""

from gateway.wire.dialects import DIALECTS


def test_each_dialect_has_its_own_name_and_path():
    assert all(dialect.name == name for name, dialect in DIALECTS.items())
    assert len({dialect.path for dialect in DIALECTS.values()}) == len(DIALECTS)
