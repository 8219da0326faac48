"""Who calls: the owner of the key, who must belong to a team of the active policy."""

from collections.abc import Mapping

from gateway.domain.errors import NotAuthenticated
from gateway.domain.team import Team
from gateway.pipeline.inbound import Headers
from gateway.ports import KeyStore, Principal


def authenticate(headers: Headers, keys: KeyStore, teams: Mapping[str, Team], now: float) -> tuple[Principal, Team]:
    """Return the key's owner and its team.

    Raises:
        NotAuthenticated: no key, a wrong one, or one whose team the policy does not know.
    """
    presented = _presented(headers)
    if not presented:
        raise NotAuthenticated("send a gateway key: 'Authorization: Bearer KEY' or 'x-api-key: KEY'")
    principal = keys.find(presented, now)
    if principal is None:
        raise NotAuthenticated("this key is unknown, revoked or expired; ask the owner of your team for a new one")
    return principal, team_of(principal, teams)


def team_of(principal: Principal, teams: Mapping[str, Team]) -> Team:
    """Return the team of a key's owner.

    Raises:
        NotAuthenticated: the policy does not know it.
    """
    team = teams.get(principal.team)
    if team is None:
        raise NotAuthenticated("the team of this key is not in the policy; ask the gateway's operators to add it")
    return team


def _presented(headers: Headers) -> str:
    authorization = headers.get("authorization") or ""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return (headers.get("x-api-key") or "").strip()
