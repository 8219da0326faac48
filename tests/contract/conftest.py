"""Real servers for the contract tests, one a worker."""

import pytest
from support.postgres_server import postgres


@pytest.fixture(scope="session")
def server():
    with postgres() as running:
        yield running
