"""A client may hang up at any moment. Whenever it does: one settlement an attempt, one end, nothing held or open, and
the conversation remembers what its client has seen."""

import anyio
import pytest
from support.fakes import (
    DONE,
    ROLE,
    USAGE,
    Client,
    Fakes,
    FakeUpstream,
    Reply,
    ask,
    budget,
    chunk,
    closed,
    completion,
    inbound,
    local,
    policy,
    stream,
    whole,
)
from support.suspending import at_every_point

from gateway.domain.records import DecisionMade, Finished
from gateway.pipeline import masking
from gateway.pipeline.handle import handle
from gateway.ports import UpstreamBroken
from gateway.sensitivity.vault import Vault

MAIL = "jane.miller@kontor-12.de"
GOOD = (ROLE, chunk("Hel"), chunk("lo"), chunk(finish="stop"), USAGE, DONE)
NUMBER = (ROLE, chunk("Your card is 4539 1488 "), chunk("0343 6467."), chunk(finish="stop"), USAGE, DONE)
FAILED = whole({"error": {"message": "boom"}}, status=500)
MASKED = {
    "targets": [local("home"), closed("away", clearance={"max": "public", "mask": ["email"]})],
    "rules": [{"kind": "prefer", "by": "order", "order": ["away", "home"]}],
}
SCENES = {
    "whole": (whole(), whole(), False, {}),
    "streamed": (stream(*GOOD), whole(), True, {}),
    "failover": (FAILED, whole(), False, {}),
    "failover, streamed": (Reply(before=UpstreamBroken("none", sent=False)), stream(*GOOD), True, {}),
    "cut off late": (stream(ROLE, chunk("x"), UpstreamBroken("cut", sent=True)), whole(), True, {}),
    "without an end": (stream(ROLE, chunk("x")), whole(), True, {}),
    "all fail": (FAILED, FAILED, False, {}),
    "vendor": (whole(), whole(completion("Your card is 4539 1488 0343 6467.")), False, MASKED),
    "vendor, streamed": (whole(), stream(*NUMBER), True, MASKED),
    "no budget left": (whole(), whole(), False, {"teams": budget(0.000001)}),
}


def scene(name: str) -> Fakes:
    home, away, _, changes = SCENES[name]
    changes = {"teams": budget(100)} | changes
    return Fakes(snapshot=policy(**changes), upstream=FakeUpstream(home=home, away=away))


def runs(name: str, text: str = "Hello"):
    async def serve(fakes: Fakes, client: Client) -> None:
        await handle(inbound(ask(text, stream=SCENES[name][2]), x_gateway_session="s"), fakes.world, client)

    return at_every_point(lambda: scene(name), serve)


@pytest.mark.parametrize("name", SCENES)
def test_the_books_are_closed_wherever_the_client_hangs_up(name):
    seen = 0
    for run in runs(name):
        spool, fakes = run.fakes.spool, run.fakes
        where = run.points.where
        assert sorted(one.id for one in spool.started) == sorted(one.id for one in spool.settled), where
        if spool.records:
            assert len(spool.of(DecisionMade)) == len(spool.of(Finished)) == 1, where
            assert len(fakes.observer.exchanges) == 1, where
            assert spool.finished.cost == sum(one.cost for one in spool.settled), where
            assert fakes.state.spent("t") == spool.finished.cost, where
        assert (fakes.held, fakes.board.running, fakes.upstream.open_now) == (0, 0, 0), where
        if run.client.done and run.client.status == 200:
            assert spool.durable == len(spool.records), where
        seen += 1
    assert seen > 5


def carried(run) -> set[str]:
    found = anyio.run(run.fakes.sessions.find, "t", list(run.fakes.sessions._inner._teams.get("t", {})))
    return {part.kind for parts in found for part in parts}


@pytest.mark.parametrize("name", ["vendor", "vendor, streamed"])
def test_what_a_client_saw_of_a_vendors_answer_stays_with_its_conversation(name):
    seen = 0
    for run in runs(name):
        if b"4539 1488" in run.client.body and b"0343 6467" in run.client.body:
            seen += 1
            assert "credit_card" in carried(run), run.points.where
    assert seen > 1


def test_no_masked_value_is_kept_wherever_the_client_hangs_up(monkeypatch):
    vaults = []

    class Kept(Vault):
        def __init__(self, *args):
            super().__init__(*args)
            vaults.append(self)

    monkeypatch.setattr(masking, "Vault", Kept)
    for run in runs("vendor, streamed", f"Write to {MAIL}"):
        assert all(not vault.values for vault in vaults), run.points.where
    assert vaults


def test_no_masked_value_is_kept_where_the_attempt_cannot_be_paid(monkeypatch):
    vaults = []

    class Kept(Vault):
        def __init__(self, *args):
            super().__init__(*args)
            vaults.append(self)

    monkeypatch.setattr(masking, "Vault", Kept)

    async def serve() -> Client:
        client, changes = Client(), MASKED | {"teams": budget(0.000001)}
        fakes = Fakes(snapshot=policy(**changes), upstream=FakeUpstream(home=whole(), away=whole()))
        await handle(inbound(ask(f"Write to {MAIL}")), fakes.world, client)
        return client

    assert anyio.run(serve).status == 429
    assert vaults
    assert not any(vault.values for vault in vaults)
