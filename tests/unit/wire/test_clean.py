"""No path, address, URL or key of an upstream survives; what a caller can act on does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.clean import clean

WORD = st.text("abcdefghij_-", min_size=1, max_size=8)


@pytest.mark.parametrize(
    "message",
    [
        "The input (36011 tokens) is longer than the model's context length (8192 tokens).",
        "Model only supports text input; received unsupported content type 'image_url'.",
        "Tool 'nope' not found in tools list.",
        "max_tokens: Field required",
        "The request queue is full.",
        "Model Qwen/Qwen3-32B not found; and/or 1/2",
        "temperature:0.5 is too high, std::vector, torch::Tensor, 12:30:45",
    ],
)
def test_what_a_caller_can_act_on_stays(message):
    assert clean(message) == message


@pytest.mark.parametrize(
    ("message", "cleaned"),
    [
        (
            "Failed to compile regex grammar: [00:35:36] /project/cpp/regex_converter.cc:83: Regex parsing error\n",
            "Failed to compile regex grammar: [00:35:36] [path]: Regex parsing error",
        ),
        (
            (
                "1 validation error:\n  {'type': 'list_type', 'loc': ('body', 'messages'), "
                "'msg': 'Input should be a valid list', "
                "'input': 'hi'}\n\n  File \"/srv/venv/lib/python3.11/site-packages/sglang/srt/"
                'entrypoints/http_server.py", '
                "line 1870, in openai_v1_chat_completions\n    POST /v1/chat/completions [{'input': 'hi'}]"
            ),
            (
                "1 validation error: {'type': 'list_type', 'loc': ('body', 'messages'), "
                "'msg': 'Input should be a valid list', "
                "'input': …}"
            ),
        ),
    ],
)
def test_sglangs_own_messages_lose_their_traces_paths_and_inputs(message, cleaned):
    assert clean(message) == cleaned


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        *(
            (url, "[url]")
            for url in (
                "http://sglang-0:30000/x?y=1",
                "https://user:pw@api.corp/v1",
                "unix:///run/x.sock",
                "postgres://u:p@db/x",
            )
        ),
        *(
            (path, "[path]")
            for path in (
                "/srv/models/x.safetensors",
                "~/x/y",
                "../a/b.py:12",
                "C:\\models\\x",
                "\\\\srv\\share\\x",
                "/entrypoint.sh",
            )
        ),
        *((path, "[path]") for path in ("srt/managers/scheduler.py:120", "python/sglang/x.cu", "model/config.json")),
        *(
            (address, "[address]")
            for address in (
                "10.1.2.3",
                "10.1.2.3:30000",
                "[fd00::1]:30000",
                "::1",
                "fe80::1%eth0",
                "2001:db8::ff00:42:8329",
            )
        ),
        *(
            (host, "[address]")
            for host in (
                "localhost:30000",
                "sglang-0.sglang.prod.svc:30000",
                "db.internal",
                "node7.corp",
                "x.svc.cluster.local",
            )
        ),
        *(
            (key, "[key]")
            for key in (
                "sk-proj-abcdef123456",
                "sk-ant-api03-xxxxxx",
                "gwk_abcd_efghijk",
                "hf_abcdefgh",
                "AKIAABCDEFGHIJKLMNOP",
                "AIzaSyA1234567890",
            )
        ),
        *(
            (key, "[key]")
            for key in ("Bearer abc.def", "sk-ab********wxyz", "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "glpat-abcdefgh123")
        ),
    ],
)
@pytest.mark.parametrize("around", ["{}", "cannot reach {} now", "at '{}'", "(path={})", 'x: "{}", y'])
def test_what_is_internal_is_replaced(secret, expected, around):
    cleaned = clean(around.format(secret))
    assert expected in cleaned
    assert secret not in cleaned


def test_host_names_of_a_connection_pool_are_replaced():
    assert "sglang" not in clean("HTTPConnectionPool(host='sglang-0', port=30000): Max retries exceeded")


@pytest.mark.parametrize(
    "trace",
    ['Traceback (most recent call last):\n  File "/a.py"', '\n  File "x.py", line 1', "x\n    at foo(bar.js:1)"],
)
def test_no_stack_trace_survives_even_at_the_beginning(trace):
    assert clean(trace) in {"", "x"}


@given(st.lists(WORD, min_size=2, max_size=5), st.sampled_from([" ", "'", "=", ":", "("]))
def test_no_absolute_path_survives(parts, before):
    path = "/" + "/".join(parts)
    assert path not in clean(f"error{before}{path} was not found")


@given(st.ip_addresses(v=4), st.integers(1, 65535))
def test_no_ipv4_address_survives(address, port):
    assert str(address) not in clean(f"connect to {address}:{port} failed")


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_survives(address):
    for text in (str(address), address.exploded, f"[{address}]:30000"):
        assert text not in clean(f"connect to {text} failed")


@given(st.text(max_size=600))
def test_the_answer_is_one_line_of_bounded_length(message):
    cleaned = clean(message)
    assert len(cleaned) <= 400
    assert cleaned == " ".join(cleaned.split())


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "/",
        "a/",
        "a.",
        "a-",
        "1:",
        ":",
        "x::",
        "\\",
        "a:\\",
        "'input': ",
        'File "',
        " at x",
        "host=",
        "eyJ",
        "@/",
        "sk-",
    ],
)
def test_no_message_is_a_load(piece):
    assert len(clean(piece * 60_000)) <= 400
