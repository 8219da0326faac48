from gateway.domain.label import Category, DataClass, Label, Part
from gateway.policy.document.checks import Given
from gateway.policy.prove.cases import facts_of, run_cases
from tests.unit.policy.conftest import closed, local


def classify(text):
    found = [Part("credit_card", Label(DataClass.RESTRICTED, frozenset({Category.PCI})))] if "4111" in text else []
    return found + ([Part("email", Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})))] if "@" in text else [])


def outcome(make, given, expect, **changes):
    case = {"name": "c", "given": {"model": "auto"} | given, "expect": expect}
    return run_cases(make(cases=[case], **changes), classify)[0]


def test_a_case_that_comes_out_as_written_passes(make):
    expect = {"target": "home", "zone": "local", "dropped": ["away"], "reason": "sensitivity", "rule": "clearance"}

    assert outcome(make, {"text": "4111"}, expect | {"data_class": "restricted"}).passed


def test_what_came_out_differently_is_reported(make):
    one = outcome(make, {"text": "4111"}, {"target": "away", "dropped": [], "rule": "budget"})

    assert not one.passed
    assert one.problems == (
        "dropped: expected none, got away",
        "rule: expected budget, got clearance",
        "target: expected away, got home",
    )


def test_targets_that_are_down_are_passed_over(make):
    assert outcome(make, {"down": ["away"]}, {"target": "home", "reason": "failover", "rule": "health"}).passed


def test_all_down_none_permitted_and_no_such_model_are_different_errors(make):
    deny = [{"kind": "deny", "zones": ["local", "closed"]}]

    assert outcome(make, {"down": ["home", "away"]}, {"error": "no_healthy_target"}).passed
    assert outcome(make, {}, {"error": "no_permitted_route"}, rules=deny).passed
    assert outcome(make, {"model": "x"}, {"error": "model_not_found"}).passed


def test_an_error_that_nobody_expected_fails_a_case(make):
    one = outcome(make, {"model": "x"}, {"data_class": "public"})

    assert one.problems == ("error: expected none, got model_not_found",)
    assert outcome(make, {"model": "x"}, {"target": "home"}).problems == ("target: expected home, got none",)


def test_a_label_is_only_ever_raised(make):
    teams = [{"id": "t", "default_class": "internal"}]

    assert outcome(make, {"team": "t", "class": "public"}, {"data_class": "internal"}, teams=teams).passed
    assert outcome(make, {"team": "t", "class": "confidential"}, {"data_class": "confidential"}, teams=teams).passed
    assert outcome(make, {"categories": ["hr"]}, {"data_class": "public"}).passed


def test_facts_of_a_case_reach_the_rules(make):
    rules = [
        {"kind": "capability"},
        {"kind": "quality_floor", "min": 1, "when": "task == 'code' && hour == 3 && budget_left_usd == 2.5"},
    ]
    tasks = [{"id": "code", "match": {"key": "k"}}]
    given = {"key": "k", "hour": 3, "budget_left_usd": 2.5}

    assert outcome(make, given, {"error": "no_permitted_route"}, rules=rules, tasks=tasks).passed
    assert outcome(make, given | {"task": "x"}, {"zone": "closed"}, rules=rules, tasks=tasks).passed
    assert outcome(make, {"has_tools": True, "has_images": True}, {"dropped": ["home", "away"]}, rules=rules).got[
        "error"
    ]


def test_a_floor_counts_as_it_does_for_a_call(make):
    floors = [{"match": {"key": "hr-*"}, "class": "confidential"}]

    assert outcome(make, {"key": "hr-1", "team": "t"}, {"data_class": "confidential"}, floors=floors).passed
    assert (
        outcome(make, {"key": "x", "team": "t"}, {"target": "away"}, floors=floors, rules=[]).got["data_class"]
        != "confidential"
    )


def test_a_case_can_say_that_a_target_sees_placeholders(make):
    targets = [local("home"), closed("away", clearance={"max": "internal", "mask": ["email"]})]
    order = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]

    assert outcome(make, {"text": "a@b"}, {"target": "away", "masked": True}, targets=targets, rules=order).passed
    assert outcome(make, {"text": "hi"}, {"target": "away", "masked": False}, targets=targets, rules=order).passed
    assert outcome(make, {"text": "a@b 4111"}, {"target": "home"}, targets=targets, rules=order).passed


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
PDF = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}
SOUND = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}


def unread(said):
    """As the detectors: a picture cannot be read."""
    if isinstance(said, str):
        return classify(said)
    kinds = {"image_url": "image", "file": "pdf", "input_audio": "audio"}
    first, *parts = said["messages"][0]["content"]
    found = [kinds[part["type"]] for part in parts if part["type"] in kinds]
    return [*classify(first["text"]), *(Part(f"unscannable:{kind}", Label()) for kind in found)]


def test_a_case_with_a_real_picture_comes_out_as_one_that_says_it_has_one(make):
    teams = [{"id": "t", "default_class": "public"}]
    for given in ({"parts": [PICTURE]}, {"has_images": True}):
        case = {"name": "c", "given": {"model": "auto", "team": "t"} | given, "expect": {"data_class": "restricted"}}
        (one,) = run_cases(make(cases=[case], teams=teams, rules=[{"kind": "capability"}]), unread)
        assert one.got["data_class"] == "restricted"
        assert (one.got["error"], one.got["dropped"]) == ("no_permitted_route", ["away", "home"])


def test_a_team_s_own_class_counts_for_the_parts_of_a_case(make):
    teams = [{"id": "t", "default_class": "public", "on_unscannable": {"image": "public"}}]
    given = {"model": "auto", "team": "t", "parts": [PICTURE]}
    case = {"name": "c", "given": given, "expect": {"data_class": "public"}}
    assert run_cases(make(cases=[case], teams=teams), unread)[0].passed


def test_what_is_written_beside_a_picture_still_counts(make):
    given = {"model": "auto", "text": "4111", "parts": [SOUND]}
    facts = facts_of(make(), Given.model_validate(given), unread)
    assert facts.label.categories == {Category.PCI}


def test_a_case_needs_what_its_parts_need(make):
    given = {"model": "auto", "parts": [PICTURE, PDF, SOUND, {"type": "text", "text": "a"}], "has_tools": True}
    facts = facts_of(make(), Given.model_validate(given), unread)
    assert (facts.needs, facts.has_images) == (("audio", "pdf", "tools", "vision"), True)
