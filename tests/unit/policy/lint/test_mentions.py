"""The names in a condition are read from its text; what is not understood is passed over."""

import pytest

from gateway.policy.lint.mentions import Mention, mentions


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("team == 'a'", ["a"]),
        ("'a' != team", ["a"]),
        ('team in ["a", "b"] || !(team in [\'c\'])', ["a", "b", "c"]),
        ("team == '''a''' && team == r'b'", ["a", "b"]),
        ("team == 'a' && 'b' == team || team == 'c'", ["a", "b", "c"]),
        ("data_class == RESTRICTED && hour > 8", []),
        ("user == 'a' || session == 'b'", []),
        ("'team == x' == session", []),
        ("team == 'a\\u0041'", []),
        ("team == session", []),
        ("[team] == ['a']", []),
        ("team.matches('a.*')", []),
        ("team == ''", []),
        ("size(team) == 3", []),
    ],
)
def test_a_team_is_read_from_comparisons_and_lists(condition, names):
    assert list(mentions(condition)) == [Mention("team", name) for name in names]


@pytest.mark.parametrize(
    ("condition", "glob"),
    [
        ("model.startsWith('gpt-')", "gpt-*"),
        ("model.endsWith('mini')", "*mini"),
        ("model.contains('o3')", "*o3*"),
        ("model.startsWith('a[b*')", "a[[]b[*]*"),
    ],
)
def test_a_part_of_a_name_is_a_glob(condition, glob):
    assert list(mentions(condition)) == [Mention("model", glob, is_glob=True)]


def test_each_name_belongs_to_its_variable():
    condition = "'pii' in categories && task == 'code' && (dialect != 'openai.chat' || key in ['k']) && model == 'm'"

    assert list(mentions(condition)) == [
        Mention("categories", "pii"),
        Mention("task", "code"),
        Mention("dialect", "openai.chat"),
        Mention("key", "k"),
        Mention("model", "m"),
    ]
