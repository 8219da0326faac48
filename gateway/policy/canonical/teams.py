"""Teams, with what their calls are paid from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gateway.domain.label import DataClass
from gateway.domain.team import Team
from gateway.policy.canonical import budgets
from gateway.policy.canonical.sensitivity import unscannable_data, unscannable_spec

if TYPE_CHECKING:
    from gateway.domain.exceptions import PolicyException
    from gateway.policy.canonical.budgets import Purse
    from gateway.policy.document.callers import TeamBlock


def from_document(
    block: "TeamBlock", organization: "Purse", exceptions: Sequence["PolicyException"]
) -> tuple[Team, tuple["Purse", ...]]:
    """Return the team of a block, and its purses: its own, then those of its keys."""
    keys = [budgets.from_document(one, "key") for one in block.keys]
    purses = (budgets.from_document(block, "team"), *keys)
    bare = Team(
        block.id,
        DataClass.parse(block.default_class),
        block.reference,
        block.owner or "",
        block.cost_center or "",
        masks_all=block.mask == "all",
        unscannable=unscannable_spec(
            unscannable_data(block.on_unscannable.model_dump() if block.on_unscannable else {})
        ),
    )
    return _whole(bare, (organization, *purses), exceptions), purses


def to_canonical(team: Team, purses: Sequence["Purse"]) -> dict[str, Any]:
    """Return plain data, without the id and without what others say: the organization's purse, exceptions.

    Args:
        team: its own budgets and limits are not used: an empty purse of a key would look like none.
        purses: its own, then those of its keys.
    """
    own, *keys = purses
    more = {"keys": [{"id": one.key, **budgets.to_canonical(one)} for one in keys]} if keys else {}
    return {
        "default_class": team.default_class.word,
        "reference": team.reference,
        "owner": team.owner,
        "cost_center": team.cost_center,
        **budgets.to_canonical(own),
        **({"mask": "all"} if team.masks_all else {}),
        **({"on_unscannable": {kind: one.word for kind, one in team.unscannable}} if team.unscannable else {}),
        **more,
    }


def from_canonical(
    name: str, item: dict[str, Any], organization: "Purse", exceptions: Sequence["PolicyException"]
) -> tuple[Team, tuple["Purse", ...]]:
    """Rebuild a team and its purses from its id, :func:`to_canonical` and what others say of it."""
    keys = [budgets.from_canonical(one, "key", one["id"]) for one in item.get("keys", ())]
    purses = (budgets.from_canonical(item, "team"), *keys)
    words = (item["reference"], item["owner"], item["cost_center"])
    unread = unscannable_spec(item.get("on_unscannable", {}))
    bare = Team(name, DataClass.parse(item["default_class"]), *words, masks_all="mask" in item, unscannable=unread)
    return _whole(bare, (organization, *purses), exceptions), purses


def _whole(team: Team, purses: Sequence["Purse"], exceptions: Sequence["PolicyException"]) -> Team:
    """Return the team with what its calls are paid from, the payer with the widest reach first."""
    return Team(
        team.id,
        team.default_class,
        team.reference,
        team.owner,
        team.cost_center,
        tuple([budget for purse in purses for budget in purse.budgets]),
        tuple([one for one in exceptions if team.id in one.teams]),
        tuple([purse.rate_limit for purse in purses if purse.rate_limit is not None]),
        team.masks_all,
        team.unscannable,
    )
