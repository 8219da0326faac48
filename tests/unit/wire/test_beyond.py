"""What a vendor reads beyond the bytes of a request is counted, or said to be without a bound."""

import pytest

from gateway.domain.facts import UNBOUNDED
from gateway.wire.beyond import anthropic_beyond, files, openai_beyond

PICTURE = {"type": "image", "source": {"type": "url", "url": "https://pictures.example/1.png"}}
PDF = {"type": "document", "source": {"type": "url", "url": "https://files.example/1.pdf"}}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}


def said(*parts):
    return [{"role": "user", "content": [{"type": "text", "text": "Look."}, *parts]}]


@pytest.mark.parametrize(
    ("tree", "parts", "found"),
    [
        ({}, [], (0, 0)),
        ({"tools": [{"name": "a", "input_schema": {}}, {"type": "custom", "name": "b"}]}, [], (0, 0)),
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, [], (0, 0)),
        ({"tools": [SEARCH | {"max_uses": 3}]}, [PICTURE], (1, 3)),
        ({"tools": [SEARCH | {"max_uses": 3}, {"type": "web_fetch_20250910", "max_uses": 2}]}, [PDF], (0, 6)),
        ({"tools": [SEARCH]}, [], (0, UNBOUNDED)),
        ({"tools": [SEARCH | {"max_uses": True}]}, [], (0, UNBOUNDED)),
        ({"tools": [SEARCH | {"max_uses": 10**9}]}, [], (0, UNBOUNDED)),
        ({"tools": [{"type": "code_execution_20250522"}]}, [PICTURE], (1, UNBOUNDED)),
        ({"mcp_servers": [{"url": "https://mcp.example"}]}, [], (0, UNBOUNDED)),
        ({}, [{"type": "tool_result", "content": [PICTURE, PICTURE, PDF]}], (2, 1)),
        ({}, [{"type": "document", "source": {"type": "text", "data": "a"}}], (0, 0)),
        ({"tools": "none"}, [], (0, 0)),
        (
            {"tools": [{"type": [SEARCH]}]},
            [{"type": [PICTURE]}, {"type": "document", "source": {"type": []}}],
            (0, UNBOUNDED),
        ),
    ],
)
def test_messages(tree, parts, found):
    assert anthropic_beyond(tree, said(*parts)) == found


@pytest.mark.parametrize(
    ("tree", "parts", "found"),
    [
        ({}, [{"type": "image_url", "image_url": {"url": "https://pictures.example/1.png"}}] * 2, (2, 0)),
        ({"tools": [{"type": "function", "function": {"name": "a"}}]}, [], (0, 0)),
        ({"tools": [{"type": "web_search_preview"}]}, [], (0, UNBOUNDED)),
        ({"tools": [{"type": [1]}]}, [{"type": [1]}], (0, UNBOUNDED)),
        ({"web_search_options": {}}, [], (0, 1)),
        ({"web_search_options": None}, [], (0, 0)),
        ({}, [{"type": "file", "file": {"file_id": "file-1"}}, {"type": "video_url"}], (0, 2)),
    ],
)
def test_chat(tree, parts, found):
    assert openai_beyond(tree, said(*parts)) == found


@pytest.mark.parametrize(
    ("parts", "kinds"),
    [
        ([], set()),
        ([PICTURE], set()),
        ([PDF], {"file"}),
        ([{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "x"}}], {"pdf"}),
        ([{"type": "tool_result", "content": [{"type": "file", "file": {"filename": "a.pdf"}}]}], {"pdf"}),
        (
            [{"type": "file", "file": {"file_id": "f"}}, {"type": "file", "file": {"filename": "a.pdf"}}],
            {"pdf", "file"},
        ),
        ([{"type": "document", "source": {"type": "text", "data": "a"}}], set()),
    ],
)
def test_files_that_are_no_text_are_known_by_their_kind(parts, kinds):
    assert files(said(*parts)) == kinds
    assert files([{"role": "user", "content": "a.pdf"}]) == set()


@pytest.mark.parametrize("odd", [["text"], {"type": "text"}, [{}], 5])
def test_a_source_of_an_odd_type_is_no_text_and_no_fault_of_ours(odd):
    part = {"type": "document", "source": {"type": odd, "data": "x"}}
    assert files([{"content": [part]}]) == {"file"}
