"""How much of an agent's prompts its vendor has cached, with masking and without: the sandbox counts true prefixes."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.asgi import Call
from support.fakes import CHAT

from gateway.sandbox.app import SandboxApp, build
from gateway.sandbox.settings import SandboxSettings, Vendor

from .edits import Edit, edits
from .edits import model as editing
from .lab import Way
from .speech import Said, Shown, Speech, ToolCall, Turn, shown

TURNS = 20
SYSTEM = "You are a careful engineer. Read before you write. " * 20
HEADERS = {
    Vendor.OPENAI: [(b"authorization", b"Bearer sk-sandbox")],
    Vendor.ANTHROPIC: [(b"x-api-key", b"sk-sandbox"), (b"anthropic-version", b"2023-06-01")],
}


@dataclass
class Cached:
    """Tokens of prompts, and those of them that were cached."""

    prompt: int = 0
    cached: int = 0
    masked: int = 0
    """Requests in which something was masked."""

    @property
    def share(self) -> float:
        """The cached share."""
        return self.cached / self.prompt


class Counter:
    """A vendor's sandbox, which counts what it is sent."""

    def __init__(self, dialect: Any) -> None:
        self._vendor = Vendor.OPENAI if dialect is CHAT else Vendor.ANTHROPIC
        self._path = dialect.path
        settings = SandboxSettings(accept_bearer=True, cache_minimum_tokens=1)
        self._app: SandboxApp = build(self._vendor, settings=settings)

    async def count(self, body: dict[str, Any], into: Cached) -> None:
        """Add a request's tokens."""
        asked = body | {"stream": False, "max_tokens": 1}
        call = Call("POST", self._path, json.dumps(asked).encode(), HEADERS[self._vendor])
        await call.to(self._app)
        assert call.status == 200, call.body
        usage = call.json["usage"]
        if self._vendor is Vendor.OPENAI:
            into.prompt += usage["prompt_tokens"]
            into.cached += usage["prompt_tokens_details"]["cached_tokens"]
            return
        parts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        into.prompt += sum(usage[one] for one in parts)
        into.cached += usage["cache_read_input_tokens"]


def model(body: dict[str, Any]) -> Said:
    """Read a file after each edit, and edit what was read."""
    last = shown(body)[-1].text
    if not last.startswith("{"):
        return Said("I read the next one.", ToolCall("read_file", '{"path": "next"}'))
    result = json.loads(last)
    order = json.dumps(result["order"])
    return editing({"messages": [{"role": "user", "content": order}, {"role": "user", "content": result["shown"]}]})


async def tool_loop(way: Way, counter: Counter, speech: Speech, todo: list[Edit]) -> Cached:
    """Return what was cached of the prompts of a conversation in which a model edits file after file."""
    found = Cached()
    turns: list[Turn] = [Shown(f"{SYSTEM}\n\nBegin.")]
    for edit in todo:
        for result in (
            json.dumps({"order": json.loads(edit.order), "shown": edit.result}),
            "The file has been updated.",
        ):
            said = await way.ask(speech, turns, model)
            await counter.count(way.body, found)
            found.masked += bool(way.masked)
            turns += [said, Shown(result, by_tool=True)]
    return found


async def compare(dialect: Any, conversations: int, seed: int, place: Path) -> tuple[Cached, Cached]:
    """Return what was cached of the same conversations, without masking and with it."""
    sums = (Cached(), Cached())
    todo = [edit for edit in edits(60, seed) if edit.line.format and edit.op not in {"prose", "write file"}]
    for masking, total in zip((False, True), sums, strict=True):
        way, counter = Way(place / f"{type(dialect).__name__}-{seed}-{masking}", masking=masking), Counter(dialect)
        for number in range(conversations):
            speech = Speech(random.Random(seed + number), dialect, stream=number % 2 == 0)
            chosen = [todo[(number * 7 + turn) % len(todo)] for turn in range(TURNS // 2)]
            one = await tool_loop(way, counter, speech, chosen)
            total.prompt += one.prompt
            total.cached += one.cached
            total.masked += one.masked
    return sums
