"""Many rows with one statement are the rows that one statement each would make."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.stores.sql import sqlite as module
from gateway.stores.sql.database import Unstorable
from gateway.stores.sql.sqlite import MOST_VALUES, SqliteDatabase

TABLES = """
CREATE TABLE calls (id TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;
CREATE TABLE sums (day INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (day, name)) STRICT;
"""
ids = st.lists(st.integers(0, 60), max_size=120)


@pytest.fixture
def database():
    with made() as found:
        yield found


class made:  # noqa: N801 -- a context
    def __enter__(self):
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(TABLES)
        self._database = SqliteDatabase(self._connection)
        return self._database

    def __exit__(self, *_):
        self._connection.close()


@given(there=ids, numbers=ids)
def test_a_row_is_new_if_none_of_its_id_came_before_it(there, numbers):
    with made() as database, database.transaction():
        database.insert("calls", ("id", "number"), [(f"i{number}", 0) for number in there])
        new = database.insert("calls", ("id", "number"), [(f"i{one}", place) for place, one in enumerate(numbers)])
        rows = database.select("SELECT id, number FROM {db}.calls")

    known, expected = {f"i{number}": 0 for number in there}, []
    for place, number in enumerate(numbers):
        expected.append(f"i{number}" not in known)
        known.setdefault(f"i{number}", place)
    assert new == expected
    assert {row["id"]: row["number"] for row in rows} == known


@given(batches=st.lists(st.dictionaries(st.integers(0, 60), st.integers(-9, 9)), max_size=4))
def test_numbers_are_added_to_the_rows_that_are_there(batches):
    with made() as database, database.transaction():
        for batch in batches:
            database.add("sums", ("day", "name"), ("number",), [(day, "x", number) for day, number in batch.items()])
        rows = database.select("SELECT day, number FROM {db}.sums")

    days = {day for batch in batches for day in batch}
    assert {row["day"]: row["number"] for row in rows} == {
        day: sum(each.get(day, 0) for each in batches) for day in days
    }


def test_one_row_that_cannot_be_stored_leaves_none_of_its_batch(database):
    rows = [(f"i{number}", number) for number in range(100)]
    rows[70] = ("bad", "no number")
    with database.transaction():
        with pytest.raises(Unstorable), database.savepoint():
            database.insert("calls", ("id", "number"), rows)
        assert database.select("SELECT * FROM {db}.calls") == []


def test_no_statement_has_more_parameters_than_any_sqlite_takes(database, monkeypatch):
    wide = [f"c{number}" for number in range(40)]
    database._connection.execute(f"CREATE TABLE wide ({', '.join(f'{name} INTEGER' for name in wide)})")
    database._connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, MOST_VALUES)
    monkeypatch.setattr(module, "_KEEP", "")
    with database.transaction():
        assert database.insert("wide", wide, [tuple(range(40))] * 71) == [True] * 71
        assert len(database.select("SELECT * FROM {db}.wide")) == 71
