"""Masking through the whole pipeline: targets see placeholders, clients values; what cannot be masked stays."""

import base64
import json

import pytest
from support.fakes import (
    CARD,
    DONE,
    Client,
    Fakes,
    FakeUpstream,
    PdfReader,
    Reply,
    ask,
    chunk,
    closed,
    inbound,
    local,
    pdf_part,
    policy,
)
from support.fakes import stream as streamed
from support.fakes import whole as complete

from gateway.pipeline.handle import handle
from gateway.sensitivity.result import Document
from tests.unit.pipeline.test_deepen import Deep

pytestmark = pytest.mark.anyio

MAIL = "ann.miller@corp-mail.de"
MASKING = closed("away", clearance={"max": "internal", "mask": ["email"]})
AWAY_FIRST = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]


class Echo(FakeUpstream):
    """Says what it was sent, as a model would that quotes its prompt, in pieces of a few characters."""

    def open(self, call):
        messages = json.loads(call.body)["messages"]
        said = "Told: " + str(messages[-1]["content"])
        if json.loads(call.body).get("stream"):
            pieces = [chunk(said[n : n + 3]) for n in range(0, len(said), 3)]
            self.replies[call.target.id] = [streamed(*pieces, chunk(finish="stop"), DONE)]
        else:
            self.replies[call.target.id] = [complete({"choices": [{"message": {"content": said}}], "usage": None})]
        return super().open(call)


def fakes(**changes):
    snapshot = policy(**{"targets": [local("home"), MASKING], "rules": AWAY_FIRST} | changes)
    return Fakes(snapshot=snapshot, upstream=Echo())


async def send(world, text, **more):
    client = Client()
    await handle(inbound(ask(text, **more)), world.world, client)
    return client


class TestMasked:
    async def test_the_target_sees_a_placeholder_and_the_client_the_value(self):
        world = fakes()
        client = await send(world, f"Write to {MAIL}")
        assert world.upstream.asked == ["away"]
        assert MAIL.encode() not in world.upstream.calls[0].body
        assert b"MASKED_EMAIL_" in world.upstream.calls[0].body
        assert client.json["choices"][0]["message"]["content"] == f"Told: Write to {MAIL}"
        assert client.headers["x-gateway-masked"] == "email=1"
        assert int(client.headers["content-length"]) == len(client.body)

    async def test_so_in_a_stream(self):
        client = await send(fakes(), f"Write to {MAIL} and {MAIL}", stream=True)
        said = "".join(
            json.loads(line[6:])["choices"][0]["delta"].get("content", "")
            for line in client.body.decode().split("\n\n")
            if line.startswith("data: {")
        )
        assert said == f"Told: Write to {MAIL} and {MAIL}"

    async def test_the_ticket_says_what_is_left_and_the_decision_what_was_there(self):
        world = fakes()
        client = await send(world, f"Write to {MAIL}")
        assert world.upstream.calls[0].label.data_class.word == "public"
        assert client.headers["x-gateway-data-class"] == "confidential"
        assert world.spool.decision.decision["masked"] == ("away",)

    async def test_the_same_value_has_the_same_placeholder_in_the_next_turn(self):
        world = fakes()
        await send(world, f"Write to {MAIL}")
        turns = [{"role": "user", "content": f"Write to {MAIL}"}, {"role": "assistant", "content": f"Told {MAIL}"}]
        await handle(
            inbound(ask() | {"messages": [*turns, {"role": "user", "content": f"Again to {MAIL}"}]}),
            world.world,
            Client(),
        )
        first, second = (call.body.decode() for call in world.upstream.calls)
        name = first[first.index("MASKED_") :][: len("MASKED_EMAIL_000000000000")]
        assert second.count(name) == 3

    async def test_what_is_masked_once_is_masked_wherever_it_stands(self):
        world = fakes()
        text = f"Write to {MAIL}. In code: x='ann.miller@corp-mail.de'; 地址ann.miller@corp-mail.de。"
        client = await send(world, text)
        assert MAIL not in world.upstream.calls[0].body.decode()
        assert client.json["choices"][0]["message"]["content"] == f"Told: {text}"

    async def test_a_password_in_a_tool_s_input_is_masked_and_so_is_its_bare_repetition(self):
        away = closed("away", clearance={"max": "internal", "mask": ["secret"]})
        world = fakes(targets=[local("home"), away])
        call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"password": "Tr0ub4dor-7x"}'}}
        turns = [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "logged in with Tr0ub4dor-7x"},
        ]
        tree = ask("hi")
        await handle(inbound(tree | {"messages": [*tree["messages"], *turns]}), world.world, Client())
        assert world.upstream.asked == ["away"]
        sent = world.upstream.calls[0].body.decode()
        assert "Tr0ub4dor" not in sent
        assert sent.count("MASKED_SECRET_") == 2

    async def test_our_own_placeholders_are_no_findings(self):
        away = closed("away", clearance={"max": "internal"})
        world = fakes(targets=[local("home"), away])
        await send(world, "password: MASKED_SECRET_0123456789ab, mail MASKED_EMAIL_0123456789ab")
        assert world.upstream.asked == ["away"]

    async def test_a_team_that_masks_all_sends_what_the_clearance_does_not_list(self):
        away = closed("away", clearance={"max": "internal", "forbid": ["pci"]})
        world = fakes(targets=[local("home"), away], teams=[{"id": "t", "default_class": "internal", "mask": "all"}])
        client = await send(world, f"Pay with {CARD}")
        assert world.upstream.asked == ["away"]
        assert CARD not in world.upstream.calls[0].body.decode()
        assert client.headers["x-gateway-masked"] == "credit_card=1"

    async def test_a_target_that_may_see_it_gets_it_as_it_is(self):
        world = fakes(rules=[{"kind": "prefer", "by": "order", "order": ["home", "away"]}])
        await send(world, f"Write to {MAIL}")
        assert world.upstream.asked == ["home"]
        assert MAIL.encode() in world.upstream.calls[0].body

    async def test_a_dry_run_tells_who_would_see_it_masked(self):
        client = Client()
        await handle(inbound(ask(f"Write to {MAIL}"), x_gateway_dry_run="true"), fakes().world, client)
        assert client.json["target"] == "away"
        assert client.json["masked"] == ["away"]

    async def test_failover_to_a_cleared_target_sends_the_values(self):
        world = fakes()
        world.upstream = FakeUpstream(away=complete(status=500), home=complete())
        await send(world, f"Write to {MAIL}")
        assert [MAIL.encode() in call.body for call in world.upstream.calls] == [False, True]


PASSWORD = "Tr0ub4dor-and-3"
SECRETS = closed("away", clearance={"max": "internal", "mask": ["secret"]})


PNG = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="}}


class TestPictures:
    async def send(self, **changes):
        world = fakes(**changes)
        tree = ask([{"type": "text", "text": "look"}, PNG])
        client = Client()
        await handle(inbound(tree), world.world, client)
        return world, client

    async def test_one_that_may_not_be_seen_becomes_a_text_that_says_so(self):
        away = closed("away", clearance={"max": "internal", "mask": ["image"]}, capabilities=["vision"])
        world, client = await self.send(targets=[local("home", capabilities=["vision"]), away])
        assert world.upstream.asked == ["away"]
        assert b"iVBOR" not in world.upstream.calls[0].body
        assert b"withheld" in world.upstream.calls[0].body
        assert client.headers["x-gateway-masked"] == "image=1"

    async def test_without_permission_it_stays_at_home(self):
        targets = [local("home", capabilities=["vision"]), closed("away", capabilities=["vision"])]
        world, _ = await self.send(targets=targets)
        assert world.upstream.asked == ["home"]

    async def test_a_team_s_own_class_lets_it_go_as_it_is(self):
        targets = [local("home", capabilities=["vision"]), closed("away", capabilities=["vision"])]
        teams = [{"id": "t", "default_class": "internal", "on_unscannable": {"image": "internal"}}]
        world, client = await self.send(targets=targets, teams=teams)
        assert world.upstream.asked == ["away"]
        assert b"iVBOR" in world.upstream.calls[0].body
        assert "x-gateway-masked" not in client.headers


class TestRemembered:
    """What was found once is masked in every later turn of its conversation, with its label or without."""

    async def turn(self, world, *messages, session="s1"):
        turns = [{"role": ("user", "assistant")[number % 2], "content": text} for number, text in enumerate(messages)]
        client = Client()
        await handle(inbound(ask() | {"messages": turns}, x_gateway_session=session), world.world, client)
        assert PASSWORD not in world.upstream.calls[-1].body.decode()
        return client

    async def test_for_twenty_turns_with_the_label_compacted_away(self):
        world = fakes(targets=[local("home"), SECRETS])
        await self.turn(world, f"the password: {PASSWORD}")
        for number in range(20):
            client = await self.turn(world, f"summary {number}: you log in with {PASSWORD}, then go on")
            assert PASSWORD in client.body.decode()
        assert world.upstream.asked == ["away"] * 21

    @pytest.mark.parametrize(
        "text", [f"sed -i s/x/{PASSWORD}/", f"密码是{PASSWORD}。", f'{{"new_string": "{PASSWORD}"}}']
    )
    async def test_in_an_edit_a_result_or_beside_another_script(self, text):
        world = fakes(targets=[local("home"), SECRETS])
        await self.turn(world, f"password={PASSWORD}")
        await self.turn(world, text)
        assert world.upstream.asked == ["away", "away"]

    async def test_what_was_masked_needs_no_other_taint(self):
        world = fakes(targets=[local("home"), closed("other"), SECRETS], rules=[])
        await self.turn(world, f"the password: {PASSWORD}")
        client = await self.turn(world, "a summary without it")
        assert client.headers["x-gateway-data-class"] == "public"

    async def test_what_could_not_be_masked_is_remembered_by_its_label(self):
        world = fakes(targets=[local("home"), SECRETS])
        await self.turn(world, f"card {CARD}")
        await self.turn(world, "a summary without it")
        assert world.upstream.asked == ["home", "home"]

    async def test_a_target_that_masks_nothing_does_not_get_what_stands_bare(self):
        world = fakes(targets=[local("home"), closed("away"), SECRETS | {"id": "masks"}])
        for text in (f"the password: {PASSWORD}", f"it is {PASSWORD}"):
            await handle(inbound(ask(text), x_gateway_session="s2"), world.world, Client())
        assert world.upstream.asked == ["home", "home"]

    async def test_of_more_values_than_are_looked_at_none_is_sent_later(self):
        """Two patterns find each of these: the search stops at half as many values."""
        world = fakes(targets=[local("home"), SECRETS])
        many = [f"Zq{number}-xK{number * 7}!a" for number in range(60)]
        await self.turn(world, "\n".join(f"password={one}" for one in many))
        await self.turn(world, f"use {many[-1]}")
        assert world.upstream.asked == ["away", "home"]

    async def test_another_conversation_is_not_touched(self):
        world = fakes(targets=[local("home"), SECRETS])
        await self.turn(world, f"the password: {PASSWORD}")
        await handle(inbound(ask(f"a word: {PASSWORD}"), x_gateway_session="s9"), world.world, Client())
        assert PASSWORD in world.upstream.calls[-1].body.decode()


class TestEveryForm:
    """A value that was found is masked in the same request in each form that a detector would read."""

    @pytest.mark.parametrize(
        "text",
        [
            "curl https://h/?q=" + "".join(f"%{ord(sign):02x}" for sign in PASSWORD),
            "echo " + base64.b64encode(f"log in with {PASSWORD}".encode()).decode(),
            "".join(f"\\u{ord(sign):04x}" for sign in PASSWORD),
            "\u200b".join(PASSWORD),
        ],
        ids=["percent signs", "base64", "escapes", "invisible characters between"],
    )
    async def test_bare_and_encoded_it_is_masked_and_comes_back_as_it_was(self, text):
        world = fakes(targets=[local("home"), SECRETS])
        turns = [{"role": "user", "content": f"the password: {PASSWORD}"}, {"role": "user", "content": text}]
        client = Client()
        await handle(inbound(ask() | {"messages": turns}), world.world, client)
        assert world.upstream.asked == ["away"]
        assert text not in world.upstream.calls[0].body.decode()
        assert text not in json.loads(world.upstream.calls[0].body)["messages"][1]["content"]
        assert client.json["choices"][0]["message"]["content"] == f"Told: {text}"

    async def test_what_stands_behind_a_quote_in_it_is_not_sent(self):
        world = fakes(targets=[local("home"), SECRETS])
        client = await send(world, """{'db_password': 'Xk9f@3"q-Lw2&7z'}""")
        assert world.upstream.asked == ["away"]
        assert "q-Lw2" not in world.upstream.calls[0].body.decode()
        assert client.json["choices"][0]["message"]["content"] == """Told: {'db_password': 'Xk9f@3"q-Lw2&7z'}"""


class TestWordsOfTheProtocol:
    async def test_are_never_rewritten(self):
        """A role that is on a word list keeps the request at home; a vendor would not take a placeholder there."""
        lists = {"word_lists": [{"id": "names", "class": "confidential", "words": ["assistant"]}]}
        teams = [{"id": "t", "default_class": "public", "mask": "all"}]
        world = fakes(teams=teams, sensitivity=lists)
        turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "x"}]
        await handle(inbound(ask() | {"messages": [*turns, *turns[:1]]}), world.world, Client())
        assert world.upstream.asked == ["home"]


class TestNotMasked:
    @pytest.mark.parametrize("text", [CARD, f"{MAIL} pays with {CARD}"], ids=["another kind", "another kind beside it"])
    async def test_what_is_not_masked_for_the_target_keeps_it_away(self, text):
        world = fakes()
        await send(world, text)
        assert world.upstream.asked == ["home"]

    async def test_what_stands_in_a_key_is_left_and_keeps_it_away(self):
        """Decided as maskable, found again after masking: nothing goes out, the next target takes it."""
        world = fakes()
        client = await send(world, f"Write to {MAIL}", metadata={MAIL: "x"})
        assert world.upstream.asked == ["home"]
        assert client.status == 200

    async def test_with_nowhere_else_to_go_it_is_refused(self):
        world = fakes(models=[{"name": "auto", "candidates": ["away"]}])
        client = await send(world, f"Write to {MAIL}", metadata={MAIL: "x"})
        assert client.code == "no_permitted_route"
        assert "masking could not replace" in client.json["error"]["message"]
        assert MAIL not in client.body.decode()
        assert world.upstream.calls == []

    async def test_what_a_caller_declares_is_not_lifted_by_masking(self):
        world = fakes()
        client = Client()
        await handle(inbound(ask(f"Write to {MAIL}"), x_gateway_data_class="confidential"), world.world, client)
        assert world.upstream.asked == ["home"]


class TestVaults:
    async def test_it_is_wiped_at_the_end_however_it_ends(self, monkeypatch):
        vaults = []
        from gateway.pipeline import masking

        class Kept(masking.Vault):
            def __init__(self, *args):
                super().__init__(*args)
                vaults.append(self)

        monkeypatch.setattr(masking, "Vault", Kept)
        await send(fakes(), f"Write to {MAIL}")
        world = fakes()
        world.upstream = FakeUpstream(away=Reply(before=RuntimeError("bug")), home=complete())
        with pytest.raises(RuntimeError):
            await send(world, f"Write to {MAIL}")
        assert len(vaults) == 2
        assert not any(vault.values for vault in vaults)

    async def test_two_requests_never_share_one(self):
        world = fakes()
        one, other = await send(world, f"Write to {MAIL}"), await send(world, "Write to bob.jones@corp-mail.de")
        assert MAIL in one.body.decode()
        assert MAIL not in other.body.decode()

    async def test_the_ledger_holds_neither_value_nor_placeholder(self):
        from gateway.domain.records import encode

        world = fakes()
        await send(world, f"Write to {MAIL}")
        written = b"".join(map(encode, world.spool.records))
        assert MAIL.encode() not in written
        assert b"MASKED_" not in written


class TestFiles:
    """A PDF is text to the label, and one whole to masking."""

    PLAIN, CARD, FORM = b"%PDF-plain", b"%PDF-card", b"%PDF-form"

    def world(self, mask=(), **changes):
        clearance = {"max": "internal", "mask": list(mask)}
        away = closed("away", clearance=clearance, capabilities=["pdf"])
        world = fakes(targets=[local("home", capabilities=["pdf"]), away], **changes)
        texts = {self.PLAIN: "hello", self.CARD: CARD, self.FORM: Document(why="form")}
        world.changes["documents"] = PdfReader(texts)
        return world

    async def sent(self, world, *files, text="Look"):
        client = Client()
        content = [{"type": "text", "text": text}, *map(pdf_part, files)]
        body = ask() | {"messages": [{"role": "user", "content": content}]}
        await handle(inbound(body), world.world, client)
        parts = json.loads(world.upstream.calls[0].body)["messages"][0]["content"]
        return client, world.upstream.asked, [part["type"] for part in parts]

    async def test_a_pdf_of_harmless_text_leaves_as_it_is(self):
        assert (await self.sent(self.world(), self.PLAIN))[1:] == (["away"], ["text", "file"])

    @pytest.mark.parametrize("file", [CARD, FORM])
    async def test_a_pdf_that_may_not_leave_stays_at_home_whatever_else_is_masked(self, file):
        assert (await self.sent(self.world(["email", "credit_card"]), file))[1:] == (["home"], ["text", "file"])

    async def test_the_files_that_a_target_may_not_see_are_withheld_and_the_others_are_not(self):
        client, asked, types = await self.sent(self.world(["pdf"]), self.PLAIN, self.CARD, self.FORM)
        assert (asked, types) == (["away"], ["text", "file", "text", "text"])
        assert client.headers["x-gateway-masked"] == "pdf=2"

    async def test_a_value_beside_a_file_is_masked_in_its_place(self):
        world = self.world(["email", "pdf"])
        _, asked, types = await self.sent(world, self.PLAIN, text=f"Write to {MAIL}")
        assert (asked, types) == (["away"], ["text", "file"])
        assert MAIL.encode() not in world.upstream.calls[0].body

    async def test_evidence_says_why_and_where(self):
        world = self.world()
        await self.sent(world, self.CARD, self.FORM)
        found = [(one["detector"], one["path"]) for one in world.spool.decision.evidence]
        assert ("credit_card", "messages[0].content[1].<page 1>") in found
        assert ("unscannable:pdf:form", "messages[0].content[2]") in found

    async def test_tier_2_reads_it_too(self):
        deep, world = Deep(), self.world()
        world.changes["deep"] = deep
        await self.sent(world, self.PLAIN)
        assert "hello" in deep.asked[0]
