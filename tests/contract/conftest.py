"""Real servers for the contract tests, one a worker."""

import pytest
from support.postgres_server import postgres
from support.redis_server import redis_cluster


@pytest.fixture(scope="session")
def server():
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def cluster():
    """A Redis Cluster; tests empty it before they use it."""
    with redis_cluster() as nodes:
        yield nodes
