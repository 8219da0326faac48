"""The spool under every truncation and every order of append, ship and kill: nothing missing, nothing twice."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.books import SECOND, attempt, decision_made, line, request, spent

from gateway.stores.audit.ledger import audit
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.sqlite import SqliteLedger
from gateway.stores.shipping.recovery import recover
from gateway.stores.shipping.shipper import Shipper
from gateway.stores.spool.reader import read
from gateway.stores.spool.writer import SpoolWriter

RECORDS = [record for number in range(4) for record in request(number)]
LINES = [line(record) for record in RECORDS]
TEXT = b"".join(LINES)


def segment(directory: str, content: bytes) -> Path:
    path = Path(directory) / "ins-000001.spool"
    path.write_bytes(content)
    return path


@given(st.integers(0, len(TEXT)))
def test_cut_anywhere_all_that_was_complete_is_read_and_nothing_else(cut):
    complete = [record for end, record in enumerate(RECORDS, 1) if len(b"".join(LINES[:end])) <= cut]
    with tempfile.TemporaryDirectory() as directory:
        reading = read(segment(directory, TEXT[:cut]), 0)

    assert (reading.records, reading.damage) == (complete, [])
    assert reading.offset == len(b"".join(LINES[: len(complete)]))


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)))
def test_read_before_and_after_more_was_written_each_record_comes_once(one, other):
    first, second = sorted((one, other))
    with tempfile.TemporaryDirectory() as directory:
        early = read(segment(directory, TEXT[:first]), 0)
        late = read(segment(directory, TEXT[:second]), early.offset)
        again = read(segment(directory, TEXT[:second]), 0)

    assert early.records + late.records == again.records


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 255))
def test_one_altered_byte_costs_no_more_than_the_lines_it_stands_between(place, change):
    altered = bytearray(TEXT)
    altered[place] ^= change
    with tempfile.TemporaryDirectory() as directory:
        records = read(segment(directory, bytes(altered)), 0).records

    assert [record for record in RECORDS if record in records] == records
    assert len(records) >= len(RECORDS) - 2


@given(st.binary(max_size=300))
def test_garbage_is_never_fatal_and_never_a_record(garbage):
    with tempfile.TemporaryDirectory() as directory:
        assert read(segment(directory, garbage), 0).records == []


class Life(RuleBasedStateMachine):
    """A gateway that appends, ships, rotates, is killed and starts again, in any order."""

    def __init__(self):
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.data = DataDir(Path(self.place.name))
        self.data.ensure()
        self.made = 0
        self.instances = 0
        self.done = []
        self.open = []
        self.orphans = 0
        self.shipped = []

    @initialize()
    def start(self):
        self.instances += 1
        self.instance = f"ins_{self.instances:04d}"
        self.writer = SpoolWriter(self.data.spool, self.instance, segment_bytes=4000)
        recover(self.data, self.writer, SECOND)
        self.orphans = len(self.open)
        self.ledger = SqliteLedger(self.data.ledger)
        self.shipper = Shipper(self.data, self.ledger)

    @rule()
    def serve(self):
        self.made += 1
        self.writer.append(*request(self.made, at=self.made, instance=self.instance))
        self.done.append(self.made)

    @rule()
    def begin(self):
        self.made += 1
        self.writer.append(decision_made(self.made, at=self.made, instance=self.instance), attempt(self.made))
        self.open.append(self.made)

    @rule(limit=st.integers(1, 9))
    def ship(self, limit):
        self.shipped += [(record.kind, record.id) for record in self.shipper.ship_once(limit).records]

    @rule()
    def rotate(self):
        self.writer._rotate()

    @rule(torn=st.integers(0, 200))
    def kill(self, torn):
        """Its locks go, its memory goes; the line that it was writing is torn."""
        path = max(self.data.spool.glob(f"{self.instance}-*"))
        self.writer.close()
        with path.open("ab") as file:
            file.write(LINES[0][:torn])
        self.ledger.close()
        self.start()

    @rule(torn=st.integers(0, 200))
    @precondition(lambda self: self.open)
    def kill_twice(self, torn):
        self.kill(torn)
        self.kill(torn)

    @invariant()
    def nothing_is_missing_and_nothing_is_twice(self):
        if not self.made:
            return
        assert len(self.shipped) == len(set(self.shipped))
        with LedgerReader(self.data).view() as view:
            rows = view.decisions(0, 10_000)
        assert [row["id"] for row in rows] == [f"dec_{number:06d}" for number in range(self.made, 0, -1)]
        cost = 777 * len(self.done) + 5000 * self.orphans
        assert spent(self.data) == ({"support": cost} if cost else {})
        assert audit(self.data).problems == ()

    def teardown(self):
        if self.instances:
            self.writer.close()
            while self.shipper.ship_once().more:
                pass
            self.ledger.close()
        self.place.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
