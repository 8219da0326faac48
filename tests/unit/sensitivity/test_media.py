"""Parts that are not text: which kind, which are read all the same, and what replaces one that is withheld."""

import pytest

from gateway.domain.label import DataClass, Label
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.mask import mask
from gateway.sensitivity.media import kind_of, part_kind
from gateway.sensitivity.scan import scanner_for
from gateway.sensitivity.vault import Vault

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}}
FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjQK"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
ITEM = {"type": "input_image", "image_url": "https://example.com/a.png"}
TEXT = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "a card 4539 1488 0343 6467"},
}
BLOB = {"type": "file", "file": {"file_id": "file-1"}}


def scan(part, **spec):
    tree = {"messages": [{"role": "user", "content": [part]}]}
    return scanner_for(SensitivitySpec(**spec)).scan(tree)


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (IMAGE, "image"),
        (PICTURE, "image"),
        (ITEM, "image"),
        (PDF, "pdf"),
        (FILE, "pdf"),
        (SOUND, "audio"),
        (BLOB, "file"),
    ],
)
def test_each_kind_adds_a_part_of_its_own(part, kind):
    assert [one.kind for one in scan(part).parts] == [f"unscannable:{kind}"]


def test_a_document_of_text_is_read():
    assert "credit_card" in [one.kind for one in scan(TEXT).parts]
    assert not scan({**TEXT, "source": {**TEXT["source"], "data": "nothing"}}).parts


def test_a_kind_has_the_class_that_policy_gives_it_and_a_team_that_of_its_own():
    spec = {"unscannable": (("image", DataClass.INTERNAL),)}

    assert scan(IMAGE, **spec).label == Label(DataClass.INTERNAL)
    assert scan(PDF, **spec).label == Label(DataClass.RESTRICTED)
    tree = {"messages": [{"role": "user", "content": [PDF]}]}
    own = (("pdf", DataClass.CONFIDENTIAL),)
    assert scanner_for(SensitivitySpec(**spec)).scan(tree, unscannable=own).label == Label(DataClass.CONFIDENTIAL)


def test_what_nobody_knows_is_of_the_unknown_kind():
    assert (kind_of("hologram"), part_kind("hologram")) == ("unknown", "unscannable")


@pytest.mark.parametrize("part", [IMAGE, PICTURE, PDF, FILE, SOUND, ITEM])
def test_what_is_withheld_becomes_a_text_that_says_so(part):
    vault = Vault(b"s", "t")
    text = {"type": "text", "text": "look"}
    tree = mask({"messages": [{"role": "user", "content": [text, part]}]}, [], vault, lambda *_: True)
    first, second = tree["messages"][0]["content"]
    assert first == text
    assert second["type"] == ("input_text" if part is ITEM else "text")
    assert "withheld" in second["text"]
    assert [count for _, count in vault.kinds()] == [1]


def test_a_picture_in_a_tool_s_result_is_withheld_and_one_in_its_schema_is_not_a_picture():
    vault = Vault(b"s", "t")
    result = {"type": "tool_result", "tool_use_id": "1", "content": [PICTURE]}
    schema = {"name": "draw", "input_schema": {"properties": {"content": {"type": "image"}}}}
    use = {"type": "tool_use", "id": "1", "name": "draw", "input": {"content": {"type": "image"}}}
    turns = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    tree = mask({"messages": turns, "tools": [schema]}, [], vault, lambda *_: True)

    assert tree["messages"][0]["content"] == [use]
    assert tree["messages"][1]["content"][0]["content"][0]["type"] == "text"
    assert tree["tools"] == [schema]
