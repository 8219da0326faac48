"""The most that the demo's live calls can cost: each byte a token, each answer at full length, the highest price."""

from collections.abc import Sequence
from typing import Final

import orjson

from gateway.demo.traffic import Call
from gateway.domain.facts import Facts
from gateway.domain.money import to_usd
from gateway.estimation.cost import hold
from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.settings import default_policies
from gateway.stores.policy.files import read_policies

LIVE_CALLS: Final = 12
LIVE_MAX_TOKENS: Final = 48


def live_bound_usd(traffic: Sequence[Call]) -> float:
    """Return an upper bound in dollars."""
    snapshot = compile_documents(read_policies(default_policies()), PriceBook.load_bundled())
    closed = [target for target in snapshot.targets.values() if target.zone == "closed"]
    total = 0
    for call in traffic:
        facts = Facts(
            team=call.team,
            key="",
            model=call.body["model"],
            dialect=call.dialect,
            input_bytes=len(orjson.dumps(call.body)),
            max_tokens=call.body["max_tokens"],
        )
        total += max(hold(target, facts) for target in closed)
    return float(to_usd(total))
