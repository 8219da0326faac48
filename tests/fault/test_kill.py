"""kill -9 at random moments under load: what a client received in full is in the ledger, once; nothing stays open."""

import json
import random
import threading
import time

import httpx
import pytest
from support.stack import stack

ROUNDS = 6


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path, latency=0.02) as made:
        yield made.start()


def load(own, received, stop):
    """Call until asked to stop; note the decision of every answer that came in full."""
    with httpx.Client(timeout=10) as client:
        while not stop.is_set():
            stream = random.random() < 0.5
            model = random.choice(["auto", "gpt-5", "claude-x"])
            body = {
                "model": model,
                "messages": [{"role": "user", "content": "Go on"}],
                "max_tokens": 24,
                "stream": stream,
            }
            try:
                answer = client.post(own.url + "/v1/chat/completions", json=body, headers=own.headers("engineering"))
            except httpx.HTTPError:
                continue
            whole = answer.content.endswith(b"data: [DONE]\n\n") if stream else answer.status_code == 200
            if whole:
                received.add(answer.headers["x-gateway-decision-id"])


def test_after_kill_nine_nothing_is_missing_and_nothing_is_booked_twice(own):
    source = random.Random(11)
    received: set[str] = set()
    for _ in range(ROUNDS):
        stop = threading.Event()
        callers = [threading.Thread(target=load, args=(own, received, stop)) for _ in range(6)]
        for caller in callers:
            caller.start()
        before = len(received)
        own.wait_for(lambda before=before: len(received) > before + 3, "answers")
        time.sleep(source.uniform(0, 0.9))  # the moment is random, and may be any
        own.stop(9)
        stop.set()
        for caller in callers:
            caller.join()
        own.start()
    own.stop()

    verified = own.cli("ledger", "verify", "--format", "json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["ok"]
    finished = {row[0] for row in own.rows("select decision from finished")}
    assert len(received) > 20
    assert received <= finished
    open_attempts = own.rows("select count(*) from attempts where id not in (select attempt from settlements)")
    assert open_attempts == [(0,)]
