"""SGLang's wording of chat completions: flat errors, `matched_stop`, cached tokens, and hardly a check."""

import json
import uuid
from collections.abc import Iterator

from gateway.sandbox.chat import DONE, ChatDialect, is_turns, wants
from gateway.sandbox.wire import (
    SSE_TYPE,
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
    parse_object,
)

QUEUE_FULL = "The request queue is full."
# The real server shows its own file's path in each validation error, so a gateway must clean it.
_LEAK = "/opt/venv/lib/python3.11/site-packages/sglang/srt/entrypoints/http_server.py"
_KINDS = {400: "BadRequestError", 500: "InternalServerError"}


def invalid(kind: str, location: str, message: str) -> SandboxRefusal:
    """Word a validation error, leak included."""
    found = f"{{'type': '{kind}', 'loc': {location}, 'msg': '{message}'}}"
    text = f'1 validation error:\n  {found}\n\n  File "{_LEAK}", line 1870, in openai_v1_chat_completions [{found}]'
    return SandboxRefusal(400, text, "Bad Request")


def check_context(prompt_tokens: int, limit: int | None, longest: int) -> None:
    """Check that prompt and completion fit into the context."""
    if prompt_tokens >= longest:
        message = f"The input ({prompt_tokens} tokens) is longer than the model's context length ({longest} tokens)."
        raise SandboxRefusal(400, message)
    if limit is not None and prompt_tokens + limit > longest:
        message = (
            f"Requested token count exceeds the model's maximum context length of {longest} tokens. "
            f"You requested a total of {prompt_tokens + limit} tokens: {prompt_tokens} tokens from the input "
            f"messages and {limit} tokens for the completion. Please reduce the number of tokens in the input "
            "messages or the completion to fit within the limit."
        )
        raise SandboxRefusal(400, message)


class SGLangChat(ChatDialect):
    """`POST /v1/chat/completions` as SGLang words it."""

    label = "[sandbox sglang]"

    def read(self, request: SandboxRequest) -> Json:
        """Read and check the body; the model's name is not checked."""
        if not request.headers.get("content-type", "").startswith("application/json"):
            message = "Unsupported Media Type: Only application/json is allowed"
            raise invalid("value_error", "('header', 'content-type')", message)
        try:
            body = parse_object(request.body)
        except ValueError as error:
            raise invalid("json_invalid", "('body', 0)", "JSON decode error") from error
        _check_messages(body)
        _check_limits(body)
        _, colon, adapter = str(body.get("model") or "").partition(":")
        if colon:
            raise SandboxRefusal(400, f"LoRA adapter '{adapter}' was requested, but LoRA is not enabled.")
        return body

    def check_length(self, prompt_tokens: int, limit: int | None) -> None:
        """Check that prompt and completion fit into the context."""
        check_context(prompt_tokens, limit, self.settings.context_length)

    def length(self, body: Json, limit: int) -> int | None:
        """Go on past the limit if the end of the text is to be ignored."""
        return limit + 1 if body.get("ignore_eos") is True else self.settings.reply_tokens

    def identity(self, body: Json) -> str:
        """Take the id that the caller chose, or make one."""
        return str(body.get("rid") or uuid.uuid4().hex)

    def cache_wish(self, prompt: str) -> CacheWish:
        """Cache everything, token by token."""
        return CacheWish(prompt)

    def envelope(self, job: Job, kind: str) -> Json:
        """Word what each response and chunk has around its choices."""
        return {"id": job.id, "object": kind, "created": job.created, "model": job.model}

    def choice(self, index: int, key: str, content: Json, finish: str | None, stop: str | None) -> Json:
        """Word one choice, with the stop text that matched."""
        return {"index": index, key: content, "logprobs": None, "finish_reason": finish, "matched_stop": stop}

    def message(self, reply: Reply) -> Json:
        """Word what the assistant says."""
        message: Json = {"role": "assistant", "content": reply.text, "reasoning_content": None}
        if reply.tool:
            function = {"name": reply.tool.name, "arguments": reply.text}
            message["content"] = None
            message["tool_calls"] = [{"id": reply.tool.id, "index": 0, "type": "function", "function": function}]
        return message

    def deltas(self, reply: Reply) -> Iterator[Json]:
        """Word the tokens; the first delta carries the role."""
        yield {"reasoning_content": None, "role": "assistant", "content": ""}
        if reply.tool is None:
            yield from ({"reasoning_content": None, "content": token} for token in reply.tokens)
            return
        yield _call(reply.tool.id, reply.tool.name, "")
        yield from (_call(None, None, token) for token in reply.tokens)

    def last_delta(self) -> Json:
        """Word the delta that carries only the finish reason."""
        return {"reasoning_content": None}

    def chunk_usage(self, job: Job, reply: Reply | None, usage: SandboxUsage | None, done: int) -> Json:
        """Word the running usage if it was requested; deltas of tools carry an empty one anyway."""
        if usage is not None and reply is not None and done and wants(job, "continuous_usage_stats"):
            return {"usage": self.usage(SandboxUsage(usage.prompt, done, usage.cached))}
        return {"usage": None} if reply is not None and reply.tool and done else {}

    def usage(self, usage: SandboxUsage) -> Json:
        """Word the usage."""
        return {
            "prompt_tokens": usage.prompt,
            "total_tokens": usage.prompt + usage.completion,
            "completion_tokens": usage.completion,
            "prompt_tokens_details": {"cached_tokens": usage.cached},
            "reasoning_tokens": 0,
            "completion_tokens_details": None,
        }

    def trailer(self, job: Job, usage: SandboxUsage | None) -> Json:
        """Word the version of the weights, and where cached tokens were stored if that was requested."""
        versions = [{"version": "default", "start": 0, "end": job.completion_tokens}]
        trailer: Json = {"metadata": {"weight_version": "default", "weight_versions": versions}}
        if usage is not None and job.options.get("return_cached_tokens_details") is True:
            trailer["sglext"] = {"cached_tokens_details": {"device": usage.cached, "host": 0}}
        return trailer

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error: flat, but for the one of a missing key."""
        if refusal.status == 401:  # noqa: PLR2004
            return SandboxAnswer(401, b'{"error":"Unauthorized"}')
        return SandboxAnswer(refusal.status, dump(_flat(refusal)))

    def overloaded(self, *, stream: bool) -> SandboxAnswer:
        """Word the error of a full queue; a stream gets 200, and its first event reports it."""
        if not stream:
            return SandboxAnswer(503, dump(_flat(SandboxRefusal(503, QUEUE_FULL))))
        body = b"".join(frame.data for frame in _event(SandboxRefusal(503, QUEUE_FULL, "SERVICE_UNAVAILABLE")))
        return SandboxAnswer(200, body, SSE_TYPE)

    def error_frames(self) -> tuple[Frame, ...]:
        """Word an error inside a stream."""
        return _event(SandboxRefusal(500, "Internal server error", "INTERNAL_SERVER_ERROR"))


def _flat(refusal: SandboxRefusal) -> Json:
    kind = refusal.kind or _KINDS.get(refusal.status, str(refusal.status))
    error = {"object": "error", "message": refusal.message, "type": kind}
    return error | {"param": refusal.param, "code": refusal.status}


def _event(refusal: SandboxRefusal) -> tuple[Frame, ...]:
    # With blanks after the separators, unlike all other events: so it was recorded.
    text = json.dumps({"error": _flat(refusal)})
    return (Frame(f"data: {text}\n\n".encode()), DONE)


def _call(identity: str | None, name: str | None, arguments: str) -> Json:
    function = {"name": name, "arguments": arguments}
    call = {"id": identity, "index": 0, "type": "function", "function": function}
    return {"role": None, "content": None, "reasoning_content": None, "tool_calls": [call]}


def _check_messages(body: Json) -> None:
    if "messages" not in body:
        raise invalid("missing", "('body', 'messages')", "Field required")
    if not is_turns(body["messages"]):
        raise invalid("list_type", "('body', 'messages')", "Input should be a valid list")
    if not body["messages"]:
        raise SandboxRefusal(400, "Messages cannot be empty.")


def _check_limits(body: Json) -> None:
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    if limit is not None and not isinstance(limit, int):
        raise invalid("int_parsing", "('body', 'max_tokens')", "Input should be a valid integer")
    if limit is not None and limit < 0:
        raise SandboxRefusal(400, f"max_new_tokens must be at least 0, got {limit}.")
    temperature = body.get("temperature")
    if isinstance(temperature, int | float) and temperature < 0:
        raise SandboxRefusal(400, f"temperature must be a non-negative finite number, got {float(temperature)}.")
