import pytest

from gateway.policy.diff.change import Kind
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.labelling import default_class, detector, mode, team_unscannable, unscannable

CUSTOM = ("custom", "ticket")


@pytest.mark.parametrize(
    ("field", "before", "after", "kind"),
    [
        ("validator", "none", "luhn", Kind.WIDENS),
        ("validator", "luhn", "mod97", Kind.WIDENS),
        ("validator", "luhn", "none", Kind.NARROWS),
        ("within", 40, 80, Kind.NARROWS),
        ("case_sensitive", False, True, Kind.WIDENS),
        ("categories", ["pii"], [], Kind.WIDENS),
        ("likely", "restricted", "internal", Kind.WIDENS),
        ("likely", None, "internal", Kind.WIDENS),
        ("likely", "internal", None, Kind.NARROWS),
        ("context", [], ["case"], Kind.WIDENS),
        ("context", ["case"], ["case", "ticket"], Kind.NARROWS),
    ],
)
def test_what_finds_less_widens(field, before, after, kind):
    assert [effect.kind for effect in detector(Edit((*CUSTOM, field), before, after))] == [kind]


def test_words_of_a_list_are_counted_not_shown():
    (effect,) = detector(Edit(("word_lists", "customers", "words"), ["acme", "bolt"], ["acme"]))

    assert effect.what == "word list customers: 1 words fewer, 0 more"


def test_a_default_class_names_the_targets_that_it_opens(base):
    edit = Edit(("teams", "support", "default_class"), "confidential", "internal")

    (effect,) = default_class(edit, base.snapshot, base.snapshot)

    assert (effect.kind, effect.targets) == (Kind.WIDENS, ("gpt", "sonnet"))


def test_the_mode_of_a_new_team_is_reported_with_the_team():
    assert mode(Edit(("modes", "new"), None, "observe")) == []
    assert mode(Edit(("modes", ""), "enforce", "observe"))[0].teams == ("(any new team)",)


def test_kinds_of_what_cannot_be_scanned_are_judged_apart(base):
    apart = {
        "image": "internal",
        "audio": "restricted",
        "pdf": "restricted",
        "file": "restricted",
        "unknown": "restricted",
    }

    (effect,) = unscannable(Edit(("settings", "on_unscannable"), "restricted", apart))

    assert (effect.kind, effect.label) == (Kind.WIDENS, "what cannot be scanned (image): restricted → internal")
    (team,) = team_unscannable(
        Edit(("teams", "t", "on_unscannable"), {}, {"pdf": "internal"}), base.snapshot, base.snapshot
    )
    assert (team.kind, team.teams) == (Kind.WIDENS, ("t",))
    (back,) = team_unscannable(
        Edit(("teams", "t", "on_unscannable"), {"pdf": "internal"}, {}), base.snapshot, base.snapshot
    )
    assert back.kind is Kind.NARROWS
