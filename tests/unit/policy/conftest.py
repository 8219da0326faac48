from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label
from gateway.policy.load.compile import compile_documents
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.book import PriceBook

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def book() -> PriceBook:
    return PriceBook.load_bundled()


@pytest.fixture(scope="session")
def contract(book) -> PolicySnapshot:
    """The example of the contract, with the one target that it names and does not list."""
    return compile_documents([("contract.yaml", (HERE / "contract.yaml").read_text())], book)


def local(name: str, **more: Any) -> dict[str, Any]:
    base = {
        "id": name,
        "zone": "local",
        "kind": "sglang",
        "model": name,
        "endpoints": ["http://127.0.0.1:30000"],
        "clearance": "restricted",
        "context_window": 8000,
        "max_output_tokens": 1000,
        "price": {"input_per_mtok_usd": 1, "output_per_mtok_usd": 1},
    }
    return base | more


def closed(name: str, **more: Any) -> dict[str, Any]:
    base = {
        "id": name,
        "zone": "closed",
        "kind": "openai",
        "model": name,
        "api_key_env": "VENDOR_KEY",
        "clearance": "internal",
        "context_window": 8000,
        "max_output_tokens": 1000,
        "price": {"input_per_mtok_usd": 2, "output_per_mtok_usd": 2},
    }
    return base | more


@pytest.fixture(scope="session")
def make(book) -> Callable[..., PolicySnapshot]:
    """Compile a policy over a local target `home` and a closed one `away`, with what a test changes."""

    def compiled(**changes: Any) -> PolicySnapshot:
        document = {
            "version": 1,
            "targets": [local("home"), closed("away")],
            "models": [{"name": "auto", "candidates": ["home", "away"]}],
            "teams": [{"id": "t", "default_class": "public"}],
        } | changes
        return compile_documents([("p.yaml", yaml.safe_dump(document))], book)

    return compiled


@pytest.fixture(scope="session")
def facts() -> Callable[..., Facts]:
    def gathered(level: DataClass = DataClass.PUBLIC, categories: tuple[Category, ...] = (), **changes: Any) -> Facts:
        base: dict[str, Any] = {"team": "t", "key": "k", "model": "auto", "dialect": "openai.chat"}
        size = {"input_tokens": 100, "input_bytes": 400}
        return Facts(**(base | size | {"label": Label(level, frozenset(categories))} | changes))

    return gathered
