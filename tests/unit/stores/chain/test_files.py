"""Chain files are read as they are, beside a writer that may be killed at any byte."""

from support.books import chained, draft, write_chain

from gateway.stores.chain.files import read_files, sizes

CHAIN = chained(draft(1), draft(2))


def test_a_file_is_read_with_what_was_there_before(data):
    path = write_chain(data, CHAIN[:1])
    before = sizes(data.egress)
    write_chain(data, CHAIN)
    path.write_bytes(path.read_bytes() + b"torn")
    (found,) = read_files(data.egress, before)

    assert (found.instance, found.entries, found.settled, found.damage) == ("egr_a", CHAIN, 1, [])


def test_damage_is_reported_by_its_line(data):
    path = write_chain(data, CHAIN)
    path.write_bytes(b"nonsense\n" + path.read_bytes() + chained(draft(1), instance="egr_b")[0].line() + b"\n")
    (found,) = read_files(data.egress, {})

    assert (found.entries, found.damage, found.settled) == (CHAIN, [1, 4], 0)


def test_no_directory_is_no_file(data):
    assert list(read_files(data.egress, sizes(data.egress))) == []
