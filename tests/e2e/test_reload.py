"""Policy changes while the gateway runs: a good one at once and whole, a bad one not at all and loudly."""

import json
import subprocess
import sys

import httpx
import pytest
from support.stack import stack


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("reload")) as made:
        yield made.start()


def policy_of(own) -> str:
    return own.chat().headers["x-gateway-policy"]


def test_a_changed_policy_takes_effect_without_a_restart_and_old_decisions_replay(own):
    before = own.chat(team="support", model="auto")
    assert before.headers["x-gateway-target"] == "qwen3-32b"

    own.document["rules"].append({"kind": "deny", "targets": ["qwen3-32b"], "when": "team == 'support'"})
    own.write_policy()

    own.wait_for(lambda: policy_of(own) != before.headers["x-gateway-policy"], "a new policy")
    assert own.chat(team="support", model="auto").headers["x-gateway-zone"] == "closed"
    decision = before.headers["x-gateway-decision-id"]
    own.decision(decision)
    replayed = own.cli("decisions", "replay", decision)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    own.document["rules"].pop()
    own.write_policy()
    own.wait_for(lambda: policy_of(own) == before.headers["x-gateway-policy"], "the first policy")


def test_a_broken_policy_keeps_the_last_good_one_and_is_reported(own):
    good = policy_of(own)
    own.document["targets"][0]["clearence"] = "public"
    own.write_policy()

    def policy():
        return own.wait_for(lambda: httpx.get(own.admin + "/readyz").json(), "readiness")["policy"]

    own.wait_for(lambda: not policy()["in_force"], "the alarm")
    assert policy_of(own) == good
    assert "gateway_policy_reload_ok 0.0" in httpx.get(own.admin + "/metrics").text
    problem = own.admin_get("/admin/v1/policy").json()["problem"]
    assert "policy.json:" in problem
    assert "clearence" in problem
    del own.document["targets"][0]["clearence"]
    own.write_policy()
    own.wait_for(lambda: policy()["in_force"], "the good policy")


def test_a_broken_policy_at_the_first_start_is_an_error_with_file_line_key_and_fix(tmp_path):
    (tmp_path / "policy.yaml").write_text("version: 1\ntargets:\n  - {id: x, zone: nowhere}\n")

    command = [
        sys.executable,
        "-m",
        "gateway",
        "serve",
        "--policies",
        str(tmp_path),
        "--data-dir",
        str(tmp_path / "data"),
    ]
    done = subprocess.run([*command, "--port", "0", "--admin-port", "0"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "policy.yaml:3: targets[0].zone:" in done.stderr


def test_the_admin_plane_keeps_all_but_probes_and_metrics_behind_its_token(own):
    for path in ("/admin/v1/decisions", "/admin/v1/reports/costs", "/admin/v1/policy", "/admin/v1/teams"):
        assert httpx.get(own.admin + path).status_code == 401
        assert own.admin_get(path).status_code == 200
    for path in ("/metrics", "/livez", "/readyz", "/", "/docs"):
        assert httpx.get(own.admin + path).status_code == 200
    assert (own.data_dir / "admin-token").stat().st_mode & 0o777 == 0o600


def test_the_admin_plane_tells_the_policy_in_force_as_it_was_resolved(own):
    resolved = own.wait_for(lambda: own.admin_get("/admin/v1/policy").json()["resolved"], "the shipped policy")

    assert json.loads(resolved)["targets"]["qwen3-32b"]["price"]["source"] == "gpu"
