"""200 agents on one budget, each asking for 32,000 tokens of output and taking a few hundred: simulated, seeded."""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random

import pytest
from support.fakes import AT_NS, Clock, closed, policy

from gateway.domain.facts import Facts
from gateway.domain.usage import Usage
from gateway.estimation.typical import Typical, true_bound
from gateway.pipeline.payment import charges, entries, paying
from gateway.pricing.cost import cost
from gateway.stores.state.memory import MemoryState

SESSIONS = 200
ASKED = 32_000
BUDGET_USD = 1000
LONG = 900.0


@dataclass
class Outcome:
    """What a budget went through."""

    limit: int
    spent_at_first_refusal: int = -1
    spent: int = 0
    bound: int = 0
    """The most by which calls in flight could pass what they held: ADR 15's bound."""
    calls: int = 0


@dataclass
class Agents:
    """Sessions that call again as soon as they are answered, until they are refused."""

    random: Random
    strict: bool
    state: MemoryState = field(default_factory=lambda: MemoryState(Clock()))
    typical: Typical = field(default_factory=Typical)

    def __post_init__(self):
        target = closed("away", price={"input_per_mtok_usd": 3, "output_per_mtok_usd": 15}, max_output_tokens=ASKED)
        team = {"id": "t", "default_class": "public", "budget": {"usd": BUDGET_USD, "strict": self.strict}}
        snapshot = policy(targets=[target], models=[{"name": "auto", "candidates": ["away"]}], rules=[], teams=[team])
        self.target = snapshot.targets["away"]
        self.paid = paying(snapshot.teams["t"], "k", AT_NS)
        self.running = []
        self.slack = {}
        self.now = 0.0
        self.outcome = Outcome(self.paid[0].limit)

    @property
    def spent(self):
        return self.state.used(self.paid[0].counter)[0]

    def facts(self):
        tokens = self.random.randint(4_000, 30_000)
        usual = () if self.strict else (("away", self.typical.output("t", "code", "away")),)
        return Facts(
            "t",
            "k",
            "auto",
            "openai.chat",
            input_tokens=tokens,
            input_bytes=4 * tokens,
            max_tokens=ASKED,
            typical=usual,
        )

    async def call(self, session):
        facts, name = self.facts(), f"h{self.outcome.calls}"
        (entry,) = entries(self.paid, self.target, facts)
        self.outcome.calls += 1
        if (await self.state.admit(name, [entry], (), LONG)).short:
            if self.outcome.spent_at_first_refusal < 0:
                self.outcome.spent_at_first_refusal = self.spent
            return
        self.slack[name] = true_bound(self.target, facts, "usd") - entry.amount
        self.outcome.bound = max(self.outcome.bound, sum(self.slack.values()))
        output = min(ASKED, int(self.random.lognormvariate(6, 0.9)))  # median 400, one in a hundred above 3,300
        heappush(self.running, (self.now + output / self.random.uniform(40, 90), session, name, facts, output))

    async def run(self):
        for session in range(SESSIONS):
            await self.call(session)
        while self.running:
            self.now, session, name, facts, output = heappop(self.running)
            usage = Usage(input_tokens=facts.input_tokens, output_tokens=output)
            taken = cost(self.target.charge(AT_NS, facts.input_tokens, ""), usage)
            await self.state.settle(name, charges(self.paid, self.target, taken, facts.input_tokens + output))
            del self.slack[name]
            self.typical.record("t", "code", "away", output)
            await self.call(session)
        self.outcome.spent = self.spent
        return self.outcome


@pytest.mark.anyio
@pytest.mark.parametrize("seed", range(3))
async def test_nobody_is_refused_before_95_percent_of_the_cash_is_spent_and_the_overshoot_is_bounded(seed):
    outcome = await Agents(Random(seed), strict=False).run()

    assert outcome.calls > 10_000
    assert outcome.spent_at_first_refusal >= 0.95 * outcome.limit
    assert outcome.spent <= outcome.limit + outcome.bound


@pytest.mark.anyio
async def test_a_strict_budget_is_never_passed_though_it_refuses_earlier():
    outcome = await Agents(Random(1), strict=True).run()

    assert 0 <= outcome.spent_at_first_refusal < 0.95 * outcome.limit
    assert outcome.spent <= outcome.limit
