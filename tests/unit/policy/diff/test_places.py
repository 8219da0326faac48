from gateway.policy.diff.places import floor_name, places_of

TEXT = """\
version: 1
targets:
  - id: t
    clearance: internal
    api_base: https://x.example
  - {id: u, clearance: {max: internal}}
models:
  - {name: "gpt-*", candidates: [t]}
  - {match: "gpt-*", candidates: [u]}
rules:
  - {kind: capability}
  - {kind: deny, id: d, zones: [closed]}
"""


def find(*words):
    place, exact = places_of([("a.yaml", TEXT)]).find(words, "new")
    return place.line, place.key, exact


def test_parts_are_found_by_name():
    assert find("targets", "u", "clearance", "max") == (6, "targets[1].clearance.max", True)
    assert find("rules", "capability") == (11, "rules[0]", True)
    assert find("rules", "d", "zones") == (12, "rules[1].zones", True)


def test_a_short_form_is_the_part_itself():
    assert find("targets", "t", "clearance", "max") == (4, "targets[0].clearance", True)


def test_data_may_have_another_word_than_yaml():
    assert find("targets", "t", "endpoints") == (5, "targets[0].api_base", True)


def test_what_is_not_there_is_near_what_is_around_it():
    assert find("targets", "u", "clearance", "forbid") == (6, "targets[1].clearance.forbid", False)
    assert find("targets", "gone") == (2, "targets.gone", False)
    assert places_of([("a.yaml", TEXT)]).find(("teams", "x"), "new") is None


def test_a_name_and_a_pattern_that_are_spelled_alike_are_two_models():
    assert find("models", "gpt-*")[0] == 8
    assert find("models", "match gpt-*")[0] == 9


def test_files_are_distinguished():
    places = places_of([("a.yaml", TEXT), ("b.yaml", "teams:\n  - {id: x, default_class: public}\n")])

    place, _ = places.find(("teams", "x", "default_class"), "old")
    assert (place.file, place.line, place.side) == ("b.yaml", 2, "old")
    assert places.first("new").file == "a.yaml"


def test_a_floor_is_called_by_whom_it_is_about():
    assert floor_name({"team": "b", "key": ["y", "x"], "model": None}) == "key x, y; team b"
