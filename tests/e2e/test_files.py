"""PDFs through a whole gateway: read by edge and egress, sent, moved or withheld."""

import json
from base64 import b64encode

import pytest
from support.stack import ROOT, stack

PDFS = ROOT / "tests" / "unit" / "deepscan" / "pdfs"


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        yield made


def data(name: str) -> str:
    return b64encode((PDFS / f"{name}.pdf").read_bytes()).decode()


def ask(own, name: str, **more):
    document = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": data(name)}}
    parts = [{"type": "text", "text": "What does it say?"}, document]
    return own.messages(parts, model="claude-sonnet", **more)


def test_a_pdf_of_text_goes_to_the_vendor_and_one_with_a_card_does_not(own):
    own.start()
    plain, again = ask(own, "fpdf2-plain"), ask(own, "reportlab-plain")
    card, form = ask(own, "fpdf2-card-on-page-2"), ask(own, "reportlab-form")

    assert [one.status_code for one in (plain, again)] == [200, 200], own.log()[-2000:]
    assert {one.headers["x-gateway-target"] for one in (plain, again)} == {"claude-sonnet"}
    sent = json.loads(own.anthropic.requests("/v1/messages")[0]["body"])
    assert sent["messages"][0]["content"][1]["source"]["data"] == data("fpdf2-plain")
    assert [one.headers.get("x-gateway-target") for one in (card, form)] == [None, None]
    assert "a payment card number in messages[0].content[1].<page 2>" in card.json()["error"]["message"]
    assert "content that cannot be read (pdf, form)" in form.json()["error"]["message"]
    assert len(own.anthropic.requests("/v1/messages")) == 2
    assert own.sglang.requests("/v1/messages") + own.sglang.requests("/v1/chat/completions") == []


def test_a_vendor_that_is_shown_no_pdf_gets_a_text_in_its_place(own):
    for target in own.document["targets"]:
        if target["id"] == "claude-sonnet":
            target["clearance"]["mask"] = [*target["clearance"].get("mask", []), "pdf"]
    own.start()
    plain, card = ask(own, "fpdf2-plain"), ask(own, "fpdf2-card-on-page-2")
    assert [one.status_code for one in (plain, card)] == [200, 200]
    bodies = [json.loads(one["body"]) for one in own.anthropic.requests("/v1/messages")]
    first, second = [body["messages"][0]["content"][1] for body in bodies]
    assert (first["type"], second["type"]) == ("document", "text")
    assert "withheld" in second["text"]


def test_without_the_reader_a_pdf_is_a_picture(own):
    own.settings["detectors"] = {"pdf": "off"}
    own.start()
    answer = ask(own, "fpdf2-plain")
    assert "content that cannot be read (pdf)" in answer.json()["error"]["message"]
    assert own.anthropic.requests("/v1/messages") == []
