"""A data directory for queries."""

import pytest

from gateway.stores.data_dir import DataDir
from gateway.stores.ledger import reader as module


@pytest.fixture
def data(tmp_path) -> DataDir:
    directory = DataDir(tmp_path)
    directory.ensure()
    return directory


@pytest.fixture
def opened(monkeypatch) -> list[DataDir]:
    """The snapshots of the ledger that are opened."""
    found: list[DataDir] = []
    real = module.snapshot

    def counted(data_dir):
        found.append(data_dir)
        return real(data_dir)

    monkeypatch.setattr(module, "snapshot", counted)
    return found
