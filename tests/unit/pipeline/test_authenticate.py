import pytest
from support.fakes import KEY, Keys

from gateway.domain.errors import NotAuthenticated
from gateway.domain.label import DataClass
from gateway.domain.team import Team
from gateway.pipeline.authenticate import authenticate
from gateway.pipeline.inbound import Headers
from gateway.ports import Principal

TEAMS = {"t": Team("t", DataClass.PUBLIC)}


def with_headers(**headers: str):
    return authenticate(Headers({n.replace("_", "-"): v for n, v in headers.items()}, frozenset()), Keys(), TEAMS, 0.0)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer   {KEY} "},
        {"x_api_key": KEY},
        {"x_api_key": f" {KEY} "},
        {"authorization": "Basic abc", "x_api_key": KEY},
        {"authorization": "Bearer ", "x_api_key": KEY},
    ],
)
def test_a_key_is_taken_from_either_header(headers):
    principal, team = with_headers(**headers)
    assert (principal.key, team.id) == ("key_1", "t")


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer"}, {"authorization": KEY}, {"x_api_key": ""}, {"x_api_key": "\xff"}]
)
def test_no_key_or_a_wrong_one_is_refused_without_repeating_it(headers):
    with pytest.raises(NotAuthenticated) as caught:
        with_headers(**headers)
    assert KEY not in caught.value.message


def test_a_key_of_a_team_that_the_policy_does_not_know_is_refused():
    headers = Headers({"x-api-key": KEY}, frozenset())
    with pytest.raises(NotAuthenticated, match="team of this key"):
        authenticate(headers, Keys(Principal("k", "gone")), TEAMS, 0.0)
