"""Decides what a generation says and where it ends, the same way for every vendor."""

from dataclasses import dataclass
from random import Random
from typing import Any

from gateway.sandbox.compose import compose, randomness
from gateway.sandbox.example import example
from gateway.sandbox.tokens import split
from gateway.sandbox.wire import Reply, Tool, dump, items


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the request leaves open and what it fixes.

    Attributes:
        label: How each text starts.
        prompt: The rendered conversation; with the choice's number the only source of chance.
        limit: The most tokens that may be generated.
        length: Tokens of a reply that nothing cuts; None: a few sentences.
        stops: Texts before which a reply ends.
        tool: Name and schema of the tool that must be called.
        call_prefix: How ids of calls start.
        schema: The reply must be JSON that fits.
    """

    label: str
    prompt: str
    limit: int
    length: int | None = None
    stops: tuple[str, ...] = ()
    tool: tuple[str, Any] | None = None
    call_prefix: str = "call_"
    schema: Any = None

    def reply(self, choice: int) -> Reply:
        """Compose one choice."""
        random = randomness(self.label, self.prompt, str(choice))
        if self.tool is not None:
            name, schema = self.tool
            call = Tool(f"{self.call_prefix}{random.getrandbits(96):024x}", name)
            return self._bounded(dump(example(schema)).decode(), Reply((), "tool", tool=call))
        text = self._text(random)
        found = [(text.index(stop), stop) for stop in self.stops if stop and stop in text]
        if found:
            at, stop = min(found)
            return self._bounded(text[:at], Reply((), "stop_sequence", stop))
        return self._bounded(text, Reply((), "stop"))

    def _text(self, random: Random) -> str:
        if self.schema is not None:
            return dump(example(self.schema)).decode()
        return compose(self.label, random, self.length)

    def _bounded(self, text: str, reply: Reply) -> Reply:
        tokens = split(text)
        if len(tokens) > self.limit:
            return Reply(tokens[: self.limit], "length", tool=reply.tool)
        return Reply(tokens, reply.finish, reply.stop, reply.tool)


def stop_texts(value: Any) -> tuple[str, ...]:
    """Read one stop text or a list of them."""
    if isinstance(value, str):
        return (value,)
    return tuple(stop for stop in items(value) if isinstance(stop, str))
