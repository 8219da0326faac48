"""What a caller may ask about itself: its models, its budget, its decisions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import anyio
import orjson

from gateway.domain.budget import Account
from gateway.domain.errors import ModelNotFound
from gateway.domain.money import usd_text
from gateway.domain.team import Team
from gateway.edge.dispute import disputed
from gateway.pipeline.authenticate import authenticate
from gateway.pipeline.inbound import Headers
from gateway.pipeline.payment import left, paying
from gateway.pipeline.world import World
from gateway.policy.decide.hard_rules import visible_models
from gateway.policy.snapshot import Rollout
from gateway.ports import Principal


class DecisionNotFound(ModelNotFound):
    """No decision of this id was made for this key."""

    code = "decision_not_found"


@dataclass(frozen=True, slots=True)
class Own:
    """Answers with the caller's own key."""

    world: World
    find_decision: Callable[[str], dict[str, Any] | None]
    """Reads the ledger, spool included; runs in a thread."""

    def models(self, headers: Headers) -> bytes:
        """Return the models that this key may use, in OpenAI's list shape, or Anthropic's if the caller is one."""
        _, team = self._caller(headers)
        names = visible_models(self.world.policy(), team.id)
        if headers.get("anthropic-version"):
            data = [_in_anthropics_shape(name) for name in names]
            first, last = (names[0], names[-1]) if names else (None, None)
            return orjson.dumps({"data": data, "has_more": False, "first_id": first, "last_id": last})
        data = [_in_openais_shape(name) for name in names]
        return orjson.dumps({"object": "list", "data": data})

    def model(self, headers: Headers, name: str) -> bytes:
        """Return one model that this key may use, in the shape of the caller's dialect.

        Raises:
            ModelNotFound: there is none of this name, or the key may not use it.
        """
        _, team = self._caller(headers)
        found = self.world.policy().model_for(name)
        listed = visible_models(self.world.policy(), team.id)
        if found is None or (found.name in self.world.policy().models and found.name not in listed):
            raise ModelNotFound(f"no model `{name}` here; GET /v1/models lists those that this key may use")
        if headers.get("anthropic-version"):
            return orjson.dumps(_in_anthropics_shape(name))
        return orjson.dumps(_in_openais_shape(name))

    def me(self, headers: Headers) -> bytes:
        """Return team, models, budget left and rollouts of the caller."""
        principal, team = self._caller(headers)
        snapshot = self.world.policy()
        now = self.world.clock.wall_ns()
        paid = paying(team, principal.key, now)
        models = {self._model(name) for name in visible_models(snapshot, team.id)}
        return orjson.dumps(
            {
                "object": "gateway.me",
                "key": principal.key,
                "team": team.id,
                "owner": team.owner or None,
                "cost_center": team.cost_center or None,
                "default_class": team.default_class.word,
                "models": visible_models(snapshot, team.id),
                "budget": next((self._short(one) for one in paid if one.unit == "usd"), None),
                "budgets": [self._described(account) for account in paid],
                "rate_limits": [
                    {
                        "of": limit.payer,
                        "requests_per_minute": limit.requests,
                        "tokens_per_minute": limit.tokens,
                    }
                    for limit in team.limiting(principal.key)
                ],
                "rollouts": [
                    {"id": each.id, "model": each.model, "to": each.to, "percent": each.basis_points / 100}
                    for each in chain.from_iterable(snapshot.rollouts.values())
                    if self._may_meet(each, models)
                ],
                "policy": snapshot.hash,
            }
        )

    def _model(self, name: str) -> str:
        """Return the name or pattern of the model that serves a name."""
        found = self.world.policy().model_for(name)
        return name if found is None else found.name

    def _may_meet(self, rollout: Rollout, models: set[str]) -> bool:
        """Return whether a rollout is about a model of the caller's; a pattern is not listed, so it may be."""
        return rollout.model in models or rollout.model not in self.world.policy().models

    def _short(self, account: Account) -> dict[str, Any]:
        budget = account.budget
        return {
            "usd": usd_text(account.limit),
            "left_usd": usd_text(left(account, self.world.state)),
            "per": budget.per,
            "covers": budget.covers,
            "on_exhausted": budget.on_exhausted,
        }

    def _described(self, account: Account) -> dict[str, Any]:
        spent, held = self.world.state.used(account.counter)
        rest = account.limit - spent - held
        shown: Callable[[int], Any] = usd_text if account.unit == "usd" else int
        budget = account.budget
        return {
            "of": budget.payer,
            "unit": account.unit,
            "limit": shown(account.limit),
            "spent": shown(spent),
            "held": shown(held),
            "left": shown(rest),
            "per": budget.per,
            "period": account.period.name,
            "ends": datetime.fromtimestamp(account.period.end_ns / 1e9, UTC).isoformat(),
            "covers": budget.covers,
            "on_exhausted": budget.on_exhausted,
            "warnings": [share for share in budget.soft if 100 * (spent + held) >= share * account.limit],
        }

    async def decision(self, headers: Headers, decision_id: str) -> bytes:
        """Return one decision of the caller's own key.

        Raises:
            DecisionNotFound: there is none, or it is somebody else's: both read the same.
        """
        principal, _ = self._caller(headers)
        found = await anyio.to_thread.run_sync(self.find_decision, decision_id)
        if found is None or found.get("key") != principal.key:
            raise DecisionNotFound("this key has no decision of that id")
        return orjson.dumps(found)

    async def dispute(self, headers: Headers, decision_id: str) -> bytes:
        """Record that what was found for one of the key's own decisions is wrong.

        Raises:
            DecisionNotFound: there is no such decision, or it is somebody else's.
            InvalidRequest: nothing was found in it.
            LedgerUnavailable: it cannot be recorded.
        """
        principal, _ = self._caller(headers)
        found = orjson.loads(await self.decision(headers, decision_id))
        return await disputed(self.world, principal, found)

    def _caller(self, headers: Headers) -> tuple[Principal, Team]:
        world = self.world
        return authenticate(headers, world.keys, world.policy().teams, world.clock.wall_ns() / 1e9)


def _in_anthropics_shape(name: str) -> dict[str, Any]:
    return {"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"}


def _in_openais_shape(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "gateway"}
