"""A secret is found whole: quotes inside of it do not end it."""

import json

import pytest

from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import scanner_for
from gateway.sensitivity.walk import walk

SECRETS = ['Xk9/f@3"q-Lw2&7z', "Xk9/f@3'q-Lw2&7z", "Xk9f`q-Lw2<7>z"]


def found(content):
    tree = {"messages": [{"role": "user", "content": content}]}
    assert walk(tree)
    values = scanner_for(SensitivitySpec()).values(tree, (), lambda _: True, lambda _: False)
    return {value.read for value in values}


@pytest.mark.parametrize("secret", SECRETS)
class TestWhole:
    def test_in_json_whose_quotes_are_escaped(self, secret):
        assert found(json.dumps({"db_password": secret})) == {secret}

    def test_in_json_inside_of_json(self, secret):
        assert found(json.dumps({"cmd": json.dumps({"db_password": secret})})) == {secret}

    def test_in_a_literal_of_code(self, secret):
        assert found(f"password = {secret!r}") == {secret}

    def test_as_the_value_of_a_tool_s_input(self, secret):
        part = {"type": "tool_use", "id": "t1", "name": "login", "input": {"password": secret, "host": "db"}}
        assert found([part]) == {secret}


@pytest.mark.parametrize("secret", SECRETS[:2])
def test_without_quotes_around_it(secret):
    assert found(f"password: {secret}\n") == {secret}
    assert found(f"my password is {secret} and more") == {secret}


@pytest.mark.parametrize(
    "text",
    [
        '{"password": "hunter2-Zz9q", "user": "bob"}',
        "mysql 'password=hunter2-Zz9q'",
        'x = {"cmd": "login", "password": "hunter2-Zz9q"}, {"b": "c"}',
        "password = 'hunter2-Zz9q' or 'x'",
        '"{\\"password\\": \\"hunter2-Zz9q\\", \\"user\\": \\"bob\\"}"',
        "password: hunter2-Zz9q\nuser: 'x'",
    ],
)
def test_what_is_behind_it_is_no_part_of_it(text):
    assert found(text) == {"hunter2-Zz9q"}
