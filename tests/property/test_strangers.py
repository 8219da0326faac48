"""A label never reaches a conversation that does not hold the turn it came from, and is never lost by one that does.

Many callers of one team share openings, prompts, fields and answers, in any order. What each request must be labelled
follows from the turns alone: the machine keeps its own books and asks nothing of the code that it checks.
"""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from support.fakes import CHAT, MESSAGES, policy
from support.lab import Lab

CARD, OTHER = "4539 1488 0343 6467", "4485 2757 4230 8327"
TEXTS = ("Hello", "Hello", "Hello", f"My card is {CARD}")
MOST = 4
"""Talks at once: so few that they meet."""
ANSWERS = ("Hi!", "Sure.", f"It is {OTHER}")
PLACES = (None, None, None, None, None, None, "system", "tools", "metadata", "declared")
CALLERS = ("t:one", "t:two", "t:three")
RULES = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]
EVERYBODYS = ""


@dataclass
class Talk:
    caller: str
    turns: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Books:
    """What each answer, and each place of answers, carries: owner → kinds."""

    answers: dict[Any, dict[str, set[str]]] = field(default_factory=dict)
    places: dict[Any, dict[str, set[str]]] = field(default_factory=dict)

    def carried(self, turns: list[dict[str, str]], caller: str) -> set[str]:
        kinds: set[str] = set()
        for number, turn in enumerate(turns):
            if turn["role"] == "assistant":
                place = _said(turns[:number])
                held = self.answers.get((place, turn["content"]))
                if held is None:  # nobody gave it here: it may be any that was
                    held = self.places.get(place, {})
                kinds |= held.get(EVERYBODYS, set()) | held.get(caller, set())
        return kinds

    def note(self, books: dict[Any, dict[str, set[str]]], key: Any, found: dict[str, set[str]]) -> None:
        held = books.setdefault(key, {})
        for owner, kinds in found.items():
            held.setdefault(owner, set()).update(kinds)


def _said(turns: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(turn["content"] for turn in turns if turn["role"] == "user")


class Strangers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.directory = Path(tempfile.mkdtemp())
        self.lab = Lab(self.directory)
        self.books = Books()
        self.talks: list[Talk] = []
        self.finds = True
        self._switch(finds=True)

    def teardown(self) -> None:
        self.runner.close()
        shutil.rmtree(self.directory)

    @rule(finds=st.booleans())
    def the_detector_is_switched(self, finds: bool) -> None:
        self._switch(finds=finds)

    def _switch(self, *, finds: bool) -> None:
        self.finds = finds
        detectors = [{"kind": "credit_card", "enabled": finds}, {"kind": "phone", "enabled": False}]
        self.lab.snapshot = policy(rules=RULES, sensitivity={"detectors": detectors})

    @rule(caller=st.sampled_from(CALLERS))
    def a_stranger_comes(self, caller: str) -> None:
        self._comes(Talk(caller))

    @rule(data=st.data())
    def a_client_goes_back(self, data: Any) -> None:
        """To an earlier turn, whose answer it asks for anew."""
        if self.talks:
            talk = data.draw(st.sampled_from(self.talks))
            kept = data.draw(st.integers(0, len(talk.turns) // 2)) * 2
            self._comes(Talk(talk.caller, talk.turns[:kept]))

    def _comes(self, talk: Talk) -> None:
        self.talks = [*self.talks[-MOST + 1 :], talk]

    @rule(data=st.data())
    def a_client_writes_an_answer_anew(self, data: Any) -> None:
        answered = [talk for talk in self.talks if talk.turns]
        if answered:
            talk = data.draw(st.sampled_from(answered))
            talk.turns = [*talk.turns[:-1], {"role": "assistant", "content": "(shortened)"}]

    @rule(data=st.data())
    def say(self, data: Any) -> None:
        self._say(data)

    @rule(data=st.data())
    def say_more(self, data: Any) -> None:
        self._say(data)

    @rule(data=st.data())
    def say_on(self, data: Any) -> None:
        self._say(data)

    def _say(self, data: Any) -> None:
        if not self.talks:
            self.talks.append(Talk(CALLERS[0]))
        talk = data.draw(st.sampled_from(self.talks))
        place, answer = data.draw(st.sampled_from(PLACES)), data.draw(st.sampled_from(ANSWERS))
        turns = [*talk.turns, {"role": "user", "content": data.draw(st.sampled_from(TEXTS))}]
        stream, dialect = data.draw(st.booleans()), data.draw(st.sampled_from([CHAT, MESSAGES]))
        self.runner.run(self._asked(talk, turns, place, answer, dialect, stream=stream))

    async def _asked(
        self, talk: Talk, turns: Any, place: str | None, answer: str, dialect: Any, *, stream: bool
    ) -> None:
        for name in ("home", "away"):
            self.lab.behaviour(name).says = answer
        carried = self.books.carried(turns, talk.caller)
        found = self._found(turns, place, talk.caller)
        body, headers = _request(turns, place, dialect, stream=stream)
        client = await self.lab.ask(body, team=talk.caller, dialect=dialect, **headers)
        assert client.status == 200
        stays = bool(carried) or any(found.values())
        assert client.headers["x-gateway-zone"] == ("local" if stays else "closed"), (carried, found)
        if self.finds and not stays and OTHER in answer:  # what a vendor answers is looked at
            found.setdefault(EVERYBODYS, set()).add("credit_card")
        fresh = {owner: kinds - carried for owner, kinds in found.items() if kinds - carried}
        self.books.note(self.books.answers, (_said(turns), answer), fresh)
        self.books.note(self.books.places, _said(turns), fresh)
        talk.turns = [*turns, {"role": "assistant", "content": answer}]

    def _found(self, turns: Any, place: str | None, caller: str) -> dict[str, set[str]]:
        """Return what is found now, by whose it is: what stands in the turns is everybody's who says the same."""
        found: dict[str, set[str]] = {EVERYBODYS: set(), caller: set()}
        texts = "".join(turn["content"] for turn in turns)
        if self.finds and (CARD in texts or OTHER in texts):
            found[EVERYBODYS].add("credit_card")
        if place == "declared":
            found[caller].add("declared")
        elif place and self.finds:
            found[caller].add("credit_card")
        return found


def _request(turns: Any, place: str | None, dialect: Any, *, stream: bool) -> tuple[dict[str, Any], dict[str, str]]:
    body: dict[str, Any] = {"model": "auto", "max_tokens": 10, "stream": stream, "messages": turns}
    if place == "system":
        if dialect is CHAT:
            body["messages"] = [{"role": "system", "content": f"Charge {CARD}"}, *turns]
        else:
            body["system"] = f"Charge {CARD}"
    elif place == "tools":
        named = {"name": "f", "description": f"Charges {CARD}"}
        body["tools"] = [{"type": "function", "function": named} if dialect is CHAT else named | {"input_schema": {}}]
    elif place == "metadata":
        body["metadata"] = {"note": CARD}
    return body, {"x_gateway_data_class": "restricted"} if place == "declared" else {}


TestStrangers = Strangers.TestCase
TestStrangers.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
