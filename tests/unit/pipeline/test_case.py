"""A decided request: where its target is, and what it was found with."""

import pytest
from support.fakes import CARD, Client, Fakes, FakeUpstream, ask, inbound, policy, whole

from gateway.pipeline import handle as module
from gateway.pipeline.case import server_of
from gateway.pipeline.handle import handle


@pytest.mark.parametrize(
    ("endpoint", "server"),
    [
        ("http://sglang-0:30000", "sglang-0:30000"),
        ("https://api.openai.com/v1", "api.openai.com"),
        ("http://user:secret@host:1/x", "host:1"),
        ("http://[::1]:5", "[::1]:5"),
        ("", ""),
    ],
)
def test_a_server_is_named_without_credentials_and_path(endpoint, server):
    assert server_of(endpoint) == server


async def case_of(monkeypatch, *texts, **changes):
    """The case of the last of several requests of one conversation."""
    cases, decided = [], module._decided

    async def noted(*arguments, **more):
        cases.append(await decided(*arguments, **more))
        return cases[-1]

    monkeypatch.setattr(module, "_decided", noted)
    world = Fakes(snapshot=policy(**changes), upstream=FakeUpstream(home=whole(), vendor=whole()))
    for text in texts:
        await handle(inbound(ask(text), x_gateway_session="s"), world.world, Client())
    return cases[-1]


@pytest.mark.anyio
async def test_evidence_says_what_was_found_where_and_never_the_text(monkeypatch):
    case = await case_of(monkeypatch, f"pay with {CARD}")

    (found,) = [one for one in case.evidence if one["detector"] == "credit_card"]
    assert found["path"].endswith("content")
    assert CARD not in str(case.evidence)


@pytest.mark.anyio
async def test_a_ranked_entry_leads_to_its_target(monkeypatch):
    case = await case_of(monkeypatch, "Hello")

    assert [case.target(one).id for one in case.decision.ranked] == [one.target for one in case.decision.ranked]
    assert case.snapshot is case.request.snapshot
    assert case.team.id == case.facts.team
