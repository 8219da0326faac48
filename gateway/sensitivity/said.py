"""What an answer says, in a form that clients do not change: by it an answer is known again in a later request.

Clients drop reasoning, join and split parts, trim white space and write tools' input anew. What is left is the visible
text without white space, and the ids of the tools' calls, which the tools' results must repeat.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import Struct

_THOUGHT: Final = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_TEXTS: Final = ("text", "output_text", "refusal")
"""Types of the parts that a person sees; compared, not hashed: a type may be a list."""


class Said(Struct, frozen=True):
    """What a model said."""

    text: str = ""
    calls: tuple[str, ...] = ()
    """Ids of the tools' calls."""

    @property
    def normal(self) -> str:
        """What stays the same whatever client sends it back."""
        text = _THOUGHT.sub("", self.text) if "<think>" in self.text else self.text
        return "\x1f".join(("".join(text.split()), *dict.fromkeys(filter(None, self.calls))))


NOTHING_SAID: Final = Said()


def together(pieces: Iterable[Said]) -> Said:
    """Return pieces as one answer."""
    pieces = list(pieces)
    return Said("".join([one.text for one in pieces]), tuple([call for one in pieces for call in one.calls]))


def said_in(turn: Any) -> Said:
    """Return what a turn of the assistant says, in either dialect, or an item of a response.

    A message of OpenAI's chat, of Anthropic's, or ``{"type": "function_call"}`` and the like.
    """
    if not isinstance(turn, dict):
        return NOTHING_SAID
    content = turn.get("content")
    texts = [content] if isinstance(content, str) else list(_texts(content))
    if isinstance(turn.get("refusal"), str):
        texts.append(turn["refusal"])
    calls = [*_ids(turn.get("tool_calls")), *_ids(content, "tool_use"), *_ids([turn], "function_call")]
    calls += _ids([turn], "custom_tool_call")
    return Said("".join(texts), tuple(calls))


def _texts(parts: Any) -> Iterator[str]:
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict) and part.get("type") in _TEXTS:
            text = part.get("text", part.get("refusal"))
            yield text if isinstance(text, str) else ""


def _ids(calls: Any, kind: str = "") -> Iterable[str]:
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict) and (not kind or call.get("type") == kind):
            name = call.get("call_id", call.get("id"))
            if isinstance(name, str):
                yield name
