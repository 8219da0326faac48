"""Known values are found wherever they stand, few or many of them."""

import pytest

from gateway.sensitivity.occurrences import Occurrences, longest_run

FILLERS = [f"filler-{number:05d}-value" for number in range(100)]


@pytest.fixture(params=[[], FILLERS], ids=["few", "many"])
def found(request):
    def places(text, *values):
        return [text[start:end] for start, end, _ in Occurrences([*values, *request.param]).places(text)]

    return places


def test_a_value_is_found_beside_signs_and_letters_of_other_scripts(found):
    assert found('"s3cr3t-pass",密码s3cr3t-pass是 s3cr3t-pass', "s3cr3t-pass") == ["s3cr3t-pass"] * 3


def test_a_short_one_is_no_piece_of_a_longer_word(found):
    assert found("47110 a4711 4711 4711.", "4711") == ["4711", "4711"]


def test_nothing_shorter_than_four_characters_is_looked_for(found):
    assert found("abc abc", "abc") == []


def test_where_two_begin_the_longer_one_counts(found):
    assert found("user@corp.de user", "user", "user@corp.de") == ["user@corp.de", "user"]


def test_a_value_of_signs_and_words_is_found_as_a_whole(found):
    assert found("it is p@ss w0rd! not p@ss", "p@ss w0rd!") == ["p@ss w0rd!"]


def test_the_longest_run_is_of_ascii_where_there_is_one_to_speak_of():
    assert longest_run("春天花开-ab1") == (5, "ab1")
    assert longest_run("春天花开1") == (0, "春天花开")
    assert longest_run("!!") == (0, "")
