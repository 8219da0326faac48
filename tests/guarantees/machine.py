"""Random policies, conversations, plants, faults and reloads against a gateway whose ends keep what reaches them.

After every step: no body that reached a target holds more than that target may see, be it in the body or in what its
conversation carried before; nothing left without an entry in the egress's chain; nothing planted is in the ledger.
The machine knows by itself what was planted where: it asks nothing of the code that it checks.
"""

import asyncio
import json
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.fakes import CHAT, MESSAGES, closed, local, policy
from support.lab import Behaviour, Lab, holds
from support.plants import DISGUISES, ENCODINGS, PLANTS, Plant

from gateway.domain.records import encode
from gateway.ports import SessionsUnavailable

LEVELS = ("public", "internal", "confidential", "restricted")
TARGETS = ("a", "b", "c", "d")
TEAMS = ("red", "blue")
MODES = ("ok", "ok", "error", "saturated", "refuses", "cut", "garbage", "unauthorized")
MOST_TALKS = 8
WORDS = {**DISGUISES, **ENCODINGS}


@cache
def random_policy(number: int) -> Any:
    """One of a few dozen policies: zones, clearances, masks, defaults and order drawn by number."""
    rng = random.Random(number)
    targets = []
    for name in TARGETS:
        clearance: dict[str, Any] = {"max": rng.choice(LEVELS)}
        if rng.random() < 0.3:
            clearance["forbid"] = rng.sample(["pci", "secret", "pii"], rng.randint(1, 2))
        if rng.random() < 0.4:
            clearance["mask"] = rng.sample(["email", "credit_card", "iban"], rng.randint(1, 2))
        make = rng.choice([local, closed, closed])
        more = {"kind": rng.choice(["openai", "anthropic"])} if make is closed else {}
        targets.append(make(name, clearance=clearance, **more))
    order = rng.sample(TARGETS, len(TARGETS))
    return policy(
        targets=targets,
        models=[{"name": "auto", "candidates": list(TARGETS)}],
        rules=[{"kind": "prefer", "by": "order", "order": order}],
        teams=[{"id": team, "default_class": rng.choice(LEVELS[:3])} for team in TEAMS],
    )


@dataclass
class Talk:
    """A conversation as its client and the truth know it."""

    number: int
    team: str
    id: str
    turns: list[dict[str, Any]] = field(default_factory=list)
    history: list[list[Plant]] = field(default_factory=list)
    """What each turn holds."""
    marks: list[list[Plant]] = field(default_factory=list)
    """What each turn carries besides: an answer all that its request carried."""
    carried: list[Plant] = field(default_factory=list)
    """What was said under its id in any request that reached a target."""

    @property
    def marker(self) -> str:
        """Stands in every request, so that a captured body tells whose it is."""
        return f"talk-{self.number:05d}-mark"

    def carries_now(self) -> list[Plant]:
        """Return what it carries, as far as the truth knows: by its id, and by the answers that it repeats."""
        return _each(*self.carried, *(plant for plants in self.marks for plant in plants))


class BrokenSessions:
    """A store that is away."""

    remote = True

    async def find(self, *_: Any) -> Any:
        raise SessionsUnavailable

    add = sealed_by = seal = find

    def plain(self, keys: Any) -> None:
        pass

    doubt = plain


class Gateway(RuleBasedStateMachine):
    """The machine."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.directory = Path(tempfile.mkdtemp())
        self.lab = Lab(self.directory, random_policy(0))
        self.talks: list[Talk] = []
        self.plants: list[Plant] = []
        self.checked = self.written = 0
        self.store = self.lab.sessions
        self.adding: list[Plant] = []
        """What the conversation of the last request carries once it reaches a target."""
        self.sending: dict[str, list[Plant]] = {}
        """Marker → what its conversation carries as far as the truth knows, at the time of the request."""

    def teardown(self) -> None:
        self.runner.close()
        shutil.rmtree(self.directory)

    @initialize(number=st.integers(0, 39))
    def first_policy(self, number: int) -> None:
        self.lab.snapshot = random_policy(number)

    @rule(data=st.data())
    def something_changes(self, data: Any) -> None:
        """A reload (the egress may lag behind), a target's health, the egress, the store of session labels, time."""
        change = data.draw(st.sampled_from([self._reload, self._behave, self._egress, self._store, self._time]))
        change(data.draw)

    def _reload(self, draw: Any) -> None:
        self.lab.egress_snapshot = self.lab.snapshot if draw(st.booleans()) else None
        self.lab.snapshot = random_policy(draw(st.integers(0, 39)))

    def _behave(self, draw: Any) -> None:
        self.lab.behaviours[draw(st.sampled_from(TARGETS))] = Behaviour(draw(st.sampled_from(MODES)))

    def _egress(self, draw: Any) -> None:
        self.lab.egress_down = draw(st.booleans())
        if not self.lab.egress_down:
            self.lab.start_egress()

    def _store(self, draw: Any) -> None:
        self.lab.sessions = BrokenSessions() if draw(st.booleans()) else self.store

    def _time(self, draw: Any) -> None:
        seconds = draw(st.integers(1, 600))
        self.lab.clock.wall += seconds * 10**9
        self.lab.clock.seconds += seconds

    @precondition(lambda self: len(self.talks) < MOST_TALKS)
    @rule(data=st.data())
    def a_conversation_begins(self, data: Any) -> None:
        """A new one, or one that goes on from an earlier turn of another, as a client does that edits a message."""
        number = len(self.talks)
        if not self.talks or data.draw(st.booleans()):
            name = f"session-{number}" if data.draw(st.booleans()) else ""
            self.talks.append(Talk(number, data.draw(st.sampled_from(TEAMS)), name))
            return
        talk = data.draw(st.sampled_from(self.talks))
        kept = data.draw(st.integers(0, len(talk.turns)))
        while kept and talk.turns[kept - 1]["role"] != "assistant":
            kept -= 1
        fresh = Talk(number, talk.team, talk.id, talk.turns[:kept], talk.history[:kept], talk.marks[:kept])
        fresh.carried = talk.carried
        self.talks.append(fresh)

    @precondition(lambda self: any(talk.id and talk.turns for talk in self.talks))
    @rule(data=st.data())
    def one_is_compacted(self, data: Any) -> None:
        """Replace the history by a summary in which nothing can be detected any more."""
        talk = data.draw(st.sampled_from([talk for talk in self.talks if talk.id and talk.turns]))
        talk.turns, talk.history, talk.marks = [], [], []

    def _say_something(self, data: Any) -> None:
        if not self.talks:
            self.talks.append(Talk(0, TEAMS[0], "session-0"))
        self.runner.run(self._say(data.draw(st.sampled_from(self.talks)), self._drawn(data)))

    @rule(data=st.data())
    def say(self, data: Any) -> None:
        self._say_something(data)

    @rule(data=st.data())
    def say_more(self, data: Any) -> None:  # the same again: most steps are to be requests
        self._say_something(data)

    @rule(data=st.data())
    def say_on(self, data: Any) -> None:
        self._say_something(data)

    @rule(data=st.data())
    def say_yet_more(self, data: Any) -> None:
        self._say_something(data)

    @precondition(lambda self: any(talk.id for talk in self.talks))
    @rule(data=st.data())
    def siblings(self, data: Any) -> None:
        """Two requests of one conversation at the same time; the second one comes while the first is at a target."""
        talk = data.draw(st.sampled_from([talk for talk in self.talks if talk.id]))
        twin = Talk(len(self.talks), talk.team, talk.id, carried=talk.carried)
        self.talks.append(twin)
        first, second = self._drawn(data), self._drawn(data)
        target = data.draw(st.sampled_from(TARGETS))

        async def meanwhile() -> None:
            talk.carried += self.adding
            await self._say(twin, second)

        self.lab.behaviour(target).before = meanwhile
        self.runner.run(self._say(talk, first))
        self.lab.behaviour(target).before = None

    def _drawn(self, data: Any) -> dict[str, Any]:
        return {
            "plant": data.draw(st.sampled_from([None, None, *PLANTS])),
            "disguise": data.draw(st.sampled_from(sorted(WORDS))),
            "place": data.draw(st.sampled_from(["text", "text", "parts", "result", "arguments", "system", "metadata"])),
            "declared": data.draw(st.sampled_from([None, None, None, *LEVELS, "nonsense"])),
            "stream": data.draw(st.booleans()),
            "dialect": data.draw(st.sampled_from([CHAT, MESSAGES])),
            "answers": data.draw(st.sampled_from([None, None, None, "card"])),
            "keeps": data.draw(st.booleans()),
        }

    async def _say(self, talk: Talk, how: dict[str, Any]) -> None:
        planted = []
        if how["plant"]:
            planted = [PLANTS[how["plant"]](len(self.plants))]
            self.plants += planted
        said = []
        if how["answers"]:
            said = [PLANTS[how["answers"]](len(self.plants))]
            self.plants += said
        for name in TARGETS:
            self.lab.behaviour(name).says = f"Use {said[0].value} now" if said else "Hello"
        body, turns, holding = _request(talk, planted, how)
        known = self.lab.sessions is self.store
        declared = [] if how["declared"] is None else [_declared(how["declared"])]
        now = [*talk.carries_now(), *(plant for plants in holding for plant in plants), *planted, *declared]
        self.sending[talk.marker] = now
        headers = {"x_gateway_data_class": how["declared"]} if how["declared"] else {}
        if talk.id:
            headers["x_gateway_session"] = talk.id
        self.adding = adding = [*self._tainting(planted), *declared] if known else []
        at_targets = len(self.lab.captured)
        client = await self.lab.ask(body, team=talk.team, dialect=how["dialect"], **headers)
        if any(talk.marker.encode() in one.body for one in self.lab.captured[at_targets:]):
            talk.carried += adding if talk.id else []
        unmarked = [[] for _ in turns[len(talk.turns) :]]
        if client.status == 200 and client.done:
            answer = {"role": "assistant", "content": f"Use {said[0].value} now" if said else "Hello"}
            if known and client.headers["x-gateway-zone"] == "closed":
                adding = [*adding, *self._tainting(said)]
                talk.carried += self._tainting(said) if talk.id else []
            talk.marks = [*talk.marks, *unmarked, [*talk.carries_now(), *adding] if known else []]
            talk.turns, talk.history = [*turns, answer], [*holding, said]
        elif how["keeps"]:
            answer = {"role": "assistant", "content": "(an error)"}
            talk.turns, talk.history = [*turns, answer], [*holding, []]
            talk.marks = [*talk.marks, *unmarked, []]

    def _tainting(self, plants: list[Plant]) -> list[Plant]:
        """Return what taints: a kind that some vendor's target masks is remembered by its values instead."""
        closed = [one for one in self.lab.snapshot.targets.values() if one.zone == "closed"]
        return [plant for plant in plants if not any(plant.kind in one.clearance.mask for one in closed)]

    @invariant()
    def nothing_leaves_that_may_not(self) -> None:
        for one in self.lab.captured[self.checked :]:
            clearance = self._clearance(one.target)
            for plant in self.plants:
                if holds(one.body, plant.value):
                    assert _may_see(clearance, plant), f"{plant.kind} reached {one.target}"
            talk = next(talk for talk in reversed(self.talks) if talk.marker.encode() in one.body)
            for plant in self.sending[talk.marker]:
                allowed = _may_see(clearance, plant) or plant.kind in clearance.mask
                assert allowed, f"a conversation that carried {plant.kind} reached {one.target}"
            floor = self.lab.snapshot.teams[talk.team].default_class
            assert floor <= clearance.max, f"{talk.team}'s texts reached {one.target}"
        self.checked = len(self.lab.captured)

    @invariant()
    def nothing_leaves_unrecorded(self) -> None:
        sent = {
            entry["body_sha256"]
            for path in (self.directory / "egress").glob("*.chain")
            for entry in map(json.loads, path.read_bytes().splitlines())
            if entry["outcome"] == "sent"
        }
        for one in self.lab.left():
            assert sha256(one.body).hexdigest() in sent

    @invariant()
    def nothing_planted_stands_in_the_ledger(self) -> None:
        written = b"".join(encode(record) for record in self.lab.spool.records[self.written :])
        self.written = len(self.lab.spool.records)
        for plant in self.plants:
            assert not holds(written, plant.value), f"{plant.kind} is in the ledger"

    def _clearance(self, target: str) -> Any:
        return self.lab.snapshot.targets[target].clearance


def _each(*plants: Plant) -> list[Plant]:
    """Return each plant once."""
    return list({(plant.kind, plant.value, plant.level): plant for plant in plants}.values())


def _declared(word: str) -> Plant:
    level = LEVELS.index(word) if word in LEVELS else 3
    return Plant("declared", "", level, "")


def _may_see(clearance: Any, plant: Plant) -> bool:
    return plant.level <= int(clearance.max) and plant.category not in {str(category) for category in clearance.forbid}


def _request(
    talk: Talk, planted: list[Plant], how: dict[str, Any]
) -> tuple[dict[str, Any], list[Any], list[list[Plant]]]:
    """Return the body, the conversation's turns with the new one, and what each of them holds."""
    text = WORDS[how["disguise"]](planted[0].value) if planted else "Go on"
    ours = {"role": "user", "content": f"[{talk.marker}] please"}
    place = how["place"] if planted else "text"
    more: dict[str, Any] = {}
    extra: list[dict[str, Any]] = []
    if place == "text":
        ours["content"] = f"[{talk.marker}] {text}"
    elif place == "parts":
        ours["content"] = [{"type": "text", "text": f"[{talk.marker}]"}, {"type": "text", "text": text}]
    elif place == "system":
        more["system"] = text
    elif place == "metadata":
        more["metadata"] = {"note": text}
    elif how["dialect"] is CHAT:
        call = {
            "id": "c",
            "type": "function",
            "function": {"name": "f", "arguments": text if place == "arguments" else "{}"},
        }
        extra = [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": text if place == "result" else "done"},
        ]
    else:
        use = {"type": "tool_use", "id": "c", "name": "f", "input": {"x": text} if place == "arguments" else {}}
        result = {"type": "tool_result", "tool_use_id": "c", "content": text if place == "result" else "done"}
        extra = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    turns = [*talk.turns, *extra, ours]
    stays = planted if place not in {"system", "metadata"} else []
    between = {"arguments": [stays, []], "result": [[], stays]}.get(place, []) if extra else []
    holding = [*talk.history, *between, [] if extra else stays]
    return {"model": "auto", "max_tokens": 10, "stream": how["stream"], "messages": turns, **more}, turns, holding
