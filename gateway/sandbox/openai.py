"""OpenAI's wire: chat completions, the list of models, and nested error envelopes."""

import time
import uuid
from collections.abc import Iterator, Mapping

from gateway.sandbox.chat import DONE, ChatDialect, is_turns, wants
from gateway.sandbox.credentials import bearer
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
    data,
    dump,
    parse_object,
)

_CACHE_STEP = 128
_KINDS = {401: ("invalid_request_error", "invalid_api_key"), 429: ("requests", "rate_limit_exceeded")}
_SERVER_ERROR = 500


def _envelope(refusal: SandboxRefusal) -> Json:
    usual = ("server_error", None) if refusal.status >= _SERVER_ERROR else ("invalid_request_error", None)
    kind, code = _KINDS.get(refusal.status, usual)
    error = {
        "message": refusal.message,
        "type": refusal.kind or kind,
        "param": refusal.param,
        "code": refusal.code or code,
    }
    return {"error": error}


class OpenAIChat(ChatDialect):
    """`POST /v1/chat/completions` as OpenAI words it."""

    label = "[sandbox openai]"

    def read(self, request: SandboxRequest) -> Json:
        """Read and check the body."""
        try:
            body = parse_object(request.body)
        except ValueError as error:
            message = "We could not parse the JSON body of your request. The API expects a JSON payload."
            raise SandboxRefusal(400, message) from error
        self._check_model(body.get("model"))
        _check_messages(body.get("messages"))
        _check_limits(body)
        return body

    def _check_model(self, model: object) -> None:
        if not model:
            raise SandboxRefusal(400, "you must provide a model parameter")
        if self.settings.models and model not in self.settings.models:
            message = f"The model `{model}` does not exist or you do not have access to it."
            raise SandboxRefusal(404, message, code="model_not_found")

    def check_length(self, prompt_tokens: int, limit: int | None) -> None:
        """Check that prompt and completion fit into the context."""
        longest, asked = self.settings.context_length, prompt_tokens + (limit or 0)
        if asked > longest:
            message = (
                f"This model's maximum context length is {longest} tokens. However, you requested {asked} tokens "
                f"({prompt_tokens} in the messages, {limit or 0} in the completion). "
                "Please reduce the length of the messages or completion."
            )
            raise SandboxRefusal(400, message, param="messages", code="context_length_exceeded")

    def identity(self, body: Json) -> str:  # noqa: ARG002 - OpenAI takes no id from the caller
        """Make the id of the response."""
        return f"chatcmpl-{uuid.uuid4().hex}"

    def cache_wish(self, prompt: str) -> CacheWish:
        """Cache what is long enough, in steps of 128 tokens."""
        return CacheWish(prompt, self.settings.cache_minimum_tokens, _CACHE_STEP)

    def envelope(self, job: Job, kind: str) -> Json:
        """Word what each response and chunk has around its choices."""
        fixed = {"id": job.id, "object": kind, "created": job.created, "model": job.model}
        return fixed | {"service_tier": "default", "system_fingerprint": "fp_sandbox"}

    def choice(self, index: int, key: str, content: Json, finish: str | None, stop: str | None) -> Json:  # noqa: ARG002
        """Word one choice; OpenAI does not report which stop text matched."""
        return {"index": index, key: content, "logprobs": None, "finish_reason": finish}

    def message(self, reply: Reply) -> Json:
        """Word what the assistant says."""
        message: Json = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
        if reply.tool:
            function = {"name": reply.tool.name, "arguments": reply.text}
            message["content"] = None
            message["tool_calls"] = [{"id": reply.tool.id, "type": "function", "function": function}]
        return message

    def deltas(self, reply: Reply) -> Iterator[Json]:
        """Word the tokens; the first delta carries the role."""
        if reply.tool is None:
            yield {"role": "assistant", "content": "", "refusal": None}
            yield from ({"content": token} for token in reply.tokens)
            return
        head = {"index": 0, "id": reply.tool.id, "type": "function"}
        call = head | {"function": {"name": reply.tool.name, "arguments": ""}}
        yield {"role": "assistant", "content": None, "tool_calls": [call], "refusal": None}
        yield from ({"tool_calls": [{"index": 0, "function": {"arguments": token}}]} for token in reply.tokens)

    def chunk_usage(self, job: Job, reply: Reply | None, usage: SandboxUsage | None, done: int) -> Json:  # noqa: ARG002
        """Word the `usage: null` of all chunks but the last, if the caller asked for usage."""
        return {"usage": None} if usage is not None and wants(job, "include_usage") else {}

    def finish(self, job: Job, reply: Reply) -> str:
        """Word why a choice ended; the call of a tool that was named counts as `stop`."""
        named = isinstance(job.options.get("tool_choice"), dict)
        return "stop" if reply.finish == "tool" and named else super().finish(job, reply)

    def usage(self, usage: SandboxUsage) -> Json:
        """Word the usage."""
        predicted = {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
        return {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "total_tokens": usage.prompt + usage.completion,
            "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0} | predicted,
        }

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error."""
        return SandboxAnswer(refusal.status, dump(_envelope(refusal)))

    def overloaded(self, *, stream: bool) -> SandboxAnswer:  # noqa: ARG002 - decided before the stream starts
        """Word the error of a full queue."""
        return self.refuse(SandboxRefusal(503, "The engine is currently overloaded, please try again later."))

    def error_frames(self) -> tuple[Frame, ...]:
        """Word an error inside a stream."""
        refusal = SandboxRefusal(500, "The server had an error while processing your request. Sorry about that!")
        return (Frame(data(_envelope(refusal))), DONE)


class OpenAIWire:
    """All that OpenAI answers here."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._chat = OpenAIChat(settings)
        self.dialects: Mapping[str, SandboxDialect] = {"/v1/chat/completions": self._chat}

    def admit(self, request: SandboxRequest) -> None:
        """Want a bearer key: the configured one, or any."""
        key = bearer(request.headers)
        if not key:
            raise SandboxRefusal(401, "You didn't provide an API key.", "invalid_request_error")
        if self._settings.api_key not in {None, key}:
            raise SandboxRefusal(401, "Incorrect API key provided.", "invalid_request_error", code="invalid_api_key")

    def look_up(self, request: SandboxRequest) -> SandboxAnswer:
        """List the models, or say that there is nothing."""
        if request.method == "GET" and request.path == "/v1/models":
            models = self._settings.models or ("gpt-sandbox",)
            return SandboxAnswer(200, dump({"object": "list", "data": [_model(name) for name in models]}))
        if request.method == "GET" and request.path.startswith("/v1/models/"):
            return self._one_model(request.path.removeprefix("/v1/models/"))
        if request.path in self.dialects:
            message = f"Not allowed to {request.method} on {request.path} (HINT: Perhaps you meant to use POST)"
            raise SandboxRefusal(405, message, code="method_not_supported")
        raise SandboxRefusal(404, f"Invalid URL ({request.method} {request.path})")

    def _one_model(self, name: str) -> SandboxAnswer:
        if self._settings.models and name not in self._settings.models:
            message = f"The model '{name}' does not exist"
            raise SandboxRefusal(404, message, param="model", code="model_not_found")
        return SandboxAnswer(200, dump(_model(name)))

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error outside a dialect."""
        return self._chat.refuse(refusal)

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Name the request, as OpenAI does."""
        return (
            ("x-request-id", f"req_{uuid.uuid4().hex}"),
            ("openai-version", "2020-10-01"),
            ("openai-processing-ms", "1"),
        )


def _model(name: str) -> Json:
    return {"id": name, "object": "model", "created": int(time.time()), "owned_by": "sandbox"}


def _check_messages(messages: object) -> None:
    if messages is None:
        message = "Missing required parameter: 'messages'."
        raise SandboxRefusal(400, message, param="messages", code="missing_required_parameter")
    if not is_turns(messages):
        message = "Invalid type for 'messages': expected an array of objects."
        raise SandboxRefusal(400, message, param="messages", code="invalid_type")
    if not messages:
        message = "Invalid 'messages': empty array. Expected an array with minimum length 1."
        raise SandboxRefusal(400, message, param="messages", code="empty_array")


def _check_limits(body: Json) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        value = body.get(name)
        if value is not None and (not isinstance(value, int) or value < 1):
            message = f"Invalid '{name}': expected an integer of at least 1."
            raise SandboxRefusal(400, message, param=name, code="integer_below_min_value")
    if body.get("tool_choice") is not None and not body.get("tools"):
        message = "Invalid value for 'tool_choice': it is only allowed when 'tools' are specified."
        raise SandboxRefusal(400, message, param="tool_choice")
