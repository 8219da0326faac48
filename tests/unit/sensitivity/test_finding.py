import re

from gateway.sensitivity.finding import Finding, Hit, matches


def test_a_hit_is_the_group_of_that_name_or_all_of_the_match():
    assert list(matches(re.compile("b+"), "abbab")) == [Hit(1, 3), Hit(4, 5)]
    assert list(matches(re.compile("a(?P<hit>b+)"), "abb")) == [Hit(1, 3)]


def test_evidence_is_a_detector_a_path_and_a_span_and_never_a_text():
    assert Finding("email", "messages[0].content", 3, 9).as_json() == {
        "detector": "email",
        "path": "messages[0].content",
        "span": [3, 9],
    }
    assert set(Finding.__slots__) == {"detector", "path", "start", "end", "turn"}
