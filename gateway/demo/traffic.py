"""What four teams ask in the demo: plain questions, long shared prompts, card numbers, code, a budget that runs out."""

import random
from dataclasses import dataclass, field
from typing import Any, Final

_HANDBOOK: Final = (
    "You answer for Example Shop. Be brief and kind. Refunds are possible within 30 days with a receipt. Parcels "
    "inside the EU take two to four working days. Never promise what the handbook does not say. "
) * 14
_CODEBASE: Final = (
    "def settle(hold, cost):\n    if hold.id in settled:\n        return settled[hold.id]\n"
    "    ledger.append(hold.id, cost)\n    return cost\n\n"
) * 16
_TICKETS: Final = (
    "Where is my parcel {n}? It was sent on Monday.",
    "I would like to return order {n}, the size is wrong.",
    "My invoice {n} shows the wrong street, please correct it.",
    "The discount for order {n} was not applied.",
)
_CODE: Final = (
    "Why does test_settle_twice_{n} fail?",
    "Write a docstring for settle and say what it raises, variant {n}.",
    "Refactor settle so that it takes a clock, step {n}.",
)
_CLAUSES: Final = (
    "Review clause {n}: the supplier may assign the contract without consent.",
    "Summarise the indemnity in section {n} in three lines.",
)
_ROWS: Final = ("Classify row {n} as complaint, praise or question.", "Extract the product of row {n} as JSON.")
_CARDS: Final = ("4539 1488 0343 6467", "5412-5684-9286-4787", "371407930719123")
"""Test numbers that the card networks publish."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the demo."""

    team: str
    dialect: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where it is posted."""
        return "/v1/messages" if self.dialect == "anthropic" else "/v1/chat/completions"


def calls(seed: int, number: int, max_tokens: int) -> list[Call]:
    """Return ``number`` calls, the same for the same seed, the teams mixed."""
    source = random.Random(seed)
    makers = (_support, _support, _engineering, _engineering, _legal, _data)
    return [source.choice(makers)(source, index, max_tokens) for index in range(number)]


def _support(source: random.Random, index: int, max_tokens: int) -> Call:
    session = f"ticket-{source.randrange(24)}"
    text = source.choice(_TICKETS).format(n=10_000 + index)
    if source.random() < 0.12:  # noqa: PLR2004 -- about one ticket in eight holds a card number
        text += f" I paid with {source.choice(_CARDS)}."
    model = source.choice(("auto", "claude-sonnet-4-5"))
    messages = [{"role": "system", "content": _HANDBOOK}, {"role": "user", "content": text}]
    return _chat("support", model, messages, max_tokens, source, {"x-gateway-session": session})


def _engineering(source: random.Random, index: int, max_tokens: int) -> Call:
    text = source.choice(_CODE).format(n=index)
    if source.random() < 0.5:  # noqa: PLR2004 -- half of them through an agent that speaks Messages
        body = {
            "model": "claude-sonnet-4-5",
            "max_tokens": max_tokens,
            "system": "You are a careful engineer.\n" + _CODEBASE,
            "messages": [{"role": "user", "content": text}],
            "stream": source.random() < 0.7,  # noqa: PLR2004
        }
        return Call("engineering", "anthropic", body, {"user-agent": "claude-cli/2.0 (demo)"})
    messages = [{"role": "system", "content": _CODEBASE}, {"role": "user", "content": text}]
    model = source.choice(("auto", "auto", "gpt-5"))
    task = {"x-gateway-task": "code"} if source.random() < 0.5 else {}  # noqa: PLR2004 -- half say what they are for
    return _chat("engineering", model, messages, max_tokens, source, task)


def _legal(source: random.Random, index: int, max_tokens: int) -> Call:
    text = source.choice(_CLAUSES).format(n=index)
    return _chat("legal", source.choice(("auto", "claude-sonnet-4-5")), _user(text), max_tokens, source, {})


def _data(source: random.Random, index: int, max_tokens: int) -> Call:
    return _chat("data", "gpt-5", _user(source.choice(_ROWS).format(n=index)), max_tokens, source, {})


def _user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def _chat(
    team: str,
    model: str,
    messages: list[dict[str, str]],
    max_tokens: int,
    source: random.Random,
    headers: dict[str, str],
) -> Call:
    body: dict[str, Any] = {"model": model, "messages": messages, "max_tokens": max_tokens}
    if source.random() < 0.5:  # noqa: PLR2004 -- half of them stream
        body["stream"] = True
    return Call(team, "openai", body, headers)
