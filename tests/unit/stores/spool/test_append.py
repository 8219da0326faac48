"""What a command adds to the spool of a gateway: a segment of its own, sealed when the command ends."""

import os

import pytest
from support.books import NOON, everything, policy

from gateway.domain.ids import RANDOM_BYTES
from gateway.stores.data_dir import DataDir
from gateway.stores.spool.append import append
from gateway.stores.spool.reader import is_sealed, segments

CHANCE = bytes(RANDOM_BYTES)


def test_many_records_are_durable_in_order_in_a_sealed_segment(tmp_path):
    data = DataDir(tmp_path / "data")
    records = [policy() for _ in range(2500)]
    append(data, records, "adj", NOON, CHANCE)
    (segment,) = segments(data.spool)

    assert everything(data) == records
    assert segment.name.startswith("adj_")
    assert is_sealed(segment)


def test_nothing_to_append_makes_nothing(tmp_path):
    append(DataDir(tmp_path / "data"), [], "adj", NOON, CHANCE)

    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_what_root_appends_is_left_to_the_owner_of_the_spool(tmp_path):
    data = DataDir(tmp_path / "data")
    data.ensure()
    os.chown(data.spool, 12345, 12346)
    append(data, [policy()], "act", NOON, CHANCE)
    stat = next(iter(segments(data.spool))).stat()

    assert (stat.st_uid, stat.st_gid) == (12345, 12346)
