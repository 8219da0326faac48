import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.reserved import strip

RESERVED = ["api_base", "base_url", "api_key", "extra_headers", "custom_llm_provider", "fallbacks", "model_list"]
RESERVED += [
    "litellm_metadata",
    "_litellm_x",
    "litellm_params",
    "aws_region_name",
    "vertex_x",
    "azure_y",
    "mock_response",
]
CONTENT = [
    "messages",
    "input",
    "tools",
    "response_format",
    "metadata",
    "model",
    "user",
    "stream",
    "store",
    "temperature",
]


@pytest.mark.parametrize("name", RESERVED)
def test_a_reserved_name_is_removed_at_the_top_and_in_extra_body_and_reported(name):
    kept, removed = strip({"model": "m", name: "x", "extra_body": {name: 1, "top_k": 5}})
    assert kept == {"model": "m", "extra_body": {"top_k": 5}}
    assert removed == tuple(sorted([name, f"extra_body.{name}"]))


@pytest.mark.parametrize("name", CONTENT)
def test_content_is_never_touched(name):
    tree = {name: dict.fromkeys(RESERVED, "x")}
    assert strip(tree) == (tree, ())


def test_an_extra_body_that_is_no_object_stays():
    assert strip({"extra_body": "x"}) == ({"extra_body": "x"}, ())
    assert strip({"extra_body": {"a": 1}}) == ({"extra_body": {"a": 1}}, ())


@given(
    st.dictionaries(
        st.one_of(st.sampled_from(RESERVED + CONTENT + ["extra_body"]), st.text(max_size=4)), st.integers(), max_size=8
    )
)
def test_what_is_kept_keeps_its_order_and_the_request_is_not_changed(tree):
    before = dict(tree)
    kept, removed = strip(tree)
    assert tree == before
    assert list(kept) == [name for name in tree if name not in removed]
    assert strip(kept) == (kept, ())
