"""A soft limit that is passed reaches the webhook, the log and the metrics of a running gateway, once."""

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from support.stack import stack

SECRET = b"a long random text"


@pytest.fixture
def receiver():
    got, answers = [], [503]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.headers["x-gateway-signature"], body))
            self.send_response(answers.pop() if answers else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, got
    server.shutdown()


def test_a_soft_limit_is_reported_once(tmp_path, receiver):
    port, got = receiver
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET + b"\n")
    with stack(tmp_path) as own:
        own.settings["alerts"] = {
            "every_seconds": 0.3, "webhook_url": f"http://127.0.0.1:{port}/hook", "secret_file": str(secret)
        }  # fmt: skip
        team = next(team for team in own.document["teams"] if team["id"] == "engineering")
        team["budget"] = {"usd": 0.0001, "soft": [1], "covers": "all", "on_exhausted": "local_only"}
        own.start()
        own.chat("Hello", team="engineering")
        own.wait_for(lambda: len(got) >= 2, "an alert, and its second try")  # the first answer was a 503
        own.wait_for(lambda: own.events("budget_soft_limit"), "a log line")
        metrics = httpx.get(own.admin + "/metrics").text
        own.chat("Hello again", team="engineering")
        own.stop()

    assert 'gateway_alerts_total{kind="budget_soft_limit"} 1.0' in metrics
    assert len(own.events("budget_soft_limit")) == 1
    (first_sign, first), (sign, body) = got[:2]
    assert first == body
    at, _, signature = sign.partition(",v1=")
    assert hmac.new(SECRET, at.removeprefix("t=").encode() + b"." + body, hashlib.sha256).hexdigest() == signature
    assert (json.loads(body)["type"], json.loads(body)["owner"]) == ("budget_soft_limit", "engineering")
    assert first_sign
