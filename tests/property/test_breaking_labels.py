"""Promises about labels of conversations that were broken once, found by somebody who had not built them."""

import base64
from pathlib import Path
from typing import Any

import pytest
from support.fakes import CHAT, MESSAGES, policy
from support.lab import Lab

from gateway.ports import SessionsUnavailable
from gateway.sensitivity.envelope import vendor_of
from gateway.stores.sessions.memory import MemorySessions

pytestmark = pytest.mark.anyio
CARD = "4539 1488 0343 6467"
AWAY_FIRST = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def ask(*turns: Any) -> dict[str, Any]:
    return {"model": "auto", "max_tokens": 10, "messages": list(turns)}


def lab_of(path: Path) -> Lab:
    lab = Lab(path)
    lab.snapshot = policy(rules=AWAY_FIRST)
    return lab


ODD = [
    ask({"role": [], "content": "x"}),
    ask(user("hi"), {"role": {}, "content": "x"}, user("on")),
    ask(user("hi"), {"role": "assistant", "content": [{"type": [], "text": "x"}]}, user("on")),
    ask(user("hi"), {"role": "assistant", "content": [{"type": {}, "text": "x"}]}, user("on")),
]


@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
@pytest.mark.parametrize("body", ODD)
async def test_a_role_or_type_that_is_no_text_is_answered(tmp_path: Path, body: Any, dialect: Any) -> None:
    client = await lab_of(tmp_path).ask(body, dialect=dialect)
    assert client.status in {200, 400}


async def test_what_an_answer_holds_is_carried_for_everybody_behind_instructions_too(tmp_path: Path) -> None:
    lab = lab_of(tmp_path)
    system = {"role": "system", "content": "Be short"}
    lab.behaviour("away").says = f"It is {CARD}"
    first = await lab.ask(ask(system, user("What is it?")), team="t:one")
    assert first.headers["x-gateway-zone"] == "closed"
    later = await lab.ask(ask(system, user("What is it?"), said("(shortened)"), user("Thanks")), team="t:two")
    assert later.headers["x-gateway-zone"] == "local"


class Hiccups(MemorySessions):
    """A shared store that does not answer for a while, and then has nothing of it."""

    fails: Any = staticmethod(lambda keys: False)

    async def add(self, team: str, keys: Any, parts: Any) -> None:
        if self.fails(keys):
            raise SessionsUnavailable("away")
        await super().add(team, keys, parts)


async def test_an_answer_that_once_carried_nothing_does_not_hide_one_that_could_not_be_recorded(tmp_path: Path) -> None:
    lab = lab_of(tmp_path)
    lab.sessions = Hiccups(lab.clock)
    assert (await lab.ask(ask(user("Hello")))).headers["x-gateway-zone"] == "closed"
    lab.sessions.fails = lambda keys: any(key.startswith("a:") for key in keys)
    lab.behaviour("home").says = lab.behaviour("away").says
    await lab.ask(ask(user("Hello")), x_gateway_data_class="restricted")
    lab.sessions.fails = lambda keys: False
    later = await lab.ask(ask(user("Hello"), said("Hello"), user("And now?")))
    assert later.headers["x-gateway-zone"] == "local"


def _field(number: int, value: bytes) -> bytes:
    size = len(value)
    return bytes([number << 3 | 2, *([size] if size < 128 else [size & 127 | 128, size >> 7])]) + value


@pytest.mark.parametrize("piece", [4, 7])
def test_a_text_cut_into_fields_is_no_seal(piece: int) -> None:
    text = f"My name is Jane Miller and my card is {CARD}, please keep it secret.".encode()
    head = b"".join(_field(1, text[place : place + piece]) for place in range(0, len(text), piece))
    cipher = bytes((n * 151 + n * n * 7 + 89) % 256 for n in range(64))
    inner = _field(1, head) + _field(2, cipher[:12]) + _field(5, cipher)
    assert vendor_of(base64.b64encode(_field(2, inner)).decode()) == ""
