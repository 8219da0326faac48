"""The chain on disk: one line an entry, whole or not at all, by one writer."""

import os

import pytest
from support.books import draft

from gateway.domain.chain import ChainEntry, genesis
from gateway.egress import chain as module
from gateway.egress.chain import Chain, ChainUnavailable


@pytest.fixture
def chain(tmp_path):
    made = Chain(tmp_path / "data" / "egress", "egr_a")
    yield made
    made.close()


def read(chain):
    return [ChainEntry.read(line) for line in chain.path.read_bytes().splitlines()]


def test_each_entry_is_linked_to_the_one_before(chain):
    one, two = chain.append(draft(1)), chain.append(draft(2))

    assert (one.seq, one.prev, two.seq, two.prev) == (1, genesis("egr_a"), 2, one.hash)
    assert read(chain) == [one, two]
    assert chain.path.stat().st_mode & 0o777 == 0o600
    assert chain.path.parent.stat().st_mode & 0o777 == 0o700


def test_it_is_written_when_append_returns(chain):
    chain.append(draft(1))
    assert chain.path.read_bytes().endswith(b"\n")  # from another descriptor: nothing waits in this process


@pytest.mark.parametrize("how", ["removed", "longer", "shorter"])
def test_a_file_that_somebody_touched_takes_nothing_more(chain, how):
    chain.append(draft(1))
    if how == "removed":
        chain.path.unlink()
    else:
        os.truncate(chain.path, 0 if how == "shorter" else 5000)
    for _ in range(2):
        with pytest.raises(ChainUnavailable):
            chain.append(draft(2))


def test_a_full_disk_leaves_the_chain_as_it_was_and_may_recover(chain, monkeypatch):
    one = chain.append(draft(1))
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:10]))
    with pytest.raises(ChainUnavailable):
        chain.append(draft(2))
    assert read(chain) == [one]
    monkeypatch.setattr(os, "write", real)
    two = chain.append(draft(3))

    assert (two.seq, two.prev) == (2, one.hash)
    assert read(chain) == [one, two]


def test_a_directory_that_cannot_be_made_is_tried_again(tmp_path):
    (tmp_path / "egress").write_text("in the way")
    chain = Chain(tmp_path / "egress", "egr_a")
    assert not chain.open()
    with pytest.raises(ChainUnavailable):
        chain.append(draft(1))
    (tmp_path / "egress").unlink()

    assert chain.open()
    assert chain.append(draft(1)).seq == 1
    chain.close()


def test_the_last_entries_can_be_asked_for(chain, monkeypatch):
    monkeypatch.setattr(module, "KEPT_RECEIPTS", 2)
    one, two, three = [chain.append(draft(number)) for number in (1, 2, 3)]

    assert [chain.find(entry.ticket) for entry in (one, two, three)] == [None, two, three]
    chain.append(draft(3, outcome="refused:replayed"))
    assert chain.find(three.ticket) == three
    assert chain.now() > 0
