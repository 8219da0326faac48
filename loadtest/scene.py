"""The scene that speed is measured on: a key, a prompt of 2 KB, eight rules of which five have conditions, a budget.

Everything that an edge does in production is on: scan, hold and settlement, fsync, metrics, a log line.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

WORDS = (
    "Please read the notes of the meeting and write a short summary for the people who could not come. "
    "Say what was decided, who does what until when, and what is still open. Keep it to ten lines. "
)
PROMPT_BYTES = 2048
KEYS_TEAM = "support"


def policy(upstream: str) -> str:
    """Return a policy in which the local target at ``upstream`` is the cheapest and serves every call."""
    home = {
        "id": "home",
        "zone": "local",
        "kind": "sglang",
        "model": "m",
        "endpoints": [upstream],
        "clearance": "restricted",
        "region": "eu",
        "context_window": 131072,
        "max_output_tokens": 4096,
        "capabilities": ["tools", "json_schema", "vision"],
        "license": {"id": "Apache-2.0", "commercial_use": "allowed"},
        "price": {"input_per_mtok_usd": 0.2, "cached_input_per_mtok_usd": 0.1, "output_per_mtok_usd": 0.4},
        "quality": {"default": 0.8, "code": 0.75},
    }
    vendor = {
        "id": "vendor",
        "zone": "closed",
        "kind": "openai",
        "model": "gpt-5",
        "api_base": f"{upstream}/v1",
        "api_key_env": "VENDOR_KEY",
        "clearance": "internal",
        "region": "us",
        "context_window": 131072,
        "max_output_tokens": 4096,
        "capabilities": ["tools", "json_schema", "vision"],
        "price": {"input_per_mtok_usd": 1.0, "cached_input_per_mtok_usd": 0.1, "output_per_mtok_usd": 2.0},
        "quality": {"default": 0.95},
    }
    budget = {"usd": 50000, "per": "month", "covers": "all", "on_exhausted": "reject"}
    return json.dumps(
        {
            "version": 1,
            "targets": [home, vendor],
            "models": [{"name": "auto", "candidates": ["home", "vendor"], "substitution": "free"}],
            "teams": [
                {"id": KEYS_TEAM, "default_class": "internal", "reference": "vendor", "budget": budget},
                {"id": "legal", "default_class": "confidential"},
            ],
            "rules": [
                {"kind": "license", "deny": ["forbidden"]},
                {"kind": "max_cost", "usd": 5.0},
                {"kind": "quality_floor", "when": "task == 'code'", "min": 0.7},
                {"kind": "residency", "when": "team == 'legal'", "regions": ["eu"]},
                {"kind": "quality_floor", "id": "long", "when": "input_tokens > 100000", "min": 0.9},
                {
                    "kind": "residency",
                    "id": "night",
                    "when": "team == 'legal' && key.startsWith('x')",
                    "regions": ["us"],
                },
                {
                    "kind": "prefer",
                    "id": "best",
                    "by": "quality",
                    "when": "task == 'review' || model.startsWith('claude')",
                },
                {"kind": "prefer", "id": "cheapest", "by": "cost"},
            ],
        }
    )


def request(*, stream: bool = False, size: int = PROMPT_BYTES) -> dict[str, Any]:
    """Return a chat of one message of so many bytes."""
    text = (WORDS * (size // len(WORDS) + 1))[:size]
    more = {"stream": True} if stream else {}
    return {"model": "auto", "messages": [{"role": "user", "content": text}], "max_tokens": 128, **more}


def agent(size: int) -> dict[str, Any]:
    """Return an agent's session of so many bytes: turns with code, logs and diffs, which the tests make up."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from support.agent_sessions import Session  # noqa: PLC0415 -- a module of the tests

    turns: list[dict[str, Any]] = []
    for turn in Session(1).turns(10_000):
        turns.append(turn)
        size -= len(json.dumps(turn))
        if size <= 0:
            break
    return {"model": "auto", "messages": turns, "max_tokens": 128}


def coding_agent() -> dict[str, Any]:
    """Return a call as coding agents make it: 75 KB of tools, twenty turns."""
    tools = [
        {
            "type": "function",
            "function": {
                "name": f"tool_{number}",
                "description": WORDS * 8,
                "parameters": {
                    "type": "object",
                    "properties": {f"field_{place}": {"type": "string", "description": WORDS} for place in range(10)},
                    "required": ["field_0"],
                },
            },
        }
        for number in range(20)
    ]
    return {**agent(100_000), "messages": agent(100_000)["messages"][:20], "tools": tools}


def unit(times: int) -> float:
    """Return the CPU seconds of a fixed piece of plain Python: what a busy or slow machine does to both cancels out."""
    began = time.thread_time()
    for _ in range(times):
        table: dict[str, list[object]] = {}
        for number in range(100):
            one = [number, str(number)]
            table[str(one[1])] = one
            f"{number}:{one[1]}".partition(":")
    return time.thread_time() - began
