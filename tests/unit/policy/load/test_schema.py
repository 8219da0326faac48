import json
from pathlib import Path

import pytest

from gateway.policy.load.compile import compile_documents
from gateway.policy.load.schema import json_schema
from gateway.policy.prove.cases import run_cases
from gateway.sensitivity.scan import scanner_for
from gateway.stores.policy.files import read_policies

POLICIES = Path(__file__).parents[4] / "policies"


def test_the_committed_schema_is_the_one_of_the_models():
    committed = json.loads((POLICIES / "schema" / "policy.schema.json").read_text())

    assert committed == json_schema()


def test_the_schema_closes_every_block():
    blocks = [block for block in json_schema()["$defs"].values() if block.get("type") == "object"]

    assert blocks
    assert all(block["additionalProperties"] is False for block in blocks)


def test_the_schema_knows_the_short_forms():
    target = json_schema()["$defs"]["TargetBlock"]["properties"]

    assert {"const": "catalog", "type": "string"} in target["price"]["anyOf"]
    assert any("restricted" in form.get("enum", ()) for form in target["clearance"]["anyOf"])


@pytest.mark.parametrize("name", [".", "examples/open-weights", "examples/closed"])
def test_every_policy_that_is_shipped_compiles_and_its_cases_pass(book, name):
    snapshot = compile_documents(read_policies(POLICIES / name), book)

    scan = scanner_for(snapshot.sensitivity).scan
    outcomes = run_cases(snapshot, lambda said: scan({"text": said} if isinstance(said, str) else said).parts)

    assert outcomes
    assert [(one.name, one.problems) for one in outcomes if not one.passed] == []
    assert [notice for notice in snapshot.notices if notice.kind != "no evidence"] == []
