"""A value that is cut by the end of a part or turn is put together, and each piece keeps its place."""

import pytest

from gateway.sensitivity.seams import Seam, Seams, Text


def seams(*texts):
    over = Seams()
    return [seam for text in texts for seam in over.after(text)]


def part(number, value, speaker="user", turn=0):
    return Text(f"messages[{turn}].content[{number}].text", value, turn, "", 0, speaker)


def test_two_parts_of_one_turn_that_go_on_are_joined_with_and_without_a_space():
    found = seams(part(0, "card 45391488"), part(1, " 03436467 is it"))

    assert [one.value for one in found] == ["card 4539148803436467 is it", "card 45391488 03436467 is it"]


def test_a_seam_knows_where_its_second_text_begins():
    (seam, _) = seams(part(0, "so 45391488"), part(1, "  03436467"))

    assert isinstance(seam, Seam)
    assert seam.value[seam.cut :] == "03436467"
    assert (seam.other, seam.other_offset) == ("messages[0].content[1].text", 2)


@pytest.mark.parametrize("beginning", [".", " then", ""])
def test_texts_that_do_not_go_on_have_no_seam(beginning):
    assert seams(part(0, "the end."), part(1, f"{beginning} And 1", turn=1, speaker="assistant")) == []


def test_digits_that_another_speaker_goes_on_with_are_joined_if_they_are_enough_for_a_card():
    found = seams(part(0, "it is 4539 1488"), part(0, "0343 6467", "assistant", 1))

    assert "it is 4539 1488 0343 6467" in [one.value for one in found]
    assert seams(part(0, "see 12"), part(0, "34 of them", "assistant", 1)) == []
