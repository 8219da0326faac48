"""One gateway with the shipped policy, and one that masks nothing: the same in all else, down to their vendors."""

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from support.lab import Behaviour, Lab

from gateway.policy.load.compile import compile_documents
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.book import PriceBook

from .speech import Said, Speech, Turn

POLICY = Path(__file__).parents[3] / "policies" / "default.yaml"
TEAM = "engineering"
Model = Callable[[dict[str, Any]], Said]
"""What answers a request that it is shown."""


@cache
def policy(*, masking: bool) -> PolicySnapshot:
    """Return the shipped policy; without ``masking`` vendors may see everything."""
    document = yaml.safe_load(POLICY.read_text(encoding="utf-8"))
    del document["cases"]
    for target in document["targets"]:
        if target["zone"] == "closed":
            target["api_key_env"] = "VENDOR_KEY"
            if not masking:
                target["clearance"] = {"max": "restricted", "contracts": ["zdr", "dpa", "baa"]}
    if not masking:
        del document["invariants"]
    return compile_documents([("p.yaml", yaml.safe_dump(document))], PriceBook.load_bundled())


class Moved(Exception):
    """A request was not sent to a vendor, masked or not."""


class Way:
    """The way to a vendor's model through one of the two gateways."""

    def __init__(self, directory: Path, *, masking: bool) -> None:
        self.lab = Lab(directory, policy(masking=masking))
        self.masking = masking
        self.body: dict[str, Any] = {}
        """The last request, as the vendor got it."""
        self.masked = ""
        """What the last answer said was masked."""

    async def ask(self, speech: Speech, turns: list[Turn], model: Model) -> Said:
        """Return the answer to a conversation as its client reads it."""

        def answered(body: dict[str, Any], _path: str) -> list[bytes]:
            self.body = body
            return _cut(b"".join(speech.answer(model(body))), speech.chance)

        self.lab.behaviours = {name: Behaviour(model=answered) for name in self.lab.snapshot.targets}
        self.lab.cut = lambda body: [*_cut(body, speech.chance)]
        self.lab.captured.clear()
        self.lab.spool.records.clear()
        got = await self.lab.ask(speech.request(turns), team=TEAM, dialect=speech.dialect)
        assert got.status == 200, got.body
        if got.headers["x-gateway-zone"] != "closed":
            raise Moved
        self.masked = got.headers.get("x-gateway-masked", "")
        return speech.heard(got.body)


def _cut(body: bytes, chance: random.Random) -> list[bytes]:
    """Return an answer in pieces, cut at random places."""
    cuts = sorted(chance.randrange(len(body) + 1) for _ in range(chance.randrange(8)))
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True) if start < end]
