"""The path of a message, from body to stream; how Anthropic and SGLang word it is in their own modules."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from gateway.sandbox.chat import is_turns
from gateway.sandbox.prompt import render
from gateway.sandbox.replies import Plan, stop_texts
from gateway.sandbox.settings import SandboxSettings
from gateway.sandbox.tokens import count
from gateway.sandbox.wire import (
    CacheWish,
    Frame,
    Job,
    Json,
    Reply,
    SandboxAnswer,
    SandboxRefusal,
    SandboxRequest,
    SandboxUsage,
    dump,
    event,
    items,
    parse_object,
)

_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use", "stop_sequence": "stop_sequence"}


class MessagesDialect(ABC):
    """`POST /v1/messages` of some vendor."""

    label: str

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings

    def parse(self, request: SandboxRequest) -> Job:
        """Check a request and compose its reply, or raise `Refusal`."""
        body = self.read(request)
        limit = body.get("max_tokens")
        if not isinstance(limit, int):
            raise SandboxRefusal(400, "max_tokens: Field required")
        if limit < 1:
            raise SandboxRefusal(400, "max_tokens: Input should be greater than or equal to 1")
        prompt = _render(body)
        prompt_tokens = count(prompt)
        self.check_length(prompt_tokens, limit)
        plan = Plan(
            label=self.label,
            prompt=prompt,
            limit=limit,
            length=self.settings.reply_tokens,
            stops=stop_texts(body.get("stop_sequences")),
            tool=_forced_tool(body),
            call_prefix="toolu_",
        )
        return Job(
            id=f"msg_{uuid.uuid4().hex}",
            created=0,
            model=str(body.get("model") or "default"),
            prompt=prompt,
            prompt_tokens=prompt_tokens,
            replies=(plan.reply(0),),
            stream=body.get("stream") is True,
            cache=self.cache_wish(body, prompt),
            options=body,
        )

    def count(self, request: SandboxRequest) -> int:
        """Count the tokens of a request without answering it."""
        return count(_render(self.read(request)))

    def read(self, request: SandboxRequest) -> Json:
        """Read and check what is checked before tokens are counted."""
        try:
            body = parse_object(request.body)
        except ValueError as error:
            raise SandboxRefusal(400, "The request body is not valid JSON") from error
        self.check_model(body.get("model"))
        messages = body.get("messages")
        if messages is None:
            raise SandboxRefusal(400, "messages: Field required")
        if not is_turns(messages):
            raise SandboxRefusal(400, "messages: Input should be a valid list")
        if not messages:
            raise SandboxRefusal(400, "messages: at least one message is required")
        return body

    def whole(self, job: Job, usage: SandboxUsage | None) -> bytes:
        """Word the response in one piece."""
        reply = job.replies[0]
        block = self.block(reply) | ({"text": reply.text} if reply.tool is None else {"input": _arguments(reply)})
        message = self.message(job) | {"content": [block]} | self.stopped(reply)
        return dump(message if usage is None else message | {"usage": self.usage(job, usage)})

    def frames(self, job: Job, usage: SandboxUsage | None) -> Iterator[Frame]:
        """Word the response as a stream."""
        reply = job.replies[0]
        message = self.message(job) | self.unstopped()
        if usage is not None:
            message["usage"] = self.usage(job, usage) | {"output_tokens": self.first_output_tokens}
        yield _frame("message_start", message=message)
        yield _frame("content_block_start", index=0, content_block=self.block(reply))
        yield from self.between()
        for token in reply.tokens:
            yield Frame(_frame("content_block_delta", index=0, delta=_delta(reply, token)).data, "content")
        yield _frame("content_block_stop", index=0)
        last = {} if usage is None else {"usage": self.last_usage(job, usage)}
        yield _frame("message_delta", delta=self.stopped(reply), **last)
        yield Frame(_frame("message_stop").data, "done")

    def message(self, job: Job) -> Json:
        """Word what a message has around its content."""
        return {"id": job.id, "type": "message", "role": "assistant", "content": [], "model": job.model}

    def block(self, reply: Reply) -> Json:
        """Word the one content block, still empty."""
        if reply.tool is None:
            return {"type": "text", "text": ""}
        return {"type": "tool_use", "id": reply.tool.id, "name": reply.tool.name, "input": {}}

    def stopped(self, reply: Reply) -> Json:
        """Word why the message ended."""
        return {"stop_reason": _STOPS[reply.finish]}

    def unstopped(self) -> Json:
        """Word that the message has not ended."""
        return {}

    def between(self) -> Iterator[Frame]:
        """Word what is sent before the first content."""
        yield from ()

    first_output_tokens = 0

    @abstractmethod
    def check_model(self, model: object) -> None:
        """Check the model's name."""

    @abstractmethod
    def check_length(self, prompt_tokens: int, limit: int) -> None:
        """Check that prompt and completion fit into the context."""

    @abstractmethod
    def cache_wish(self, body: Json, prompt: str) -> CacheWish:
        """Return what is cached of a prompt."""

    @abstractmethod
    def usage(self, job: Job, usage: SandboxUsage) -> Json:
        """Word the usage; `input_tokens` leaves out what was read from or written to the cache."""

    @abstractmethod
    def last_usage(self, job: Job, usage: SandboxUsage) -> Json:
        """Word the usage of `message_delta`."""

    @abstractmethod
    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error."""

    @abstractmethod
    def overloaded(self, *, stream: bool) -> SandboxAnswer:
        """Word the error of a full queue."""

    @abstractmethod
    def error_frames(self) -> tuple[Frame, ...]:
        """Word an error inside a stream."""


def _frame(kind: str, **content: Any) -> Frame:
    return Frame(event({"type": kind, **content}))


def _render(body: Json) -> str:
    return render(body["messages"], system=body.get("system"), tools=body.get("tools"))


def _delta(reply: Reply, token: str) -> Json:
    if reply.tool is None:
        return {"type": "text_delta", "text": token}
    return {"type": "input_json_delta", "partial_json": token}


def _arguments(reply: Reply) -> Json:
    # Cut short by max_tokens, the arguments are no JSON, and vendors give none then.
    try:
        return parse_object(reply.text.encode())
    except ValueError:
        return {}


def _forced_tool(body: Json) -> tuple[str, Any] | None:
    choice = body.get("tool_choice")
    tools = [tool for tool in items(body.get("tools")) if isinstance(tool, dict)]
    if not isinstance(choice, dict) or choice.get("type") not in ("any", "tool"):
        return None
    for tool in tools:
        if choice["type"] == "any" or tool.get("name") == choice.get("name"):
            return str(tool.get("name")), tool.get("input_schema") or {}
    raise SandboxRefusal(400, f"tool_choice: tool '{choice.get('name')}' not found in provided tools")
