"""Masking replaces findings and nothing else, also inside of a tool's arguments."""

import json
import re

import pytest

from gateway.sensitivity.mask import Unmaskable, Value, mask
from gateway.sensitivity.unmask import unmask
from gateway.sensitivity.vault import Vault


def found(node):
    """Every address in the strings of a value, as it is written there."""
    if isinstance(node, str):
        return [Value("email", *[text.strip('"')] * 2) for text in re.findall(r"[\w.'\"\\]+@[\w.]+", node)]
    if isinstance(node, dict):
        return [value for item in node.items() for one in item for value in found(one)]
    return [value for one in node for value in found(one)] if isinstance(node, list) else []


def masked(node, values=None):
    vault = Vault(b"s", "c")
    return mask(node, found(node) if values is None else values, vault), vault


def test_each_finding_becomes_its_placeholder_and_the_rest_stays():
    tree, vault = masked({"messages": [{"role": "user", "content": "from a@b.de to c@d.de, a@b.de"}], "n": 1})
    a, c = vault.values
    assert tree == {"messages": [{"role": "user", "content": f"from {a} to {c}, {a}"}], "n": 1}


def test_a_value_in_a_key_cannot_be_masked_for_nobody_could_restore_it():
    with pytest.raises(Unmaskable):
        masked({"a@b.de": 1})


PASSWORD = Value("secret", "hunter2!", "hunter2!")


def test_a_value_is_masked_wherever_it_stands_with_a_label_or_without():
    tree, vault = masked(["password: hunter2!", {"text": "so hunter2! it is"}, "xhunter2!y"], [PASSWORD])
    (name,) = vault.values
    assert tree == [f"password: {name}", {"text": f"so {name} it is"}, f"x{name}y"]


def test_a_short_value_is_masked_as_a_whole_word_only():
    tree, vault = masked("PIN 4711, port 47110, 4711号", [Value("secret", "4711", "4711")])
    (name,) = vault.values
    assert tree == f"PIN {name}, port 47110, {name}号"


def test_of_two_values_the_longer_one_wins():
    tree, vault = masked("abcd-efgh-1", [Value("secret", "abcd", "abcd"), Value("secret", "abcd-efgh", "abcd-efgh")])
    assert tree == f"{next(iter(vault.values))}-1"
    assert [*vault.values.values()] == ["abcd-efgh"]


def test_every_form_of_a_value_is_masked_and_each_comes_back_as_it_was():
    value = Value("secret", r"a\nb-secret\"q", 'a\nb-secret"q')
    text = 'in JSON a\\nb-secret\\"q, plain a\nb-secret"q'
    tree, vault = masked(text, [value])
    assert "secret" not in tree
    assert unmask(tree, vault) == text


def test_a_number_of_a_conversation_that_is_a_value_becomes_a_placeholder():
    card = Value("credit_card", "4539148803436467", "4539148803436467")
    tree, vault = masked({"messages": [{"input": {"card": 4539148803436467, "n": 10**8}}]}, [card])
    (name,) = vault.values
    assert tree == {"messages": [{"input": {"card": name, "n": 10**8}}]}
    with pytest.raises(Unmaskable):
        masked({"seed": 4539148803436467}, [card])


def test_json_in_a_string_is_masked_inside_of_its_strings():
    arguments = json.dumps({"to": 'o"brien@b.de', "cc": ["x@y.de"], "n": 2})
    tree, vault = masked({"arguments": arguments})
    inside = json.loads(tree["arguments"])
    assert set(vault.values.values()) == {'o"brien@b.de', "x@y.de"}
    assert inside["n"] == 2
    restored = unmask({"function": tree}, vault)["function"]["arguments"]
    assert json.loads(restored) == json.loads(arguments)


def test_what_only_begins_like_json_is_text():
    tree, _ = masked("[not json a@b.de")
    assert tree.startswith("[not json MASKED_EMAIL_")


def test_json_that_cannot_be_written_again_as_it_was_is_masked_as_text():
    for text in ('{"a": 1, "a": "x@y.de"}', f'{{"n": {2**70}, "a": "x@y.de"}}', "[" * 99 + '"x@y.de"' + "]" * 99):
        tree, vault = masked(text)
        (name,) = vault.values
        assert tree == text.replace(vault.values[name], name)


def test_json_in_a_string_keeps_its_white_space_and_escapes():
    """A model that edits a file must see it as it is."""
    text = '{\n  "to": "a@b.de",\n  "sign": "\\u00fc"\n}'
    tree, vault = masked({"content": text}, [Value("email", "a@b.de", "a@b.de")])
    (name,) = vault.values
    assert tree["content"] == text.replace("a@b.de", name)
    assert unmask(tree, vault)["content"] == text


def test_a_value_with_escapes_in_json_is_written_again_without_half_an_escape():
    text = json.dumps({"p": 'say "x@b.de"'}, indent=1)
    tree, vault = masked({"content": text}, [Value("secret", 'say \\"x@b.de\\"', 'say "x@b.de"')])
    assert json.loads(tree["content"]) == {"p": next(iter(vault.values))}


@pytest.mark.parametrize("name", ["role", "type"])
def test_a_word_of_the_protocol_is_never_replaced(name):
    tree, _ = masked({"messages": [{name: "assistant", "content": "x"}]}, [Value("w", "assistant", "assistant")])
    assert tree == {"messages": [{name: "assistant", "content": "x"}]}
    other, _ = masked({"messages": [{name: "sue@b.de"}]}, [Value("w", "sue@b.de", "sue@b.de")])
    assert other != {"messages": [{name: "sue@b.de"}]}
