"""Names of tools fit the vendor's rules, stay apart, and are found again."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.translate.names import CHAT_LONGEST, MESSAGES_LONGEST, fitted, renamed


@given(st.text(min_size=0, max_size=200), st.sampled_from([CHAT_LONGEST, MESSAGES_LONGEST]))
def test_every_name_fits_and_one_that_may_be_is_left_alone(name, longest):
    sent = fitted(name, longest)

    assert re.fullmatch(rf"[a-zA-Z0-9_-]{{1,{longest}}}", sent)
    assert fitted(sent, longest) == sent


@given(st.sets(st.text(max_size=100), max_size=8))
def test_different_names_stay_different_and_are_found_again(names):
    back = renamed(names, CHAT_LONGEST)

    assert len({fitted(name, CHAT_LONGEST) for name in names}) == len(names)
    assert {back.get(fitted(name, CHAT_LONGEST), fitted(name, CHAT_LONGEST)) for name in names} == names


def test_a_long_name_of_an_mcp_tool_keeps_its_beginning():
    name = "mcp__company-internal-knowledge-base__search_documents_by_owner_and_department"
    assert fitted(name, CHAT_LONGEST).startswith("mcp__company-internal-knowledge-base__")
    assert fitted(name, MESSAGES_LONGEST) == name
