"""The data directory: for its owner alone, and secrets that all who start together agree on."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.stores.data_dir import DataDir, read_or_make_secret


def test_directories_are_for_their_owner_alone(tmp_path):
    data = DataDir(tmp_path / "a" / "data")
    data.ensure()
    data.ensure()

    assert [path.stat().st_mode & 0o777 for path in (data.path, data.spool)] == [0o700, 0o700]


def test_a_secret_is_made_once_and_read_from_then_on(tmp_path):
    first = read_or_make_secret(tmp_path / "salt", 32)

    assert read_or_make_secret(tmp_path / "salt", 32) == first
    assert len(first) == 43
    assert (tmp_path / "salt").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["salt"]


def test_all_who_start_together_agree(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: read_or_make_secret(tmp_path / "salt", 32), range(64)))

    assert len(secrets) == 1


def test_an_empty_secret_is_refused(tmp_path):
    (tmp_path / "salt").touch()

    with pytest.raises(ValueError, match="is empty"):
        read_or_make_secret(tmp_path / "salt", 32)


def test_who_only_reads_makes_no_owner_of_the_spool(tmp_path):
    data = DataDir(tmp_path)

    assert data.known_owner() is None
    assert data.known_owner() is None
    assert data.spool_owner() == data.known_owner()


def test_a_place_has_a_ledger_once_anything_was_recorded_there(tmp_path):
    data = DataDir(tmp_path / "data")
    assert not data.has_ledger()
    data.ensure()
    assert not data.has_ledger()
    (data.spool / "a.spool").touch()
    assert data.has_ledger()
    assert DataDir(tmp_path / "none", "postgresql://db/gateway").has_ledger()


def test_a_place_is_named_without_its_password(tmp_path):
    assert DataDir(tmp_path).place == str(tmp_path)
    assert (
        DataDir(tmp_path, "postgresql://ann:secret@db:5432/gateway?sslmode=require").place
        == "postgresql://db:5432/gateway"
    )
