import pytest

from gateway.stores.data_dir import DataDir


@pytest.fixture
def data(tmp_path):
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    return directory
