from tests.unit.policy.conftest import closed, local


def notices(snapshot):
    return {(notice.kind, notice.where, notice.text.split(":")[0]) for notice in snapshot.notices}


def test_a_sound_policy_has_nothing_to_tell(make):
    assert make().notices == ()


def test_numbers_that_nobody_measured(make):
    gpu = {"gpu_hour_usd": 1, "tokens_per_second": 1000}
    bare = [local("home", price=gpu, quality={"default": 0.5}), closed("away")]
    measured = [local("home", price=gpu | {"evidence": "e"}, quality={"default": 0.5}, evidence="e"), closed("away")]

    assert notices(make(targets=bare)) == {
        ("no evidence", "target home", "quality"),
        ("no evidence", "target home", "tokens_per_second"),
    }
    assert notices(make(targets=measured)) == set()


def test_an_exception_is_reported_with_its_owner_and_its_end(make):
    given = {"id": "trial", "owner": "ann", "reason": "a test card", "teams": ["t"], "from": "2026-11-01"}
    exceptions = [given | {"until": "2026-12-01", "detectors": ["credit_card"]}]
    (notice,) = make(exceptions=exceptions).notices
    assert (notice.kind, notice.where) == ("exception", "exception trial")
    assert notice.text == ("findings of credit_card, for team t, until 2026-12-01T00:00:00+00:00 (ann: a test card)")


def test_a_budget_that_no_rule_looks_at(make):
    def teams(way):
        return [{"id": "t", "default_class": "public", "budget": {"usd": 1, "on_exhausted": way}}]

    local_only, reject = make(teams=teams("local_only")).notices, make(teams=teams("reject")).notices

    assert "drops what it cannot pay" in local_only[0].text
    assert "calls are refused" in reject[0].text
    assert make(teams=teams("reject"), rules=[{"kind": "budget"}]).notices == ()


def test_targets_that_look_odd(make):
    trusted = closed("trusted", clearance="confidential")
    snapshot = make(targets=[local("home"), closed("away"), trusted])

    assert {(notice.where, notice.text) for notice in snapshot.notices} == {
        ("target trusted", "a vendor cleared for confidential data without a contract"),
        ("target trusted", "no model and no rollout names it"),
    }


def test_observation_is_reported(make):
    assert "only observed" in make(sensitivity={"mode": "observe"}).notices[0].text
