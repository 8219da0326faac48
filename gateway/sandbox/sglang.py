"""SGLang's wire as recorded from 0.5.23: two dialects, flat errors, probes and loads."""

import hmac
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.sandbox.credentials import bearer
from gateway.sandbox.settings import SandboxSettings
from gateway.sandbox.sglang_chat import SGLangChat
from gateway.sandbox.sglang_messages import SGLangMessages
from gateway.sandbox.sglang_metrics import exposition
from gateway.sandbox.state import Meters
from gateway.sandbox.wire import Json, SandboxAnswer, SandboxDialect, SandboxRefusal, SandboxRequest, dump

_OPEN = frozenset({"/health", "/ready", "/metrics"})
_VERSION = "0.5.23"


class SGLangWire:
    """All that an SGLang server answers here."""

    def __init__(self, settings: SandboxSettings, meters: Meters) -> None:
        self._settings = settings
        self._meters = meters
        self._model = settings.models[0] if settings.models else "sandbox"
        self._messages = SGLangMessages(settings)
        self.dialects: Mapping[str, SandboxDialect] = {
            "/v1/chat/completions": SGLangChat(settings),
            "/v1/messages": self._messages,
        }

    def admit(self, request: SandboxRequest) -> None:
        """Want the configured key as bearer, if there is one; `x-api-key` is not looked at."""
        wanted = self._settings.api_key
        if wanted is None or request.path in _OPEN:
            return
        if not hmac.compare_digest((bearer(request.headers) or "").encode(), wanted.encode()):
            raise SandboxRefusal(401, "Unauthorized")

    def look_up(self, request: SandboxRequest) -> SandboxAnswer:
        """Answer probes, loads, metrics and models."""
        match request.method, request.path:
            case "GET", "/health" | "/health_generate" | "/ready" | "/ping":
                return SandboxAnswer(200, content_type=None)
            case "GET", "/metrics":
                text = exposition(self._meters, self._model, self._settings.cache_tokens)
                return SandboxAnswer(200, text.encode(), "text/plain; version=0.0.4; charset=utf-8")
            case "GET", "/v1/loads":
                return SandboxAnswer(200, dump(self._loads()))
            case "GET", "/model_info" | "/get_model_info":
                return SandboxAnswer(200, dump(self._model_info()))
            case "GET", "/v1/models":
                return SandboxAnswer(200, dump({"object": "list", "data": [self._model_card()]}))
            case "POST", "/v1/messages/count_tokens":
                return SandboxAnswer(200, dump({"input_tokens": self._messages.count(request)}))
            case "POST", "/flush_cache":
                self._meters.cache.clear()
                return SandboxAnswer(200, b"Cache flushed.\n", None)
            case _:
                return self._nothing(request)

    def _nothing(self, request: SandboxRequest) -> SandboxAnswer:
        name = request.path.removeprefix("/v1/models/")
        if request.method == "GET" and name == self._model:
            return SandboxAnswer(200, dump(self._model_card()))
        if request.method == "GET" and name != request.path:
            kind = {"type": "invalid_request_error", "param": "model", "code": "model_not_found"}
            return SandboxAnswer(404, dump({"error": {"message": f"The model '{name}' does not exist"} | kind}))
        if request.path in self.dialects:
            return SandboxAnswer(405, dump({"detail": "Method Not Allowed"}), headers=(("allow", "POST"),))
        return SandboxAnswer(404, dump({"detail": "Not Found"}))

    def refuse(self, refusal: SandboxRefusal) -> SandboxAnswer:
        """Word an error outside a dialect."""
        return self.dialects["/v1/chat/completions"].refuse(refusal)

    def headers(self) -> tuple[tuple[str, str], ...]:
        """SGLang names no request."""
        return (("server", "uvicorn"), ("vary", "Origin"))

    def _model_card(self) -> Json:
        card = {"id": self._model, "object": "model", "created": int(time.time()), "owned_by": "sglang"}
        return card | {"root": self._model, "parent": None, "max_model_len": self._settings.context_length}

    def _model_info(self) -> Json:
        return {
            "model_path": self._model,
            "served_model_name": self._model,
            "tokenizer_path": self._model,
            "is_generation": True,
            "preferred_sampling_params": None,
            "weight_version": "default",
            "load_format": "auto",
            "reasoning_parser": None,
            "tool_call_parser": "qwen",
            "disaggregation_mode": "null",
            "has_image_understanding": False,
            "has_audio_understanding": False,
            "model_type": "sandbox",
            "architectures": ["Sandbox"],
        }

    def _loads(self) -> Json:
        now = datetime.now(UTC)
        head = {"timestamp": now.isoformat(), "version": _VERSION, "accelerator": None, "num_accelerators": 1}
        return head | {"loads": [{"timestamp": now.timestamp(), "dp_rank": 0} | self._load()]}

    def _load(self) -> Json:
        slots, capacity = self._meters.slots, self._settings.cache_tokens
        used, waiting = slots.used_tokens, slots.waiting_tokens
        disaggregation = dict.fromkeys(_DISAGGREGATION_COUNTS, 0)
        return {
            "num_running_reqs": slots.running,
            "num_waiting_reqs": slots.waiting,
            "num_waiting_uncached_tokens": waiting,
            "num_used_tokens": used,
            "num_total_tokens": used + waiting,
            "num_active_tokens": used + waiting,
            "num_prealloc_ready_tokens": 0,
            "max_total_num_tokens": capacity,
            "max_running_requests": self._settings.max_running_requests,
            "token_usage": round(used / capacity, 4),
            "gen_throughput": 0.0,
            "cache_hit_rate": round(self._meters.hit_rate, 4),
            "utilization": 0.0,
            "total_prefill_uncached_tokens": self._meters.prompt_tokens - self._meters.cached_tokens,
            "total_prefill_busy_us": 0,
            "decode_moments": [0.0] * 6,
            "memory": {"weight_gb": 0.0, "kv_cache_gb": 0.0, "graph_gb": 0.0, "token_capacity": capacity},
            "disaggregation": {"mode": "null"}
            | disaggregation
            | {"kv_transfer_speed_gb_s": 0.0, "kv_transfer_latency_ms": 0.0},
            "queues": {"waiting": slots.waiting, "grammar": 0, "paused": 0, "retracted": 0, "prealloc_ready": 0},
        }


_DISAGGREGATION_COUNTS = (
    "prefill_bootstrap_queue_reqs",
    "prefill_inflight_queue_reqs",
    "decode_prealloc_queue_reqs",
    "decode_transfer_queue_reqs",
    "decode_retracted_queue_reqs",
)
