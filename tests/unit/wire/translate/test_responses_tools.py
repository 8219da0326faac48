"""Tools of Responses: the caller's are mapped, the vendor's are told, and which may be called stays so."""

import pytest

from gateway.wire.translate.hub import Choice, Losses, Tool, Unsupported
from gateway.wire.translate.responses_tools import choice_of, tools_of

FUNCTION = {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}
GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: X"}


def test_functions_free_tools_and_groups():
    losses = Losses()
    group = {"type": "namespace", "name": "crm", "description": "customers", "tools": [{**FUNCTION, "name": "find"}]}
    free = {"type": "custom", "name": "patch", "description": "p", "format": GRAMMAR}
    tools = tools_of([FUNCTION, free, group], "tools", losses)

    assert tools[0] == Tool("f", "d", {"type": "object"}, strict=True)
    assert tools[1] == Tool("patch", "p", free=True, form=GRAMMAR)
    assert (tools[2].name, tools[2].namespace) == ("find", "crm")
    assert [loss.path for loss in losses.found] == ["tools[1].format", "tools[2].description"]


def test_what_the_vendor_runs_is_told_beside_others_and_refused_alone():
    losses = Losses()
    assert len(tools_of([{"type": "web_search"}, FUNCTION], "tools", losses)) == 1
    assert [loss.path for loss in losses.found] == ["tools[0]"]
    with pytest.raises(Unsupported, match=r"tools\[0\]: only its vendor has the tool web_search"):
        tools_of([{"type": "web_search"}], "tools", Losses())
    assert tools_of(None, "tools", Losses()) == ()


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, None),
        ("auto", Choice("auto")),
        ("required", Choice("required")),
        ({"type": "function", "name": "f"}, Choice("named", "f")),
        ({"type": "custom", "name": "patch"}, Choice("named", "patch")),
        ({"type": "function", "name": "find", "namespace": "crm"}, Choice("named", "crm__find")),
    ],
)
def test_which_tools_may_be_called(choice, expected):
    assert choice_of(choice, (Tool("f"),), Losses()) == (expected, (Tool("f"),))


def test_only_the_allowed_tools_are_sent():
    losses = Losses()
    allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]}
    assert choice_of(allowed, (Tool("f"), Tool("g")), losses) == (Choice("required"), (Tool("f"),))
    assert [loss.path for loss in losses.found] == ["tool_choice.tools"]


@pytest.mark.parametrize("choice", [{"type": "web_search"}, {"type": "function"}, "sometimes", 7])
def test_a_choice_that_cannot_be_kept_is_refused(choice):
    with pytest.raises(Unsupported, match=r"^tool_choice"):
        choice_of(choice, (), Losses())
