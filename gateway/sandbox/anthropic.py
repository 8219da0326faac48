"""Anthropic's wire: messages, token counts, cache breakpoints, and typed error envelopes."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.sandbox.credentials import bearer
from gateway.sandbox.messages import MessagesDialect
from gateway.sandbox.prompt import ASSISTANT, render
from gateway.sandbox.settings import SandboxSettings
from gateway.sandbox.wire import (
    CacheWish,
    Frame,
    Job,
    Json,
    Reply,
    SandboxAnswer,
    SandboxDialect,
    SandboxRefusal,
    SandboxRequest,
    SandboxUsage,
    dump,
    event,
)

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}


def _envelope(refusal: SandboxRefusal) -> Json:
    kind = refusal.kind or _KINDS.get(refusal.status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": refusal.message}}


class AnthropicMessages(MessagesDialect):
    """`POST /v1/messages` as Anthropic words it."""

    label = "[sandbox anthropic]"
    first_output_tokens = 1

    def check_model(self, model: object) -> None:
        """Want a name that is known, or any if none is."""
        if not model:
            raise SandboxRefusal(400, "model: Field required")
        if self.settings.models and model not in self.settings.models:
            raise SandboxRefusal(404, f"model: {model}")

    def check_length(self, prompt_tokens: int, limit: int) -> None:
        """Check that prompt and completion fit into the context."""
        longest = self.settings.context_length
        if prompt_tokens > longest:
            raise SandboxRefusal(400, f"prompt is too long: {prompt_tokens} tokens > {longest} maximum")
        if prompt_tokens + limit > longest:
            message = "input length and `max_tokens` exceed context limit"
            raise SandboxRefusal(
                400, f"{message}: {prompt_tokens} + {limit} > {longest}, decrease input length or `max_tokens`"
            )

    def cache_wish(self, body: Json, prompt: str) -> CacheWish:
        """Cache up to the last breakpoint, and bill what is written."""
        marked = body.get("cache_control")
        prefix = prompt.removesuffix(f"\n{ASSISTANT}") if marked else _prefix(body)
        return CacheWish(prefix, self.settings.cache_minimum_tokens, billed=True)

    def unstopped(self) -> Json:
        """Word that the message has not ended."""
        return {"stop_reason": None, "stop_sequence": None}

    def stopped(self, reply: Reply) -> Json:
        """Word why the message ended, and at which text."""
        return super().stopped(reply) | {"stop_sequence": reply.stop}

    def between(self) -> Iterator[Frame]:
        """Ping once."""
        yield Frame(event({"type": "ping"}))

    def usage(self, job: Job, usage: SandboxUsage) -> Json:
        """Word the usage, cache writes by how long they are kept."""
        hour = _lifetimes(job.options) == {"1h"}
        written = {
            "ephemeral_5m_input_tokens": 0 if hour else usage.written,
            "ephemeral_1h_input_tokens": usage.written if hour else 0,
        }
        return {
            "input_tokens": usage.prompt - usage.cached - usage.written,
            "cache_creation_input_tokens": usage.written,
            "cache_read_input_tokens": usage.cached,
            "cache_creation": written,
            "output_tokens": usage.completion,
            "service_tier": "standard",
        }

    def last_usage(self, job: Job, usage: SandboxUsage) -> Json:
        """Word the usage of `message_delta`: all totals again."""
        wanted = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
        words = self.usage(job, usage)
        return {name: words[name] for name in wanted}

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error."""
        return SandboxAnswer(refusal.status, dump(_envelope(refusal) | {"request_id": _request_id()}))

    def overloaded(self, *, stream: bool) -> SandboxAnswer:  # noqa: ARG002 - decided before the stream starts
        """Word the error of a full queue."""
        return self.refuse(SandboxRefusal(529, "Overloaded"))

    def error_frames(self) -> tuple[Frame, ...]:
        """Word an error inside a stream."""
        return (Frame(event(_envelope(SandboxRefusal(529, "Overloaded")))),)


class AnthropicWire:
    """All that Anthropic answers here."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._messages = AnthropicMessages(settings)
        self.dialects: Mapping[str, SandboxDialect] = {"/v1/messages": self._messages}

    def admit(self, request: SandboxRequest) -> None:
        """Want a key in `x-api-key` and a version."""
        key = request.headers.get("x-api-key")
        if not key and self._settings.accept_bearer:
            key = bearer(request.headers)
        if not key:
            raise SandboxRefusal(401, "x-api-key header is required")
        if self._settings.api_key not in {None, key}:
            raise SandboxRefusal(401, "invalid x-api-key")
        if not request.headers.get("anthropic-version"):
            raise SandboxRefusal(400, "anthropic-version: header is required")

    def look_up(self, request: SandboxRequest) -> SandboxAnswer:
        """Count tokens, list the models, or say that there is nothing."""
        match request.method, request.path:
            case "POST", "/v1/messages/count_tokens":
                return SandboxAnswer(200, dump({"input_tokens": self._messages.count(request)}))
            case "GET", "/v1/models":
                models = [_model(name) for name in self._settings.models or ("claude-sandbox",)]
                ends = {"first_id": models[0]["id"], "last_id": models[-1]["id"]}
                return SandboxAnswer(200, dump({"data": models, "has_more": False} | ends))
            case _, path if path in self.dialects:
                raise SandboxRefusal(405, "Method Not Allowed")
            case _:
                raise SandboxRefusal(404, "Not found")

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error outside a dialect."""
        return self._messages.refuse(refusal)

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Name the request, as Anthropic does."""
        return (("request-id", _request_id()),)


def _request_id() -> str:
    return f"req_{uuid.uuid4().hex[:24]}"


def _model(name: str) -> Json:
    return {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}


def _marked(part: Any) -> bool:
    return isinstance(part, dict) and bool(part.get("cache_control"))


def _upto(parts: Any) -> list[Any]:
    """Cut a list of blocks behind its last breakpoint; empty if it has none."""
    if not isinstance(parts, list):
        return []
    ends = [at for at, part in enumerate(parts, 1) if _marked(part)]
    return parts[: ends[-1]] if ends else []


def _prefix(body: Json) -> str:
    """Render a request up to its last breakpoint."""
    turns, system, tools = body["messages"], body.get("system"), body.get("tools")
    for at in range(len(turns) - 1, -1, -1):
        if content := _upto(turns[at].get("content")):
            text = render([*turns[:at], turns[at] | {"content": content}], system=system, tools=tools)
            return text.removesuffix(f"\n{ASSISTANT}")
    if blocks := _upto(system):
        return render([], system=blocks, tools=tools).removesuffix(f"\n{ASSISTANT}")
    if blocks := _upto(tools):
        return render([], tools=blocks).removesuffix(f"\n{ASSISTANT}")
    return ""


def _lifetimes(body: Json) -> set[str]:
    """Return how long the breakpoints of a request are to be kept."""
    lists = [body.get("system"), body.get("tools"), *(turn.get("content") for turn in body["messages"]), [body]]
    marks = [part["cache_control"] for parts in lists if isinstance(parts, list) for part in parts if _marked(part)]
    return {str(mark.get("ttl", "5m")) for mark in marks if isinstance(mark, dict)}
