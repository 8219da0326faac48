"""Placeholders out, values in: in a whole text, or in one that arrives in pieces cut anywhere."""

from typing import Any, Final

from gateway.sensitivity.vault import Vault
from gateway.sensitivity.written import At, Inside, Line, ahead, ahead_inside

SIGNED: Final = frozenset(
    {"thinking", "thinking_delta", "signature_delta", "redacted_thinking", "reasoning.text", "reasoning.encrypted"}
)
"""Types of parts that a vendor signs."""
_ANSWERS: Final = frozenset({("content", "message"), ("text", "content"), ("text", "part"), ("text", "")})
"""The answer itself and what holds it, in OpenAI's chat, in Anthropic's Messages and in events of Responses."""
_FUNCTIONS: Final = frozenset({"function", "function_call"})
_CALLS: Final = ("function_call", "response.function_call_arguments.done")
"""Types of an item, and of an event, of OpenAI's Responses that hold the arguments of a call."""


class Unmasker:
    """Restores one text that comes in pieces; what may be the beginning of a placeholder waits for the rest."""

    __slots__ = ("_ahead", "_before", "_held", "_reader")

    def __init__(self, vault: Vault, *, inside_json: bool = False) -> None:
        """Take the placeholders that the request got; ``inside_json``: the text is JSON, values are escaped for it."""
        self._reader = vault.readers.in_json if inside_json else vault.readers.plain
        self._before = (Inside() if inside_json else Line()) if self._reader.places else None
        self._ahead = ahead_inside if inside_json else ahead
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what is certain by now."""
        if not self._held and self._before is None and "M" not in piece:
            return piece
        text = self._held + piece
        plain, done = self._restored(text, last=False)
        self._held = text[done:]
        return plain

    @property
    def holds(self) -> bool:
        """Return whether anything is held back."""
        return bool(self._held)

    def end(self) -> str:
        """Return what was held back: nothing comes after it."""
        held, self._held = self._held, ""
        return self._restored(held, last=True)[0]

    def _restored(self, text: str, *, last: bool) -> tuple[str, int]:
        """Return what is certain of a text, and how much of the text that is; all of it if nothing comes after it."""
        out: list[str] = []
        done = 0
        for match in self._reader.pattern.finditer(text):
            value = self._reader.value(match[0])
            if value is None:
                continue
            self._pass(text[done : match.start()], out)
            done = match.start()
            if not isinstance(value, str):
                right = self._ahead(text, match.end())
                if right is None and not last:
                    return "".join(out), done
                value = value[At.UNKNOWN if self._before is None else self._before.at(right or "")]
            if self._before is not None:
                self._before.see(match[0])
            out.append(value)
            done = match.end()
        cut = len(text) if last else self._cut(text, done)
        self._pass(text[done:cut], out)
        return "".join(out), cut

    def _pass(self, text: str, out: list[str]) -> None:
        """Add what is no placeholder."""
        if self._before is not None:
            self._before.see(text)
        out.append(text)

    def _cut(self, text: str, done: int) -> int:
        """Return where the longest end of the text begins that a placeholder begins with; not before ``done``."""
        start = text.find("M", max(done, len(text) - self._reader.longest + 1))
        while start >= 0:
            if self._reader.begins(text[start:]):
                return start
            start = text.find("M", start + 1)
        return len(text)


def unmask(node: Any, vault: Vault, *, inside_json: bool = False, json_content: bool = False, under: str = "") -> Any:
    """Return a copy of a JSON value in which each placeholder in a string is its value.

    The ``arguments`` of a function are JSON inside of a string, and so is what a message says if the caller asked for
    JSON (``json_content``): there, values are escaped once more. ``under`` is the name of what holds the value.
    Thinking stays as it is: its vendor has signed it, and must get the same bytes back.
    """
    if isinstance(node, str):
        unmasker = Unmasker(vault, inside_json=inside_json)
        return unmasker.feed(node) + unmasker.end()
    if isinstance(node, list):
        return [unmask(item, vault, json_content=json_content, under=under) for item in node]
    if isinstance(node, dict):
        if node.get("type") in SIGNED:
            return node
        return {
            name: unmask(
                value,
                vault,
                inside_json=(name == "arguments" and (under in _FUNCTIONS or node.get("type") in _CALLS))
                or (json_content and (name, under) in _ANSWERS),
                json_content=json_content,
                under=name,
            )
            for name, value in node.items()
        }
    return node
