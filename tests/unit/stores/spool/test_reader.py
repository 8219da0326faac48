"""The spool's reader: beside a living writer, behind a dead one."""

from zlib import crc32

import pytest
from support.books import line, request, write_segment

from gateway.stores.spool.reader import Damage, instance_of, is_sealed, live_instances, read, segments
from gateway.stores.spool.writer import SpoolWriter


def test_segments_come_oldest_first_also_past_a_million(data):
    for name in ("ins_b-000001", "ins_a-1000000", "ins_a-000002", "ins_a-999999"):
        (data.spool / f"{name}.spool").touch()

    names = [segment.stem for segment in segments(data.spool)]
    assert names == ["ins_a-000002", "ins_a-999999", "ins_a-1000000", "ins_b-000001"]


def test_a_directory_that_is_not_there_has_no_segments(tmp_path):
    assert segments(tmp_path / "nowhere") == []


def test_a_torn_last_line_is_not_there_yet(data):
    path = write_segment(data, request(1))
    whole = path.stat().st_size
    with path.open("ab") as file:
        file.write(line(request(2)[0])[:-1])

    reading = read(path, 0)
    assert (reading.records, reading.offset, reading.damage) == (request(1), whole, [])


def test_reading_goes_on_where_it_stopped(data):
    path = write_segment(data, request(1))
    first = read(path, 0, 3)
    second = read(path, first.offset)

    assert first.records + second.records == request(1)
    assert read(path, second.offset).records == []


def test_a_damaged_line_is_reported_and_passed_over(data):
    path = write_segment(data, request(1))
    text = bytearray(path.read_bytes())
    start = len(line(request(1)[0]))
    text[start + 30] ^= 1
    path.write_bytes(bytes(text))

    reading = read(path, 0)
    assert reading.damage == [Damage(path.name, start)]
    assert reading.records == [request(1)[0], *request(1)[2:]]
    assert reading.offset == path.stat().st_size


@pytest.mark.parametrize(
    "payload", [b"null", b"[]", b'{"kind":"unheard-of"}', b'{"kind":"finished","surprise":1}', b"{"]
)
def test_a_line_that_is_whole_and_no_record_of_ours_is_damage_not_a_crash(data, payload):
    path = data.spool / "ins_a-000001.spool"
    path.write_bytes(b"%08x %b\n" % (crc32(payload), payload) + line(request(1)[0]))

    reading = read(path, 0)
    assert reading.damage == [Damage(path.name, 0)]
    assert reading.records == [request(1)[0]]


def test_a_segment_shorter_than_it_was_has_nothing_more(data):
    path = write_segment(data, request(1))

    assert read(path, 10_000_000) == ([], 10_000_000, [])


def test_instances_that_write_are_distinguished_from_those_that_are_gone(data):
    write_segment(data, request(1), "ins_a")
    writer = SpoolWriter(data.spool, "ins-with-dash")

    assert live_instances(data.spool) == {"ins-with-dash"}
    assert [instance_of(segment) for segment in segments(data.spool)] == ["ins-with-dash", "ins_a"]
    assert not is_sealed(segments(data.spool)[0])
    writer.close()
