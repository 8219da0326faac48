"""The path of a chat completion, from body to stream; how OpenAI and SGLang word it is in their own modules."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

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
    data,
    dump,
    fields,
    items,
)

DONE = Frame(b"data: [DONE]\n\n", "done")
_MOST_CHOICES = 128


class ChatDialect(ABC):
    """`POST /v1/chat/completions` of some vendor."""

    label: str

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings

    def parse(self, request: SandboxRequest) -> Job:
        """Check a request and compose its replies, or raise `Refusal`."""
        body = self.read(request)
        prompt = render(body["messages"], tools=body.get("tools"))
        prompt_tokens = count(prompt)
        limit = body.get("max_completion_tokens", body.get("max_tokens"))
        self.check_length(prompt_tokens, limit)
        room = self.settings.context_length - prompt_tokens if limit is None else limit
        plan = Plan(
            label=self.label,
            prompt=prompt,
            limit=room,
            length=self.length(body, room),
            stops=stop_texts(body.get("stop")),
            tool=self._forced_tool(body),
            schema=_schema(body),
        )
        return Job(
            id=self.identity(body),
            created=int(time.time()),
            model=str(body.get("model") or "default"),
            prompt=prompt,
            prompt_tokens=prompt_tokens,
            replies=tuple(plan.reply(i) for i in range(_choices(body))),
            stream=body.get("stream") is True,
            cache=self.cache_wish(prompt),
            options=body,
        )

    def whole(self, job: Job, usage: SandboxUsage | None) -> bytes:
        """Word the response in one piece."""
        choices = [
            self.choice(index, "message", self.message(reply), self.finish(job, reply), reply.stop)
            for index, reply in enumerate(job.replies)
        ]
        response = self.envelope(job, "chat.completion") | {"choices": choices}
        if usage is not None:
            response["usage"] = self.usage(usage)
        return dump(response | self.trailer(job, usage))

    def frames(self, job: Job, usage: SandboxUsage | None) -> Iterator[Frame]:
        """Word the response as a stream."""
        for index, reply in enumerate(job.replies):
            for done, delta in enumerate(self.deltas(reply)):
                chunk = self.chunk(job, self.choice(index, "delta", delta, None, None))
                extra = self.chunk_usage(job, reply, usage, done)
                yield Frame(data(chunk | extra), "content" if done else "frame")
            last = self.choice(index, "delta", self.last_delta(), self.finish(job, reply), reply.stop)
            yield Frame(data(self.chunk(job, last) | self.chunk_usage(job, None, usage, 0)))
        if usage is not None and wants(job, "include_usage"):
            yield Frame(data(self.chunk(job) | {"usage": self.usage(usage)}))
        yield DONE

    def chunk(self, job: Job, *choices: Json) -> Json:
        """Word one chunk of a stream."""
        return self.envelope(job, "chat.completion.chunk") | {"choices": list(choices)}

    def length(self, _body: Json, _limit: int) -> int | None:
        """Return the length of a reply that nothing cuts."""
        return self.settings.reply_tokens

    def trailer(self, _job: Job, _usage: SandboxUsage | None) -> Json:
        """Word what follows the usage of a whole response."""
        return {}

    def last_delta(self) -> Json:
        """Word the delta that carries only the finish reason."""
        return {}

    def finish(self, _job: Job, reply: Reply) -> str:
        """Word why a choice ended."""
        match reply.finish:
            case "tool":
                return "tool_calls"
            case "length":
                return "length"
            case "stop" | "stop_sequence":
                return "stop"

    def _forced_tool(self, body: Json) -> tuple[str, Any] | None:
        choice, tools = body.get("tool_choice"), tools_of(body)
        if choice == "required" and tools:
            return tools[0]
        if not isinstance(choice, dict):
            return None
        name = fields(choice.get("function")).get("name")
        for tool in tools:
            if tool[0] == name:
                return tool
        raise SandboxRefusal(400, f"Tool choice '{name}' not found in 'tools' parameter.", param="tool_choice")

    @abstractmethod
    def read(self, request: SandboxRequest) -> Json:
        """Read and check what the vendor checks before it counts tokens; `messages` are objects then."""

    @abstractmethod
    def check_length(self, prompt_tokens: int, limit: int | None) -> None:
        """Check that prompt and completion fit into the context."""

    @abstractmethod
    def identity(self, body: Json) -> str:
        """Make the id of the response."""

    @abstractmethod
    def cache_wish(self, prompt: str) -> CacheWish:
        """Return what is cached of a prompt."""

    @abstractmethod
    def envelope(self, job: Job, kind: str) -> Json:
        """Word what each response and chunk has around its choices."""

    @abstractmethod
    def choice(self, index: int, key: str, content: Json, finish: str | None, stop: str | None) -> Json:
        """Word one choice; the key is `message` or `delta`."""

    @abstractmethod
    def message(self, reply: Reply) -> Json:
        """Word what the assistant says."""

    @abstractmethod
    def deltas(self, reply: Reply) -> Iterator[Json]:
        """Word the tokens; the first delta carries the role."""

    @abstractmethod
    def chunk_usage(self, job: Job, reply: Reply | None, usage: SandboxUsage | None, done: int) -> Json:
        """Word the usage that a chunk carries after so many tokens; the reply is None in the last one."""

    @abstractmethod
    def usage(self, usage: SandboxUsage) -> Json:
        """Word the usage."""

    @abstractmethod
    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error."""

    @abstractmethod
    def overloaded(self, *, stream: bool) -> SandboxAnswer:
        """Word the error of a full queue."""

    @abstractmethod
    def error_frames(self) -> tuple[Frame, ...]:
        """Word an error inside a stream."""


def wants(job: Job, option: str) -> bool:
    """Return whether a stream option is on."""
    options = job.options.get("stream_options")
    return isinstance(options, dict) and options.get(option) is True


def tools_of(body: Json) -> list[tuple[str, Any]]:
    """List name and schema of the functions in a request."""
    functions = [tool.get("function") for tool in items(body.get("tools")) if isinstance(tool, dict)]
    return [(str(f.get("name")), f.get("parameters") or {}) for f in functions if isinstance(f, dict)]


def is_turns(messages: Any) -> bool:
    """Return whether messages are a list of objects."""
    return isinstance(messages, list) and all(isinstance(turn, dict) for turn in messages)


def _choices(body: Json) -> int:
    wanted = body.get("n")
    return max(1, min(wanted, _MOST_CHOICES)) if isinstance(wanted, int) else 1


def _schema(body: Json) -> Any:
    wanted = body.get("response_format")
    if not isinstance(wanted, dict):
        return None
    if wanted.get("type") == "json_object":
        return {"type": "object", "properties": {"sandbox": {"const": True}}}
    inner = wanted.get("json_schema")
    return inner.get("schema", {}) if isinstance(inner, dict) else None
