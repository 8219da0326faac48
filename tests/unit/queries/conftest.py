"""A data directory for queries."""

import pytest

from gateway.stores.data_dir import DataDir


@pytest.fixture
def data(tmp_path) -> DataDir:
    directory = DataDir(tmp_path)
    directory.ensure()
    return directory
