"""Masking replaces findings and nothing else, also inside of a tool's arguments."""

import json
import re
from dataclasses import dataclass

from gateway.sensitivity.mask import mask
from gateway.sensitivity.unmask import unmask
from gateway.sensitivity.vault import Vault


@dataclass
class Place:
    start: int
    end: int
    kind: str = "email"


def find(text):
    return [Place(*match.span()) for match in re.finditer(r"[\w.'\"\\]+@[\w.]+", text)]


def masked(node):
    vault = Vault(b"s", "c")
    return mask(node, find, vault), vault


def test_each_finding_becomes_its_placeholder_and_the_rest_stays():
    tree, vault = masked({"messages": [{"role": "user", "content": "from a@b.de to c@d.de, a@b.de"}], "n": 1})
    a, c = vault.values
    assert tree == {"messages": [{"role": "user", "content": f"from {a} to {c}, {a}"}], "n": 1}


def test_keys_stay_for_nobody_could_restore_them():
    tree, vault = masked({"a@b.de": 1})
    assert tree == {"a@b.de": 1}
    assert not vault.values


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
