"""SGLang's wording of Anthropic's messages: the same events, fewer fields, everything cached."""

from gateway.sandbox.messages import MessagesDialect
from gateway.sandbox.sglang_chat import QUEUE_FULL, check_context
from gateway.sandbox.wire import (
    SSE_TYPE,
    CacheWish,
    Frame,
    Job,
    Json,
    SandboxAnswer,
    SandboxRefusal,
    SandboxUsage,
    dump,
    event,
)

_KINDS = {400: "invalid_request_error", 404: "not_found_error", 503: "overloaded_error"}


def _envelope(refusal: SandboxRefusal) -> Json:
    kind = refusal.kind or _KINDS.get(refusal.status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": refusal.message}}


class SGLangMessages(MessagesDialect):
    """`POST /v1/messages` as SGLang words it."""

    label = "[sandbox sglang]"

    def check_model(self, model: object) -> None:
        """Take any name, and none."""

    def check_length(self, prompt_tokens: int, limit: int) -> None:
        """Check that prompt and completion fit into the context."""
        check_context(prompt_tokens, limit, self.settings.context_length)

    def cache_wish(self, body: Json, prompt: str) -> CacheWish:  # noqa: ARG002 - `cache_control` is not looked at
        """Cache everything, token by token."""
        return CacheWish(prompt)

    def usage(self, job: Job, usage: SandboxUsage) -> Json:  # noqa: ARG002
        """Word the usage; `input_tokens` leaves out what was cached."""
        return {
            "input_tokens": usage.prompt - usage.cached,
            "output_tokens": usage.completion,
            "cache_read_input_tokens": usage.cached,
        }

    def last_usage(self, job: Job, usage: SandboxUsage) -> Json:  # noqa: ARG002
        """Word the usage of `message_delta`."""
        return {"output_tokens": usage.completion}

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error in Anthropic's envelope, but for the one of a missing key."""
        if refusal.status == 401:  # noqa: PLR2004
            return SandboxAnswer(401, b'{"error":"Unauthorized"}')
        return SandboxAnswer(refusal.status, dump(_envelope(refusal)))

    def overloaded(self, *, stream: bool) -> SandboxAnswer:
        """Word the error of a full queue; how the real one does it for messages was not recorded."""
        refusal = SandboxRefusal(503, QUEUE_FULL)
        return SandboxAnswer(200, event(_envelope(refusal)), SSE_TYPE) if stream else self.refuse(refusal)

    def error_frames(self) -> tuple[Frame, ...]:
        """Word an error inside a stream."""
        return (Frame(event(_envelope(SandboxRefusal(500, "Internal server error")))),)
