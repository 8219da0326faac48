"""Real servers for the contract tests, one a worker."""

import pytest
from support.postgres_server import Postgres, postgres
from support.redis_server import redis_cluster

from gateway.stores.data_dir import SQLITE, DataDir


@pytest.fixture(scope="session")
def server():
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def cluster():
    """A Redis Cluster; tests empty it before they use it."""
    with redis_cluster() as nodes:
        yield nodes


@pytest.fixture(params=["sqlite", "postgres"])
def url(request) -> str:
    """Where the ledger is: each test runs on both."""
    if request.param == "sqlite":
        return SQLITE
    server: Postgres = request.getfixturevalue("server")
    return server.database()


@pytest.fixture
def data(url, tmp_path) -> DataDir:
    made = DataDir(tmp_path, url)
    made.ensure()
    return made
