"""What every store of admin tokens promises, whatever database it is in."""

from typing import get_args

import pytest

from gateway.domain.access import Admin, Refusal, Right
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.keys.lookup import digest_of
from gateway.stores.keys.place import cached, cached_tokens, keeper, token_keeper

NOW = 1_800_000_000.0


@pytest.fixture(params=["sqlite", "postgres"])
def data(request, tmp_path):
    return DataDir(tmp_path, SQLITE if request.param == "sqlite" else request.getfixturevalue("server").database())


@pytest.fixture
def hand(data):
    return token_keeper(data)


@pytest.fixture
def tokens(data, hand):
    hand.create("nobody", "viewer", now=NOW)
    with_them = cached_tokens(data)
    yield with_them
    with_them.close()


def code(found):
    assert isinstance(found, Refusal)
    return found.code


def test_a_new_token_is_known_after_the_next_refresh_by_its_name_and_role(hand, tokens):
    _, token = hand.create("ann", "operator", now=NOW)
    before = tokens.find(token, NOW)

    assert (code(before), tokens.refresh(), tokens.refresh()) == ("unknown_token", True, False)
    assert tokens.find(token, NOW) == Admin("ann", frozenset({"operator"}))


def test_a_lead_s_teams_come_with_the_token(hand, tokens):
    _, token = hand.create("bob", "lead", now=NOW, teams=("support", "legal"))
    tokens.refresh()

    assert tokens.find(token, NOW) == Admin("bob", frozenset({"lead"}), frozenset({"support", "legal"}))


def test_a_revoked_token_is_refused_as_revoked_after_the_next_refresh(hand, tokens):
    token_id, token = hand.create("ann", "viewer", now=NOW)
    tokens.refresh()
    valid = tokens.find(token, NOW)
    revoked = [hand.revoke(token_id, now=NOW + 1), hand.revoke(token_id, now=NOW + 9), hand.revoke("no", now=NOW)]
    tokens.refresh()

    assert (valid.name, revoked) == ("ann", [True, True, False])
    assert tokens.find(token, NOW + 1) == Refusal(
        "revoked_token",
        f"the token {token_id} of ann was revoked at 2027-01-15T08:00:01Z: ask for a new one (gateway tokens create)",
    )


def test_a_token_is_valid_until_the_moment_it_expires_and_then_refused_as_expired(hand, tokens):
    _, token = hand.create("ann", "viewer", now=NOW, expires_at=NOW + 10)
    tokens.refresh()

    assert tokens.find(token, NOW + 9.9).name == "ann"
    assert code(tokens.find(token, NOW + 10)) == "expired_token"


@pytest.mark.parametrize("presented", ["", "gwa_", "gwa_abc_short", "\ud800", "\0", "gwa_" + "A" * 10_000])
def test_what_is_no_token_is_refused(tokens, presented):
    assert code(tokens.find(presented, NOW)) == "unknown_token"


def test_the_right_id_with_another_secret_is_refused_as_unknown_without_details(hand, tokens):
    token_id, _ = hand.create("ann", "viewer", now=NOW)
    _, other = hand.create("bob", "viewer", now=NOW)
    tokens.refresh()
    refusal = tokens.find(f"gwa_{token_id}_{other.split('_', 2)[2]}", NOW)

    assert refusal.code == "unknown_token"
    assert "ann" not in refusal.message


def test_a_key_for_models_opens_nothing_here_and_a_token_calls_no_model(data, hand, tokens):
    _, key = keeper(data).create("support", now=NOW)
    _, token = hand.create("ann", "viewer", now=NOW)
    keys = cached(data)
    tokens.refresh()

    assert tokens.find(key, NOW).message.startswith("this is an API key")
    assert keys.find(token, NOW) is None
    assert keys.find(key, NOW).team == "support"
    keys.close()


def test_lists_show_tokens_oldest_first_revoked_ones_too(hand):
    first, _ = hand.create("ann", "viewer", now=NOW, expires_at=NOW + 5)
    second, _ = hand.create("bob", "lead", now=NOW + 1, teams=("legal", "eng"))
    hand.revoke(second, now=NOW + 2)

    assert [entry.as_json(NOW + 5) for entry in hand.list()] == [
        {
            "id": first,
            "name": "ann",
            "role": "viewer",
            "teams": [],
            "created": "2027-01-15T08:00:00Z",
            "expires": "2027-01-15T08:00:05Z",
            "revoked": None,
            "state": "expired",
        },
        {
            "id": second,
            "name": "bob",
            "role": "lead",
            "teams": ["eng", "legal"],
            "created": "2027-01-15T08:00:01Z",
            "expires": None,
            "revoked": "2027-01-15T08:00:02Z",
            "state": "revoked",
        },
    ]


def test_a_token_is_stored_nowhere_in_the_file(tmp_path):
    token_id, token = token_keeper(DataDir(tmp_path)).create("ann", "viewer", now=NOW)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert token.removeprefix(f"gwa_{token_id}_").encode() not in stored
    assert digest_of(token).encode() in stored


def test_before_the_first_token_there_is_an_empty_list_and_a_server_may_start(data):
    seen = token_keeper(data).list()
    tokens = cached_tokens(data)
    _, token = token_keeper(data).create("ann", "viewer", now=NOW)

    assert (seen, tokens.refresh()) == ([], True)
    assert tokens.find(token, NOW).name == "ann"
    tokens.close()


def test_a_lead_without_a_team_sees_nobody_s_and_an_unknown_role_opens_nothing(hand, tokens):
    """The command line writes neither; somebody's hand or a newer gateway might."""
    _, lead = hand.create("bob", "lead", now=NOW)
    _, newer = hand.create("eve", "auditor", now=NOW)
    tokens.refresh()

    assert tokens.find(lead, NOW).teams == frozenset()
    assert not tokens.find(lead, NOW).sees("support")
    assert not any(tokens.find(newer, NOW).may(right) for right in get_args(Right))
