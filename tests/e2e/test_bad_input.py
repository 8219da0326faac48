"""Each bad input gets its own error, in the caller's dialect; nothing leaks and the process lives."""

import http.client
import json

import httpx
import pytest


def post(gateway, content: bytes, *, path="/v1/chat/completions", team="support", **headers):
    sent = {**gateway.headers(team), "content-type": "application/json", **headers}
    return httpx.post(gateway.url + path, content=content, headers=sent, timeout=60)


NESTED = b'{"model":"auto","messages":' + b"[" * 100 + b"]" * 100 + b"}"
BAD_BODIES = {
    "no JSON at all": b"hello",
    "cut JSON": b'{"model": "auto", "messages": [',
    "an array": b"[]",
    "a duplicate key": b'{"model":"auto","model":"gpt-5","messages":[]}',
    "NaN": b'{"model":"auto","messages":[],"temperature":NaN}',
    "a number that no double holds": b'{"model":"auto","messages":[],"temperature":1e999}',
    "a lone surrogate": b'{"model":"auto","messages":[{"role":"user","content":"\\ud800"}]}',
    "invalid UTF-8": b'{"model":"auto","messages":[{"role":"user","content":"\xff"}]}',
    "too deep": NESTED,
    "no messages": b'{"model":"auto"}',
    "messages of the wrong type": b'{"model":"auto","messages":"hi"}',
    "no model": b'{"messages":[]}',
    "a model of the wrong type": b'{"model":7,"messages":[]}',
    "a stream flag of the wrong type": b'{"model":"auto","messages":[],"stream":"yes"}',
    "a negative limit": b'{"model":"auto","messages":[],"max_tokens":-5}',
    "an empty body": b"",
}


@pytest.mark.parametrize("content", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_what_cannot_be_read_is_refused_before_anything_is_sent(gateway, content, path):
    answer = post(gateway, content, path=path)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_request"
    assert answer.headers["x-gateway-decision-id"].startswith("dec_")
    assert not gateway.sglang.requests(path)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_100_megabytes_is_refused_without_being_kept(gateway, chunked):
    size = 100 * 1024 * 1024
    piece = b"x" * (1024 * 1024)
    content = (piece for _ in range(100)) if chunked else b"x" * size

    answer = post(gateway, content)

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "request_too_large"
    assert gateway.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer gwk_x"},
        {"authorization": "Basic eA=="},
        {"x-api-key": "k" * 5000},
    ],
)
@pytest.mark.parametrize(("path", "kind"), [("/v1/chat/completions", "openai"), ("/v1/messages", "anthropic")])
def test_no_good_key_no_service(gateway, headers, path, kind):
    answer = httpx.post(gateway.url + path, json={"model": "auto", "messages": []}, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_authenticated"
    assert ("type" in answer.json()) == (kind == "anthropic")


def test_a_revoked_key_stops_working_in_a_running_gateway(gateway):
    key = gateway.cli("keys", "create", "--team", "support").stdout.strip()
    headers = {"authorization": f"Bearer {key}"}
    gateway.wait_for(lambda: httpx.get(gateway.url + "/v1/models", headers=headers).status_code == 200, "the new key")

    gateway.cli("keys", "revoke", key.split("_")[1])

    gateway.wait_for(
        lambda: httpx.get(gateway.url + "/v1/models", headers=headers).status_code == 401, "the revocation"
    )


def test_an_unknown_model_is_a_404_in_both_dialects(gateway):
    assert gateway.chat(model="nope").json()["error"]["code"] == "model_not_found"
    assert gateway.messages(model="nope").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/chat/completions", 405),
        ("POST", "/nowhere", 404),
        ("GET", "/v1/gateway/decisions/../../etc", 404),
        ("POST", "/v1/embeddings", 404),
        ("DELETE", "/v1/models", 404),
    ],
)
def test_other_paths_and_methods_are_refused_as_such(gateway, method, path, status):
    answer = httpx.request(method, gateway.url + path, headers=gateway.headers())

    assert answer.status_code == status
    assert answer.json()["error"]["code"] in {"invalid_request", "decision_not_found"}


def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(gateway):
    host, port = gateway.url.removeprefix("http://").split(":")
    for _ in range(20):
        connection = http.client.HTTPConnection(host, int(port))
        connection.putrequest("POST", "/v1/chat/completions")
        connection.putheader("content-length", "1000")
        connection.endheaders(b'{"model":')
        connection.close()

    assert gateway.chat().status_code == 200


def test_an_unknown_data_class_counts_as_the_highest(gateway):
    answer = gateway.chat(model="gpt-5", headers={"x_gateway_data_class": "secret-ish"})

    assert answer.headers["x-gateway-data-class"] == "restricted"
    assert answer.headers["x-gateway-zone"] == "local"


def test_the_header_cannot_lower_the_class(gateway):
    answer = gateway.chat(model="claude-x", team="legal", headers={"x_gateway_data_class": "public"})

    assert answer.headers["x-gateway-data-class"] == "confidential"


def test_what_cannot_be_scanned_stays_home_or_is_refused_with_reasons(gateway):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    body = {"model": "auto", "messages": [{"role": "user", "content": [{"type": "text", "text": "Who?"}, picture]}]}

    answer = post(gateway, json.dumps(body).encode())

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "no_permitted_route")
    assert {drop["target"] for drop in error["dropped"]} == {"qwen3-32b", "claude-sonnet", "gpt-5"}
    assert error["evidence"] == [
        {"detector": "unscannable:image_url", "path": "messages[0].content[1]", "span": [0, 0]}
    ]
    assert answer.headers["x-gateway-data-class"] == "restricted"


def test_no_error_tells_of_paths_keys_or_addresses(gateway):
    answers = [gateway.chat(messages=[]), gateway.chat(temperature=-1)]

    for answer in answers:
        assert answer.status_code == 400
        assert not any(word in answer.text for word in ("/srv", "/usr", ".py", "File ", "127.0.0.1", "http://"))
