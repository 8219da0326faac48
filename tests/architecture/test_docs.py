"""The documents say what the code does: names are compared, links are followed."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from gateway.policy.rules import AnyRule
from gateway.sensitivity.scan import KINDS
from gateway.settings import Settings
from gateway.telemetry.names import METRICS

ROOT = Path(__file__).parents[2]
DOCS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "loadtest" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def read(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def setting_keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            keys += setting_keys(inner, f"{prefix}{name}.")
        else:
            keys.append(prefix + name)
    return keys


def test_every_metric_is_documented_with_its_help_text():
    table = read("observability.md").split("\n### ")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE))

    assert documented == METRICS


@pytest.mark.parametrize("key", setting_keys(Settings))
def test_every_setting_is_documented(key):
    assert f"`{key}`" in read("configuration.md")


RULES = get_args(get_args(AnyRule)[0])


@pytest.mark.parametrize("kind", [get_args(rule.model_fields["kind"].annotation)[0] for rule in RULES])
def test_every_rule_kind_is_documented(kind):
    assert f"`{kind}`" in read("policy.md")


@pytest.mark.parametrize("kind", KINDS)
def test_every_detector_is_documented(kind):
    assert f"`{kind}`" in read("policy.md")


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_readme_names_the_two_commands_that_ci_and_newcomers_use():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make demo" in readme
    assert "make test " in readme
