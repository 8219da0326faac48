import json
import threading

import pytest
from support.fakes import ask, inbound, policy

from gateway.domain.errors import InvalidRequest
from gateway.pipeline import request as module
from gateway.pipeline.request import LONGEST_TASK, Request, read_request, request_of, task_of
from gateway.ports import Principal
from gateway.scanning import INLINE_BYTES


def made(body=None, snapshot=None, **headers) -> Request:
    snapshot = snapshot or policy()
    return request_of(inbound(**headers), Principal("k", "t"), snapshot.teams["t"], snapshot, body or ask())


def test_reserved_fields_are_removed_and_named():
    request = made(ask(api_base="http://elsewhere"))
    assert request.stripped == ("api_base",)
    assert "api_base" not in request.tree
    assert b"api_base" not in request.body


def test_the_body_is_the_tree_serialised():
    request = made()
    assert json.loads(request.body) == request.tree


def test_a_private_address_to_fetch_is_refused():
    picture = [{"type": "image_url", "image_url": {"url": "http://10.0.0.1/x.png"}}]
    with pytest.raises(InvalidRequest):
        made(ask(picture))


def test_a_declared_task_goes_before_a_derived_one_and_is_short():
    snapshot = policy(tasks=[{"id": "code", "match": {"user_agent": "cli/*"}}])
    assert task_of(made(snapshot=snapshot, user_agent="cli/1")) == "code"
    assert task_of(made(snapshot=snapshot, user_agent="cli/1", x_gateway_task=" chat ")) == "chat"
    assert len(task_of(made(x_gateway_task="x" * 1000))) == LONGEST_TASK
    assert task_of(made()) == "other"


@pytest.mark.anyio
@pytest.mark.parametrize(("size", "in_a_thread"), [(10, False), (INLINE_BYTES + 1, True)])
async def test_a_long_body_is_read_where_no_other_call_waits_for_it(monkeypatch, size, in_a_thread):
    threads, parse = [], module.parse

    def watched(raw, *, max_depth):
        threads.append(threading.get_ident())
        return parse(raw, max_depth=max_depth)

    monkeypatch.setattr(module, "parse", watched)
    snapshot = policy()
    await read_request(inbound(ask("x" * size)), Principal("k", "t"), snapshot.teams["t"], snapshot, 64)

    assert (threads[0] != threading.get_ident()) is in_a_thread


@pytest.mark.anyio
async def test_a_long_body_that_is_not_json_is_refused_as_a_short_one_is():
    snapshot = policy()
    call = inbound(b'{"model": "auto", "x": "' + b"y" * INLINE_BYTES)
    with pytest.raises(InvalidRequest, match="not valid JSON"):
        await read_request(call, Principal("k", "t"), snapshot.teams["t"], snapshot, 64)
