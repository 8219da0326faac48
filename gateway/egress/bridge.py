"""litellm carries OpenAI's chat to vendors that speak no dialect of ours: Bedrock, Vertex, Gemini. Its only import.

litellm is heavy (2 s and 170 MB to import) and was compromised in three releases: it is imported on first need, and
called with an allow-list of arguments, never with the caller's whole body.
"""

import importlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
import orjson

from gateway.domain.target import Target
from gateway.egress.outgoing import Outgoing, VendorAnswer, VendorBroken

CHAT_ARGUMENTS: Final = frozenset(
    {
        *("messages", "functions", "function_call", "temperature", "top_p", "n", "stream", "stream_options", "stop"),
        *("max_tokens", "max_completion_tokens", "modalities", "prediction", "audio", "presence_penalty"),
        *("frequency_penalty", "logit_bias", "user", "response_format", "seed", "tools", "tool_choice"),
        *(
            "parallel_tool_calls",
            "logprobs",
            "top_logprobs",
            "reasoning_effort",
            "verbosity",
            "service_tier",
            "thinking",
        ),
    }
)
LOGGERS: Final = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
KIND: Final = "litellm"
DROPPED_HEADER: Final = "x-egress-dropped"
MOST_NAMES: Final = 32


class Bridge:
    """Sends through litellm; answers in OpenAI's chat."""

    def __init__(self, *, total: float = 900.0) -> None:
        """Take the time-out, in seconds, of targets that have none of their own."""
        self._total = total
        self._loading = anyio.Lock()
        self._litellm: Any = None

    @asynccontextmanager
    async def send(self, outgoing: Outgoing) -> AsyncGenerator[VendorAnswer]:
        """Send and yield the answer; leaving early closes the vendor's connection.

        Raises:
            VendorBroken: the vendor could not be reached, or its answer broke off.
        """
        litellm = await self._load()
        tree = orjson.loads(outgoing.body)
        try:
            result = await self._call(litellm, outgoing, tree)
        except Exception as error:  # litellm raises whatever its vendors' libraries do
            status = getattr(error, "status_code", None)
            if not isinstance(status, int) or status < 400:  # noqa: PLR2004 -- not an HTTP error
                raise VendorBroken(type(error).__name__) from error
            yield _failure(status, error)
            return
        dropped = _left_out_header(tree)
        if tree.get("stream") is True:
            try:
                yield VendorAnswer(200, [("content-type", "text/event-stream"), *dropped], _chat_events(result))
            finally:
                await _close(result)
        else:
            yield VendorAnswer(200, [("content-type", "application/json"), *dropped], _once(_json(result)))

    @property
    def loaded(self) -> bool:
        """Whether litellm is imported."""
        return self._litellm is not None

    async def preload(self) -> None:
        """Import litellm now, so that the first call does not wait for it."""
        await self._load()

    async def _load(self) -> Any:
        async with self._loading:
            if self._litellm is None:
                self._litellm = await anyio.to_thread.run_sync(importlib.import_module, "litellm")
                for name in LOGGERS:  # its own handlers print messages, which may quote a request
                    logging.getLogger(name).handlers.clear()
                self._litellm.telemetry = False
                # A field that the vendor does not have is a 400 that names it; policy may drop it, and says so.
                self._litellm.drop_params = False
                self._litellm.suppress_debug_info = True
                self._litellm.modify_params = False
        return self._litellm

    async def _call(self, litellm: Any, outgoing: Outgoing, tree: dict[str, Any]) -> Any:
        arguments = {name: value for name, value in tree.items() if name in CHAT_ARGUMENTS and value is not None}
        target = outgoing.target
        arguments |= {
            "model": target.model,
            "api_key": outgoing.credential,
            "num_retries": 0,
            "max_retries": 0,
            "timeout": target.timeouts.total or self._total,
        }
        if target.endpoints:
            arguments["api_base"] = target.endpoints[0]
        return await litellm.acompletion(**arguments)


def is_needed(targets: Iterable[Target]) -> bool:
    """Return whether a policy with these targets should not come into force before litellm is loaded."""
    return any(target.zone == "closed" and target.kind == KIND for target in targets)


def _left_out_header(tree: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the header that names the fields that a bridged call leaves out; none if it sends all of them."""
    left_out = sorted(set(tree) - CHAT_ARGUMENTS - {"model"})
    names = [name if name.isascii() and name.isidentifier() else "?" for name in left_out[:MOST_NAMES]]
    return [(DROPPED_HEADER, ", ".join(names))] if names else []


async def _chat_events(stream: Any) -> AsyncIterator[bytes]:
    """Yield OpenAI's frames of litellm's chunks."""
    with_errors = _broken_as_ours(stream)
    async for chunk in with_errors:
        yield b"data: " + orjson.dumps(chunk.model_dump(exclude_none=True, mode="json")) + b"\n\n"
    yield b"data: [DONE]\n\n"


async def _broken_as_ours(stream: Any) -> AsyncIterator[Any]:
    try:
        async for chunk in stream:
            yield chunk
    except Exception as error:  # litellm raises whatever its vendors' libraries do
        raise VendorBroken(type(error).__name__) from error


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _close(stream: Any) -> None:
    close = getattr(stream, "aclose", None)
    if callable(close):
        with anyio.CancelScope(shield=True), anyio.move_on_after(1):
            await close()


def _json(result: Any) -> bytes:
    if isinstance(result, dict):
        return orjson.dumps(result)
    return orjson.dumps(result.model_dump(exclude_none=True, mode="json"))


def _failure(status: int, error: Exception) -> VendorAnswer:
    """Return a vendor's error; the edge cleans the message before anybody reads it."""
    message = str(getattr(error, "message", "") or type(error).__name__)
    body = {"error": {"message": message, "type": type(error).__name__, "param": None, "code": status}}
    headers = [("content-type", "application/json")]
    response = getattr(error, "response", None)
    retry_after = getattr(response, "headers", {}).get("retry-after") if response is not None else None
    if retry_after:
        headers.append(("retry-after", str(retry_after)))
    return VendorAnswer(status, headers, _once(orjson.dumps(body)))
