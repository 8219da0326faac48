"""What is beside a number: names of ids, lists, domains, and letters that make it a part of something longer."""

import pytest

from gateway.sensitivity.card_places import counts_up, ends, is_inside, is_no_id, is_of_uuid, starts

VISA, MAESTRO, UNIONPAY = "4539148803436467", "6759649826438453", "6222021234567890128"


@pytest.mark.parametrize(
    ("head", "number", "tail", "free"),
    [
        ("x ", VISA, "", True),
        ("trace=", VISA, "", False),
        ("order: ", MAESTRO, "", False),
        ("order: ", VISA, "", True),
        ("20251231,", MAESTRO, "", False),
        ("20251231,", UNIONPAY, "", True),
        ("", MAESTRO, ",18230091", False),
        ("", VISA, ".com", False),
    ],
)
def test_names_of_ids_and_long_lists_say_that_it_is_something_else(head, number, tail, free):
    assert is_no_id(head + number + tail, len(head), len(head) + len(number)) is free


def test_a_number_may_begin_behind_a_word_and_end_before_a_letter_but_not_inside_of_a_hash():
    assert starts("card" + VISA, 4)
    assert not starts("deadbeefdeadbeef" + VISA, 16)
    assert not starts("0." + VISA, 2)
    assert ends(VISA + ".0", 16, alone=True)
    assert not ends(VISA + "x", 16, alone=False)
    assert not ends(VISA + "deadbeef", 16, alone=True)
    assert is_inside("a" + VISA + "b", 1, 17)


def test_numbers_of_lines_and_parts_of_uuids_are_known():
    assert counts_up("4540 4541 4542", [(0, 4), (5, 9), (10, 14)])
    assert not counts_up("4540", [(0, 4)])
    assert is_of_uuid("51992724-2473-11e9-9764-599cfda4b012", 8)
