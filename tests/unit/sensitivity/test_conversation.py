"""The chain: a request knows its own past, and nobody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import DataClass, Label, Part
from gateway.sensitivity.conversation import DECLARED, conversation

PART = Label(DataClass.RESTRICTED)


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def known(*turns, team="t", key="k", session="", secret=b"s", **more):
    return conversation({"messages": list(turns)} | more, team=team, key=key, session=session, secret=secret)


class TestLinks:
    def test_a_later_request_holds_the_links_of_an_earlier_one(self):
        first = known(user("a"))
        later = known(user("a"), assistant("b"), user("c"))
        assert set(first.links) < set(later.links)

    def test_a_fork_shares_what_stands_before_it(self):
        one, other = known(user("a"), user("b")), known(user("a"), user("c"))
        assert one.links[0] == other.links[0]
        assert one.links[1] != other.links[1]

    def test_the_assistants_words_do_not_count(self):
        assert (
            known(user("a"), assistant("b"), user("c")).links[-1]
            == known(user("a"), assistant("x"), user("c")).links[-1]
        )

    def test_a_tools_result_counts(self):
        one, other = ({"role": "tool", "tool_call_id": "1", "content": text} for text in ("a", "b"))
        assert known(user("a"), one).links != known(user("a"), other).links

    @pytest.mark.parametrize("name", ["team", "secret", "system"])
    def test_another_team_secret_or_system_prompt_is_another_conversation(self, name):
        values = {"team": "u", "secret": b"x", "system": "Be brief"}
        assert not set(known(user("a")).links) & set(known(user("a"), **{name: values[name]}).links)

    def test_a_text_in_one_part_is_the_text_and_a_cache_mark_is_nothing(self):
        parts = [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]
        assert known(user(parts)).links == known(user("a")).links

    @given(
        st.lists(st.tuples(st.sampled_from(["user", "assistant", "tool", "system"]), st.text(max_size=5)), max_size=8)
    )
    def test_there_is_a_link_a_turn_and_a_prefix_keeps_its_links(self, turns):
        turns = [{"role": role, "content": text} for role, text in turns]
        links = known(*turns).links
        assert len(links) == len(turns)
        assert known(*turns[:-1]).links == links[:-1]


class TestCarried:
    TURNS = (user("a"), assistant("b"), user("c"), user("d"))

    def test_a_part_taints_its_turns_link_which_every_later_request_holds_and_no_earlier_one(self):
        seen = known(*self.TURNS)
        (tainted,) = seen.carried(Part("email", PART, 2))
        assert tainted == seen.links[2]
        assert tainted in known(*self.TURNS, assistant("e"), user("f")).keys
        assert tainted not in known(*self.TURNS[:2]).keys

    def test_a_turn_of_the_assistant_taints_the_link_after_it(self):
        seen = known(*self.TURNS)
        assert seen.carried(Part("email", PART, 1)) == (seen.links[2],)

    def test_what_stands_before_the_first_turn_that_counts_taints_nothing_that_others_share(self):
        greeting = known(assistant("card"), session="")
        assert greeting.carried(Part("email", PART, 0)) == ()
        assert greeting.carried(Part("email", PART)) == ()

    def test_an_answer_taints_its_callers_own_conversations_only(self):
        ours = known(user("Hi"))
        tainted = ours.carried(Part("email", PART), answered=True)
        assert set(tainted) <= set(known(user("Hi"), assistant("b"), user("c")).keys)
        assert not set(tainted) & set(known(user("Hi"), assistant("b"), user("c"), key="other").keys)

    def test_the_same_words_said_again_are_no_conversation_yet(self):
        """A vendor that answers them with an address must not close itself to the next caller who says them."""
        first = known(user("Hi"))
        assert not set(first.carried(Part("email", PART), answered=True)) & set(known(user("Hi")).keys)
        assert not set(first.carried(Part(DECLARED, PART))) & set(known(user("Hi")).keys)

    def test_what_stands_outside_of_the_turns_taints_the_conversation_as_it_is_now(self):
        seen = known(*self.TURNS)
        assert seen.carried(Part("email", PART)) == seen.links[-1:]

    def test_what_a_caller_declares_taints_its_own_conversations_only(self):
        later = (*self.TURNS, assistant("e"), user("f"))
        tainted = known(*self.TURNS).carried(Part(DECLARED, PART))
        assert set(tainted) <= set(known(*later).keys)
        assert not set(tainted) & set(known(*later, key="other").keys)

    def test_an_id_is_tainted_as_a_whole(self):
        assert "s:x" in known(*self.TURNS, session="x").carried(Part("email", PART, 3))

    def test_a_request_without_turns_has_no_links(self):
        assert conversation({}, team="t", key="k", session="", secret=b"s").carried(Part("email", PART)) == ()


def item(kind, **more):
    return {"type": kind, **more}


class TestEarlier:
    """What represents the request before: without it a conversation looks like an older one."""

    @pytest.mark.parametrize(
        "turns",
        [
            [],
            [user("a")],
            [{"role": "system", "content": "s"}, user("a")],
            [{"role": "developer", "content": "s"}, {"role": "system", "content": "s"}, user("a")],
        ],
    )
    def test_nothing_answered_is_a_beginning(self, turns):
        assert known(*turns).earlier == ""

    def test_under_an_id_nobody_can_tell(self):
        assert known(user("a"), session="s").earlier is None

    def test_turns_whose_answers_were_taken_away_are_no_beginning(self):
        assert known(user("a"), user("b")).earlier is None

    def test_an_answer_to_nothing_is_no_beginning(self):
        assert known(assistant("a"), user("b")).earlier is None

    @pytest.mark.parametrize(
        "turns",
        [
            [user("a"), assistant("b"), user("c")],
            [user("a"), assistant("b"), assistant("c"), {"role": "tool", "content": "d"}, user("e")],
            [user("a"), item("reasoning"), item("function_call"), item("function_call_output", output="x")],
            [user("a"), assistant("b")],
        ],
    )
    def test_it_is_the_request_that_the_last_answer_was_given_to(self, turns):
        assert known(*turns).earlier == known(user("a")).now

    def test_it_is_that_callers_alone(self):
        turns = (user("a"), assistant("b"), user("c"))
        assert known(*turns).earlier != known(*turns, key="other").earlier
