"""What a detector reports never holds text."""

import re

from gateway.sensitivity.finding import Finding, Hit, anchored, before


def test_what_is_anchored_is_the_group_of_that_name_or_all_of_the_match():
    assert anchored(re.compile("ab+"), 2)("xabbb", 3) == Hit(1, 5)
    assert anchored(re.compile("a(?P<hit>b+)"), 2)("xabbb", 3) == Hit(2, 5)
    assert anchored(re.compile("a"), 2)("xabbb", 4) is None


def test_labels_are_looked_for_in_lower_case_before_a_place():
    assert before("My SSN: 1", 8, 5) == "ssn: "


def test_evidence_is_a_detector_a_path_and_a_span_and_never_a_text():
    assert Finding("email", "messages[0].content", 3, 9).as_json() == {
        "detector": "email",
        "path": "messages[0].content",
        "span": [3, 9],
    }
    assert set(Finding.__slots__) == {"detector", "path", "start", "end", "turn", "sure"}
