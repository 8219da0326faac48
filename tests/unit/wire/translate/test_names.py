"""Names of tools fit the vendor's rules, stay apart, and are found again."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.translate.hub import Tool
from gateway.wire.translate.names import CHAT_LONGEST, MESSAGES_LONGEST, Known, fitted, in_namespace, known_as


@given(st.text(min_size=0, max_size=200), st.sampled_from([CHAT_LONGEST, MESSAGES_LONGEST]))
def test_every_name_fits_and_one_that_may_be_is_left_alone(name, longest):
    sent = fitted(name, longest)

    assert re.fullmatch(rf"[a-zA-Z0-9_-]{{1,{longest}}}", sent)
    assert fitted(sent, longest) == sent


@given(st.sets(st.text(max_size=100), max_size=8))
def test_different_names_stay_different_and_are_found_again(names):
    back = known_as([Tool(name) for name in names], CHAT_LONGEST)
    sent = {fitted(name, CHAT_LONGEST) for name in names}

    assert len(sent) == len(names)
    assert {back[one].name if one in back else one for one in sent} == names


def test_tools_of_two_groups_with_one_name_stay_apart_and_free_ones_are_known():
    tools = [Tool("find", namespace="a"), Tool("find", namespace="b"), Tool("patch", free=True), Tool("plain")]

    assert known_as(tools, CHAT_LONGEST) == {
        in_namespace("find", "a"): Known("find", "a"),
        in_namespace("find", "b"): Known("find", "b"),
        "patch": Known("patch", free=True),
    }


def test_a_long_name_of_an_mcp_tool_keeps_its_beginning():
    name = "mcp__company-internal-knowledge-base__search_documents_by_owner_and_department"
    assert fitted(name, CHAT_LONGEST).startswith("mcp__company-internal-knowledge-base__")
    assert fitted(name, MESSAGES_LONGEST) == name
