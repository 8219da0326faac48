"""A value is written at a place as such places write it: as it was in the request, else as a program would write it."""

import json

import pytest

from gateway.sensitivity.mask import Value, mask
from gateway.sensitivity.unmask import Unmasker, unmask
from gateway.sensitivity.vault import Vault
from gateway.sensitivity.written import At, Inside, Line, ahead, ahead_inside, read, written

VALUE = 'a1"b\\c'
ESCAPED = 'a1\\"b\\\\c'


def at(left, right="", line="\n"):
    before = Line()
    for piece in line + left:  # cut anywhere
        before.see(piece)
    return before.at(right)


@pytest.mark.parametrize(
    ("left", "right", "place"),
    [
        ('"password": "', '",', At.DOUBLE),
        ('url: "postgres://u:', "@h", At.DOUBLE),
        ("password: '", "'\n", At.YAML),
        ("- password: '", "'", At.YAML),
        ("  password: '", "',", At.CODE),
        ("password = '", "'", At.CODE),
        ("{'password': '", "'}", At.CODE),
        ("export PASSWORD='", "'", At.SHELL),
        ("PASSWORD=", "\n", At.BARE),
        ('"a" "b" ', " ", At.BARE),
        ("<password>", "</", At.TEXT),
        ('<set name="p" value="', '"/', At.ATTRIBUTE),
        ('x = "{\\"password\\": \\"', '\\"', At.ESCAPED),
        ('x = "\\\\', '"', At.DOUBLE),
    ],
)  # fmt: skip
def test_the_kind_of_a_place_shows_in_what_is_beside_it(left, right, place):
    assert at(left, right) is place


@pytest.mark.parametrize(
    ("left", "right", "place"),
    [("", "", At.UNKNOWN), ("", '",', At.CLOSED), ("u:", "@h", At.UNKNOWN), ("PASSWORD=", "", At.BARE)],
)
def test_where_a_line_begins_in_its_middle_little_is_known(left, right, place):
    assert at(left, right, line="") is place


@pytest.mark.parametrize("place", [one for one in At if one not in {At.UNKNOWN, At.CLOSED}])
@pytest.mark.parametrize("value", [VALUE, "it's", "a&b<c>", "plain", "üß"])
def test_what_is_written_at_a_place_reads_as_the_value(place, value):
    assert read(written(value, {}, place), place) == value


def test_what_was_seen_at_such_a_place_is_written_so_again():
    seen = {At.DOUBLE: "M\\u00fcller"}
    assert written("Müller", seen, At.DOUBLE) == "M\\u00fcller"
    assert written("Müller", seen, At.BARE) == "Müller"
    assert written("Müller", seen, At.CLOSED) == written("Müller", seen, At.UNKNOWN) == "M\\u00fcller"
    assert written("Müller", seen | {At.BARE: "Müller"}, At.UNKNOWN) == "Müller"


def test_it_takes_one_more_character_after_a_backslash_to_know_what_it_is():
    assert [ahead(text, 0) for text in ("", "\\", '\\"', "@")] == [None, None, '\\"', "@"]
    assert [ahead_inside(text, 0) for text in ("", "\\", "\\\\", '\\\\"', '\\\\\\"', '"', "@")] == [
        None, None, None, "\\", '\\"', "", "@",
    ]  # fmt: skip


def test_in_json_each_string_is_a_text_of_its_own():
    inside = Inside()
    for piece in '{"old": "\\"p\\": \\"':
        inside.see(piece)
    assert inside.at('"') is At.DOUBLE
    inside.see('x", "new": "')
    assert inside.at("") is At.UNKNOWN


def request(text):
    """A masked text of a request, its vault, and the name of its only value."""
    vault = Vault(b"s", "t")
    masked = mask({"content": text}, [Value("secret", VALUE, VALUE)], vault)["content"]
    (name,) = vault.values
    assert VALUE not in masked
    assert ESCAPED not in masked
    return masked, vault, name


WRITTEN = [
    ('{"password": "%s"}', ESCAPED),
    ("PASSWORD=%s\n", VALUE),
    ("password: '%s'\n", VALUE),
    ("password = '%s'\n", 'a1"b\\\\c'),
    ("<password>%s</password>", VALUE),
    ('<set name="p" value="%s"/>', "a1&quot;b\\c"),
]


@pytest.mark.parametrize(("line", "form"), WRITTEN)
@pytest.mark.parametrize(("other", "moved"), WRITTEN)
def test_a_value_that_a_model_moves_is_written_as_its_new_place_has_it(line, form, other, moved):
    masked, vault, name = request(f"settings:\n{line % form}")
    edit = {"old_str": masked, "new_str": f"x\n{other % name}"}

    assert unmask(edit, vault) == {"old_str": f"settings:\n{line % form}", "new_str": f"x\n{other % moved}"}
    whole = json.dumps(edit)
    for size in (1, 2, 5, len(whole)):
        reader = Unmasker(vault, inside_json=True)
        pieces = [reader.feed(whole[start : start + size]) for start in range(0, len(whole), size)]
        assert json.loads("".join((*pieces, reader.end()))) == unmask(edit, vault)


@pytest.mark.parametrize(("line", "form"), WRITTEN)
def test_an_edit_that_begins_or_ends_in_the_middle_of_a_line_matches_the_file(line, form):
    _, vault, name = request(f"settings:\n{line % form}")
    before, after = line.split("%s")

    for old in (f"{name}{after}", f"{before}{name}", name):
        assert unmask({"old_str": old}, vault)["old_str"] == old.replace(name, form)


def test_json_whose_values_have_escapes_keeps_its_white_space():
    text = '{\n  "password": "a1\\"b\\\\c",\n  "n": 1\n}'
    masked, vault, name = request(text)
    assert masked == text.replace(ESCAPED, name)
    assert unmask({"x": masked}, vault)["x"] == text


def test_arguments_of_a_call_come_back_to_the_vendor_as_it_wrote_them():
    """Else the vendor's cache of the conversation ends there."""
    vault = Vault(b"s", "t")
    name = vault.placeholder("secret", VALUE)
    said = json.dumps({"new": f'p: "{name}"', "n": 1})
    given = unmask({"function": {"arguments": said}}, vault)
    masked = mask({"messages": [given]}, [Value("secret", VALUE, VALUE)], Vault(b"s", "t"))
    assert masked["messages"][0]["function"]["arguments"] == said


def test_a_value_is_masked_however_deep_it_lies_in_json():
    text = "PASSWORD = " + json.dumps(VALUE)
    for _ in range(3):
        text = json.dumps({"content": text})
        found = json.dumps(json.dumps(json.dumps(VALUE)[1:-1])[1:-1])[1:-1]
        masked = mask({"content": text}, [Value("secret", found, VALUE)], Vault(b"s", "t"))["content"]
        assert "a1" not in masked


def test_of_two_ways_to_write_a_value_at_the_same_kind_of_place_each_comes_back():
    vault = Vault(b"s", "t")
    text = 'a: "M\\u00fcller"\nb: "Müller"\nc: "M\\u00fcller"'
    masked = mask(text, [Value("x", "M\\u00fcller", "Müller")], vault)
    assert "ller" not in masked
    assert unmask(masked, vault) == text
