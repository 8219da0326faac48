"""What probes say of a policy that waits: which, since when, and what to do."""

import pytest

from gateway.bootstrap.keeping import keep
from gateway.bootstrap.policies import policy_source, state_of
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.kept import KeptPolicy
from tests.unit.bootstrap.test_keeping import wider, write

AT_NS = 1_796_083_200 * 10**9


@pytest.fixture
def data(tmp_path):
    (tmp_path / "policies").mkdir()
    write(tmp_path / "policies")
    found = DataDir(tmp_path / "data")
    found.ensure()
    keep(tmp_path / "policies", KeptPolicy(found.policy), "hold")
    return found


def state(data):
    return state_of(data, policy_source(data, lambda _: None))


def test_a_policy_in_force_waits_for_nothing(data):
    shown = state(data)
    assert (shown["in_force"], shown["problem"], "waiting" in shown) == (True, "", False)


def test_a_held_policy_is_shown_with_its_hash_its_time_and_what_to_do(data, tmp_path):
    write(tmp_path / "policies", wider)
    held = keep(tmp_path / "policies", KeptPolicy(data.policy), "hold", AT_NS)
    shown = state(data)

    assert not shown["in_force"]
    assert shown["waiting"]["state"] == "held"
    assert shown["waiting"]["policy"] == held.policy != shown["hash"]
    assert shown["waiting"]["since"] == "2026-12-01T00:00:00+00:00"
    assert f"gateway policy accept {held.policy} --reason" in shown["waiting"]["do"]


def test_a_refused_policy_is_shown_without_the_places_of_its_faults(data, tmp_path):
    (tmp_path / "policies" / "p.yaml").write_text("version: 1\nnew: 1\n")
    keep(tmp_path / "policies", KeptPolicy(data.policy), "hold", AT_NS)
    waiting = state(data)["waiting"]

    assert (waiting["state"], "policy" in waiting) == ("refused", False)
    assert "gateway policy check" in waiting["do"]
    assert "p.yaml" not in str(waiting)
