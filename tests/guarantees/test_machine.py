"""``make test`` takes a few thousand steps, ``make test-long`` a hundred thousand (GATEWAY_STEPS)."""

import os

from guarantees.machine import Gateway
from hypothesis import HealthCheck, settings

STEPS = int(os.environ.get("GATEWAY_STEPS", "3000"))
PER_RUN = 40

TestGateway = Gateway.TestCase
TestGateway.settings = settings(
    max_examples=max(1, STEPS // PER_RUN),
    stateful_step_count=PER_RUN,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
