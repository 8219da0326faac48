"""No change without a record: where none can be written, none is made. tests/contract/test_ledger.py has the rest."""

import pytest

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.actions import CHANCE_BYTES, Actor, Change, recorded

ANN = Actor("ann", "admin", "cli")


def nothing_is_changed(data):
    with (
        pytest.raises(LedgerUnavailable) as error,
        recorded(data, ANN, Change("key.create", "k"), 1, bytes(CHANCE_BYTES)),
    ):
        pytest.fail("changed without a record")
    return error.value.message


def test_without_a_record_nothing_is_changed_and_it_says_what_to_do(tmp_path):
    (tmp_path / "spool").write_text("a file where a directory belongs")

    assert "make room on the disk" in nothing_is_changed(DataDir(tmp_path))


def test_without_the_ledger_s_server_nothing_is_changed(tmp_path):
    message = nothing_is_changed(DataDir(tmp_path, f"postgresql://x@/x?host={tmp_path}&connect_timeout=1"))

    assert "nothing was changed" in message
    assert "database can be reached" in message
    assert str(tmp_path) not in message
