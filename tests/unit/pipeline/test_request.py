import json

import pytest
from support.fakes import ask, inbound, policy

from gateway.domain.errors import InvalidRequest
from gateway.pipeline.request import LONGEST_TASK, Request, request_of, task_of
from gateway.ports import Principal


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
