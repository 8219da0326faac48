"""What every store of API keys promises, whatever it keeps them in."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.domain.errors import LedgerUnavailable
from gateway.policy.load.errors import PolicyErrors
from gateway.ports import Principal
from gateway.stores.keys import lookup as keys_lookup
from gateway.stores.keys.file import FileKeys, listed
from gateway.stores.keys.lookup import digest_of
from gateway.stores.keys.postgres import CachedPostgresKeys, PostgresKeys
from gateway.stores.keys.sqlite import CachedKeys, SqliteKeys

NOW = 1_800_000_000.0


@dataclass
class Store:
    """A store and the hand that keeps it."""

    keys: Any
    make: Any
    revoke: Any


def in_sqlite(path: Path) -> Store:
    hand = SqliteKeys(path / "keys.sqlite3")
    hand.create("nobody", now=NOW)

    def make(team, grants=(), expires=None):
        return hand.create(team, now=NOW, grants=grants, expires_at=expires)

    return Store(CachedKeys(path / "keys.sqlite3"), make, lambda key_id: hand.revoke(key_id, now=NOW))


def in_file(path: Path) -> Store:
    file, entries = path / "keys.yaml", []
    source = SqliteKeys(path / "elsewhere.sqlite3")

    def save():
        draft = path / "draft"
        draft.write_text(json.dumps(entries))
        draft.replace(file)

    def make(team, grants=(), expires=None):
        key_id, key = source.create(team, now=NOW)
        entries.append(
            {"id": key_id, "team": team, "sha256": digest_of(key), "grants": list(grants), "expires": expires}
        )
        save()
        return key_id, key

    def revoke(key_id):
        entries[:] = [entry for entry in entries if entry["id"] != key_id]
        save()

    save()
    return Store(FileKeys(file), make, revoke)


def in_postgres(url: str) -> Store:
    hand = PostgresKeys(url)
    hand.create("nobody", now=NOW)

    def make(team, grants=(), expires=None):
        return hand.create(team, now=NOW, grants=grants, expires_at=expires)

    return Store(CachedPostgresKeys(url), make, lambda key_id: hand.revoke(key_id, now=NOW))


@pytest.fixture(params=["sqlite", "file", "postgres"])
def store(request, tmp_path):
    if request.param == "postgres":
        store = in_postgres(request.getfixturevalue("server").database())
    else:
        store = {"sqlite": in_sqlite, "file": in_file}[request.param](tmp_path)
    yield store
    if hasattr(store.keys, "close"):
        store.keys.close()


def test_a_new_key_is_known_after_the_next_refresh(store):
    key_id, key = store.make("support", grants=("declassify",))
    before = store.keys.find(key, NOW)

    assert (before, store.keys.refresh()) == (None, True)
    assert store.keys.find(key, NOW) == Principal(key_id, "support", frozenset({"declassify"}))


def test_a_revoked_key_is_refused_after_the_next_refresh(store):
    key_id, key = store.make("support")
    _, other = store.make("legal")
    store.keys.refresh()
    store.revoke(key_id)

    assert store.keys.refresh()
    assert store.keys.find(key, NOW) is None
    assert store.keys.find(other, NOW).team == "legal"


def test_a_key_is_valid_until_the_moment_it_expires(store):
    _, key = store.make("support", expires=NOW + 10)
    store.keys.refresh()

    assert store.keys.find(key, NOW + 9.9).grants == frozenset()
    assert store.keys.find(key, NOW + 10) is None


def test_nothing_is_read_again_while_nothing_changes(store):
    store.make("support")

    assert [store.keys.refresh() for _ in range(3)] == [True, False, False]


def test_changes_that_follow_each_other_at_once_are_all_seen(store):
    for _ in range(20):
        _, key = store.make("support")
        store.keys.refresh()

        assert store.keys.find(key, NOW)


def test_the_right_id_with_another_secret_is_refused(store):
    key_id, _ = store.make("support")
    _, other = store.make("support")
    store.keys.refresh()

    assert store.keys.find(f"gwk_{key_id}_{other.split('_', 2)[2]}", NOW) is None


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "gwk_",
        "gwk__",
        "sk-123",
        "gwk_abc_short",
        "gwk_abc_" + "A" * 44,
        "gwk_ABC_" + "é" * 43,
        "Bearer x",
        "\ud800",
        "\0",
    ],
)
def test_what_is_no_key_is_refused_without_hashing_it(store, presented, monkeypatch):
    monkeypatch.setattr(keys_lookup, "digest_of", lambda _: pytest.fail("hashed"))

    assert store.keys.find(presented, NOW) is None


def test_what_is_far_too_long_is_refused_by_its_length(store, monkeypatch):
    monkeypatch.setattr(keys_lookup, "_FORM", None)

    assert store.keys.find("gwk_" + "A" * 10_000_000, NOW) is None


def test_an_unknown_id_is_hashed_and_compared_like_a_known_one(store, monkeypatch):
    """So that the time an answer takes does not tell which ids exist."""
    key_id, key = store.make("support")
    store.keys.refresh()
    compared = []
    monkeypatch.setattr(keys_lookup.hmac, "compare_digest", lambda *pair: compared.append(pair) or False)
    unknown = "gwk_00000000_" + key.removeprefix(f"gwk_{key_id}_")
    store.keys.find(key, NOW)
    store.keys.find(unknown, NOW)

    assert [len(ours) == len(theirs) == 64 for ours, theirs in compared] == [True, True]


def test_a_stored_hash_of_nobody_cannot_be_met():
    assert keys_lookup.look_up({}, "gwk_00000000_" + "A" * 43, NOW) is None


class TestSqlite:
    def test_the_key_is_stored_nowhere(self, tmp_path):
        key_id, key = SqliteKeys(tmp_path / "keys.sqlite3").create("support", now=NOW)
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())

        assert key.encode() not in stored
        assert key.removeprefix(f"gwk_{key_id}_").encode() not in stored
        assert digest_of(key).encode() in stored

    def test_the_file_is_for_its_owner_alone(self, tmp_path):
        SqliteKeys(tmp_path / "deep" / "keys.sqlite3").create("support", now=NOW)

        assert (tmp_path / "deep" / "keys.sqlite3").stat().st_mode & 0o777 == 0o600

    def test_a_server_may_start_before_the_first_key_is_made(self, tmp_path):
        keys = CachedKeys(tmp_path / "keys.sqlite3")
        _, key = SqliteKeys(tmp_path / "keys.sqlite3").create("support", now=NOW)

        assert keys.refresh()
        assert keys.find(key, NOW)
        keys.close()

    def test_a_file_that_is_replaced_by_another_is_read(self, tmp_path):
        SqliteKeys(tmp_path / "keys.sqlite3").create("support", now=NOW)
        keys = CachedKeys(tmp_path / "keys.sqlite3")
        _, key = SqliteKeys(tmp_path / "other.sqlite3").create("legal", now=NOW)
        (tmp_path / "other.sqlite3").replace(tmp_path / "keys.sqlite3")

        assert keys.refresh()
        assert keys.find(key, NOW).team == "legal"
        keys.close()

    def test_when_the_file_is_taken_away_so_are_its_keys(self, tmp_path):
        _, key = SqliteKeys(tmp_path / "keys.sqlite3").create("support", now=NOW)
        keys = CachedKeys(tmp_path / "keys.sqlite3")
        (tmp_path / "keys.sqlite3").unlink()

        assert [keys.refresh(), keys.refresh()] == [True, False]
        assert keys.find(key, NOW) is None
        keys.close()

    def test_while_the_file_cannot_be_read_the_last_good_keys_stay(self, tmp_path):
        path = tmp_path / "keys.sqlite3"
        _, key = SqliteKeys(path).create("support", now=NOW)
        keys = CachedKeys(path)
        good = path.read_bytes()
        (tmp_path / "bad").write_bytes(b"this is no database " * 100)
        (tmp_path / "bad").replace(path)
        bad = keys.refresh()
        kept = keys.find(key, NOW)
        (tmp_path / "good").write_bytes(good)
        (tmp_path / "good").replace(path)

        assert (bad, kept.team) == (False, "support")
        assert keys.refresh()
        keys.close()

    def test_a_file_that_cannot_be_read_at_the_start_is_an_error(self, tmp_path):
        (tmp_path / "keys.sqlite3").write_bytes(b"this is no database " * 100)

        with pytest.raises(LedgerUnavailable, match="API keys"):
            CachedKeys(tmp_path / "keys.sqlite3")

    def test_revoking_says_whether_there_was_such_a_key_and_keeps_the_first_time(self, tmp_path):
        hand = SqliteKeys(tmp_path / "keys.sqlite3")
        unknown = hand.revoke("nobody", now=NOW)
        key_id, _ = hand.create("support", now=NOW)
        hand.revoke(key_id, now=NOW + 1)
        hand.revoke(key_id, now=NOW + 2)

        assert (unknown, hand.revoke("nobody", now=NOW)) == (False, False)
        assert [entry.revoked_at for entry in hand.list()] == [NOW + 1]


class TestFile:
    def test_it_takes_json_and_yaml_and_dates(self, tmp_path):
        file = tmp_path / "keys.yaml"
        key = "gwk_ci_" + "A" * 43
        file.write_text(f"- id: ci\n  team: ci\n  sha256: {digest_of(key)}\n  expires: 2027-01-15\n")
        keys = FileKeys(file)

        assert keys.find(key, 1_799_971_199.0).team == "ci"
        assert keys.find(key, 1_799_971_200.0) is None

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[{id: a, team: b}]", "0.sha256: field required"),
            ("[{id: a_b, team: b, sha256: " + "0" * 63 + "a}]", "0.id"),
            ("[{id: a, team: b, sha256: short}]", "0.sha256"),
            ("[{id: a, team: b, sha256: " + "0" * 63 + "a, role: x}]", "0.role"),
            ("[{id: a, team: b, sha256: " + "0" * 63 + "a, expires: soon}]", "0.expires"),
            ("{id: a}", "should be a valid list"),
            ("- [", "neither JSON nor YAML"),
            ("[" + ", ".join(["{id: a, team: b, sha256: " + "0" * 63 + "a}"] * 2) + "]", "duplicate id"),
        ],
    )
    def test_a_bad_file_is_an_error_at_the_start_with_place_and_fix(self, tmp_path, text, problem):
        (tmp_path / "keys.yaml").write_text(text)

        with pytest.raises(PolicyErrors) as error:
            FileKeys(tmp_path / "keys.yaml")
        assert problem in str(error.value)
        assert "keys.yaml:" in str(error.value)

    def test_a_file_that_is_not_there_is_an_error_at_the_start(self, tmp_path):
        with pytest.raises(PolicyErrors, match="GATEWAY_KEYS_FILE"):
            FileKeys(tmp_path / "keys.yaml")

    def test_a_removed_line_takes_effect_although_another_one_is_bad(self, tmp_path):
        store = in_file(tmp_path)
        (_, gone), (kept_id, kept), (bad_id, bad) = (store.make(team) for team in ("support", "legal", "data"))
        store.keys.refresh()
        rows = yaml.safe_load((tmp_path / "keys.yaml").read_text())
        rows = [row for row in rows if row["id"] in {kept_id, bad_id}]
        next(row for row in rows if row["id"] == bad_id)["sha256"] = "oops"
        (tmp_path / "keys.yaml").write_text(yaml.safe_dump(rows))

        assert store.keys.refresh()
        assert store.keys.find(gone, NOW) is None
        assert (store.keys.find(kept, NOW).team, store.keys.find(bad, NOW).team) == ("legal", "data")
        assert "sha256" in store.keys.problem

    def test_an_entry_may_say_what_the_key_is_for_and_whose(self, tmp_path):
        row = {"id": "a", "team": "b", "sha256": "0" * 64, "name": "nightly", "owner": "ann"}
        (tmp_path / "keys.yaml").write_text(yaml.safe_dump([row]))

        assert FileKeys(tmp_path / "keys.yaml").problem == ""
        (shown,) = listed(tmp_path / "keys.yaml")
        assert (shown["name"], shown["owner"], "sha256" in shown) == ("nightly", "ann", False)

    def test_a_file_that_turns_bad_leaves_the_last_good_keys_in_force_and_says_so(self, tmp_path):
        store = in_file(tmp_path)
        _, key = store.make("support")
        store.keys.refresh()
        (tmp_path / "keys.yaml").write_text("oops: [")
        changed = store.keys.refresh()

        assert (changed, store.keys.find(key, NOW).team) == (False, "support")
        assert "neither JSON nor YAML" in store.keys.problem
        _, other = store.make("legal")
        assert store.keys.refresh()
        assert (store.keys.problem, store.keys.find(other, NOW).team) == ("", "legal")
