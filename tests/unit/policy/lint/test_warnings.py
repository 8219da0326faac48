"""What is most likely a mistake in a valid policy; the policies that we ship have none."""

import re
from pathlib import Path

import pytest

from gateway.policy.lint.warnings import warnings_of
from gateway.policy.load.compile import compile_whole
from gateway.stores.policy.files import read_policies
from tests.unit.policy.conftest import closed, local
from tests.unit.policy.lint.conftest import NOW_S

ROOT = Path(__file__).parents[4]
SHIPPED = ["policies", "policies/examples/closed", "policies/examples/open-weights", "charts/gateway/files/policies"]
OLD = {"id": "old", "owner": "ann", "reason": "r", "teams": ["ops"], "detectors": ["email"], "from": "2026-11-01"}


@pytest.mark.parametrize("place", SHIPPED)
def test_the_shipped_policies_have_no_warning(place, book):
    snapshot, whole = compile_whole(read_policies(ROOT / place), book)

    assert warnings_of(whole, snapshot, NOW_S, None) == []


def test_the_whole_policies_of_the_docs_have_no_warning(book):
    found = 0
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for text in re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            if re.search(r"^version: 1$", text, re.MULTILINE) and re.search(r"^targets:", text, re.MULTILINE):
                snapshot, whole = compile_whole([(page.name, text)], book)
                assert warnings_of(whole, snapshot, NOW_S, None) == []
                found += 1
    assert found


def test_an_exception_that_has_ended_is_warned_of_from_its_end_on(warned):
    exceptions = [OLD | {"until": "2026-12-01"}]

    (found,) = warned(exceptions=exceptions)
    assert found.key == "exceptions[0].until"
    assert "ended at 2026-12-01T00:00:00+00:00" in found.problem
    assert warned(exceptions=exceptions, at_s=NOW_S - 1) == []


def test_a_target_that_no_model_names_is_warned_of_at_its_line(warned):
    targets = [local("home"), local("spare"), closed("away"), closed("lost")]
    (found,) = warned(targets=targets)

    assert (found.key, found.problem) == ("targets[3]", "no model and no rollout names it")


def test_a_budget_that_no_rule_looks_at_has_a_way_out(warned):
    teams = [{"id": name, "default_class": "public", "budget": {"usd": 1}} for name in ("support", "ops")]
    found = warned(teams=teams)

    assert [one.key for one in found] == ["teams[0].budget", "teams[1].budget"]
    assert found[0].fix == "add `{kind: budget}` to `rules`"


def test_a_team_that_is_only_observed_is_on_its_way_and_no_mistake(warned):
    assert warned(sensitivity={"mode": "observe"}) == []
