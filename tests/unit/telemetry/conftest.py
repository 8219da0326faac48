import pytest
from support.books import attempt, decision_made, finished, request, settled

from gateway.telemetry.exchange import Exchange


@pytest.fixture
def served() -> Exchange:
    """A request that its first target served."""
    made, started, ended, end = request(1)
    return Exchange(made, ((started, ended),), end)


@pytest.fixture
def failed_over() -> Exchange:
    """A request whose first target failed and whose second one served."""
    first = (attempt(1), settled(1, outcome="upstream_error", cost=0))
    second = (attempt(1, nth=2, target="vendor", zone="closed"), settled(1, nth=2, cost=5000))
    return Exchange(decision_made(1), (first, second), finished(1, target="vendor", zone="closed", attempts=2))
