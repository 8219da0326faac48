"""A policy of two teams, two regions, a task and models by name and by pattern; what a test adds is looked at."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from gateway.policy.lint.warnings import warnings_of
from gateway.policy.load.compile import compile_whole
from gateway.policy.load.errors import PolicyError
from tests.unit.policy.conftest import closed, local

NOW_S = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())

Warned = Callable[..., list[PolicyError]]


@pytest.fixture
def warned(book) -> Warned:
    def looked_over(*, keys: set[str] | None = None, at_s: int = NOW_S, **changes: Any) -> list[PolicyError]:
        document = {
            "version": 1,
            "targets": [local("home", region="eu"), local("spare", region="eu"), closed("away", region="us")],
            "models": [
                {"name": "auto", "candidates": ["home", "spare", "away"]},
                {"match": "gpt-*", "incumbent": "away", "candidates": ["home"]},
            ],
            "teams": [{"id": "support", "default_class": "public"}, {"id": "ops", "default_class": "public"}],
            "tasks": [{"id": "code", "match": {"user_agent": "claude-cli/*"}}],
        } | changes
        snapshot, whole = compile_whole([("p.yaml", yaml.safe_dump(document, sort_keys=False))], book)
        return warnings_of(whole, snapshot, at_s, keys)

    return looked_over
