"""Placeholders: one a value, of one conversation, never taken for another."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.sensitivity.vault import Vault


def vault(team="c", prompt="", secret=b"s"):
    return Vault(secret, team, prompt)


def test_the_same_value_has_the_same_placeholder_in_every_request_of_a_team():
    assert vault().placeholder("email", "a@b.de") == vault().placeholder("email", "a@b.de")


def test_another_team_or_secret_has_another():
    placeholder = vault().placeholder("email", "a@b.de")
    assert placeholder != vault("d").placeholder("email", "a@b.de")
    assert placeholder != vault(secret=b"x").placeholder("email", "a@b.de")


@given(st.lists(st.text(min_size=1), unique=True, max_size=20))
def test_two_values_never_share_one_and_none_begins_another(values):
    one = vault()
    names = [one.placeholder("email", value) for value in values]
    assert len(set(names)) == len(values)
    assert not any(a != b and a.startswith(b) for a in names for b in names)
    assert [one.values[name] for name in names] == values


def test_a_placeholder_that_came_back_in_the_prompt_is_still_that_of_its_value():
    would_be = vault().placeholder("email", "a@b.de")
    assert vault(prompt=f"see {would_be}").placeholder("email", "a@b.de") == would_be


def test_it_says_how_many_values_of_which_kind():
    one = vault()
    for kind, value in [("email", "a"), ("email", "b"), ("email", "a"), ("phone", "c")]:
        one.placeholder(kind, value)
    assert one.kinds() == [("email", 2), ("phone", 1)]


def test_wiped_it_knows_nothing():
    one = vault()
    one.placeholder("email", "a@b.de")
    one.wipe()
    assert not one.values
    assert one.kinds() == []


class TestMangled:
    """What looks like a placeholder and is none is counted, never guessed at."""

    def counted(self, text):
        one = vault(prompt="MASKED_EMAIL_000000000000 is ours")
        one.placeholder("email", "a@b.de")
        one.note_unknown(text.replace("@", next(iter(one.values))))
        return one.unknown

    def test_a_known_one_and_one_of_the_prompt_are_not_counted(self):
        assert self.counted("@ and MASKED_EMAIL_000000000000") == 0

    def test_another_case_spaces_and_a_lost_digit_are(self):
        assert self.counted("masked_email_123456789abc") == 1
        assert self.counted("MASKED EMAIL 123456789abc, Masked-Email-12345678901") == 2

    def test_prose_is_not(self):
        assert self.counted("The masked man emailed 12345678 people; unmasked.") == 0
