"""A request knows its own past, and nobody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import DataClass, Label, Part
from gateway.sensitivity.conversation import DECLARED, conversation
from gateway.sensitivity.said import Said

PART = Label(DataClass.RESTRICTED)


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def known(*turns, team="t", key="k", session="", secret=b"s", **more):
    return conversation({"messages": list(turns)} | more, team=team, key=key, session=session, secret=secret)


class TestPlaces:
    def test_a_later_request_repeats_the_answer_of_an_earlier_one_at_its_place(self):
        first = known(user("a"))
        later = known(user("a"), assistant("b"), user("c"))
        assert [answer.place for answer in later.answers] == [first.here]
        assert [answer.key for answer in later.answers] == list(first.answer_keys(Said("b"), b"s"))

    def test_a_fork_keeps_the_answers_before_it_and_no_others(self):
        talk = (user("a"), assistant("b"), user("c"), assistant("d"))
        fork = (user("a"), assistant("b"), user("x"), assistant("d"))
        assert known(*talk).answers[0] == known(*fork).answers[0]
        assert known(*talk).answers[1].place != known(*fork).answers[1].place

    def test_other_words_of_the_assistant_are_another_answer_at_the_same_place(self):
        (one,), (other,) = (known(user("a"), assistant(text)).answers for text in ("b", "x"))
        assert one.place == other.place
        assert one.key != other.key

    def test_a_tools_result_is_said_to_the_model(self):
        one, other = ({"role": "tool", "tool_call_id": "1", "content": text} for text in ("a", "b"))
        assert known(user("a"), one).here != known(user("a"), other).here

    @pytest.mark.parametrize("name", ["team", "secret"])
    def test_another_team_or_secret_is_another_place(self, name):
        values = {"team": "u", "secret": b"x"}
        assert known(user("a")).here != known(user("a"), **{name: values[name]}).here

    @pytest.mark.parametrize("role", ["system", "developer"])
    def test_instructions_are_no_place_because_clients_write_the_time_into_them(self, role):
        now, then = ({"role": role, "content": f"It is {hour} o'clock"} for hour in (8, 9))
        assert known(now, user("a")).here == known(then, user("a")).here == known(user("a"), system="x").here

    def test_a_text_in_one_part_is_the_text_and_a_cache_mark_is_nothing(self):
        parts = [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]
        assert known(user(parts)).here == known(user("a")).here

    def test_a_greeting_before_anybody_asked_is_no_answer(self):
        assert known(assistant("How can I help?"), user("a")).answers == ()
        assert known(assistant("How can I help?"), user("a")).here != known(user("a")).here

    def test_an_answer_that_was_cut_into_turns_is_one(self):
        parts = known(user("a"), assistant("b"), assistant("c"), user("d"))
        assert parts.answers == known(user("a"), assistant("bc"), user("d")).answers

    def test_an_answer_whose_beginning_the_caller_wrote_is_known_with_it_and_without(self):
        keys = known(user("a"), assistant("Once ")).answer_keys(Said("upon a time"), b"s")
        for text in ("upon a time", "Once upon a time"):
            assert known(user("a"), assistant(text), user("d")).answers[0].key in keys

    @given(
        st.lists(st.tuples(st.sampled_from(["user", "assistant", "tool", "system"]), st.text(max_size=5)), max_size=8)
    )
    def test_a_later_request_keeps_all_answers_but_one_that_goes_on(self, turns):
        turns = [{"role": role, "content": text} for role, text in turns]
        earlier, later = known(*turns).answers, known(*turns, user("more")).answers
        assert later == earlier

    def test_a_request_without_turns_has_no_place(self):
        nothing = conversation({}, team="t", key="k", session="", secret=b"s")
        assert nothing.here == ""
        assert nothing.answer_keys(Said("a"), b"s") == ()


@pytest.mark.parametrize(
    "odd",
    [None, 1, "x", [], [None], {"role": ["x"]}, {"type": 1}, {"role": "assistant", "content": {"a": 1}},
     {"role": "assistant", "content": [["x"]], "tool_calls": {"a": 1}}, {"role": "assistant", "content": "\ud800"}],
)  # fmt: skip
def test_odd_turns_break_nothing(odd):
    assert known(user("a"), odd, assistant("b"), user("c")).answers


class TestScope:
    """What is found in turns belongs to all who say the same; the rest is the caller's own."""

    def test_a_part_of_a_turn_is_everybodys(self):
        part = Part("iban", PART, 2)
        assert known(user("a"), key="other").unscoped(known(user("a")).scoped(part)) == part

    @pytest.mark.parametrize("part", [Part("iban", PART), Part("iban", PART, 0), Part(DECLARED, PART, 1)])
    def test_what_is_outside_or_declared_is_its_callers_alone(self, part):
        kept = known({"role": "system", "content": "x"}, user("a")).scoped(part)
        assert known(user("a")).unscoped(kept) == Part(part.kind, PART)
        assert known(user("a"), key="other").unscoped(kept) is None


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
