"""What governors have seen outlives the process."""

import anyio
import pytest

from gateway.bootstrap import pacing as module
from gateway.bootstrap.pacing import FILE, keep_pacing, load_pacing
from gateway.pipeline.pacing import Pacing

pytestmark = pytest.mark.anyio

SEEN = {"tracks": {"t:team:usd": [[1.5, 10], [301.5, 20]]}, "governing": [["burn_rate", "t"]]}


class Log:
    def __init__(self):
        self.events = []

    def event(self, name, *_, **__):
        self.events.append(name)


async def kept(pacing, folder, log, seconds=0.0):
    async with anyio.create_task_group() as group:
        group.start_soon(keep_pacing, pacing, folder, log)
        await anyio.sleep(seconds)
        group.cancel_scope.cancel()


async def test_what_was_seen_is_there_after_a_stop(tmp_path):
    log = Log()
    await kept(Pacing(SEEN), tmp_path, log)
    found = load_pacing(tmp_path, log)
    assert found.as_json() == Pacing(SEEN).as_json() != Pacing().as_json()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert log.events == []


async def test_and_up_to_a_minute_of_it_is_missing_after_a_kill(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "EVERY_S", 0.001)
    async with anyio.create_task_group() as group:
        group.start_soon(keep_pacing, Pacing(SEEN), tmp_path, Log())
        with anyio.fail_after(5):
            while not (tmp_path / FILE).exists():
                await anyio.sleep(0.001)
        assert load_pacing(tmp_path, Log()).as_json() == Pacing(SEEN).as_json()  # as a kill at this moment leaves it
        group.cancel_scope.cancel()


async def test_nothing_seen_writes_nothing(tmp_path):
    await kept(Pacing(), tmp_path, Log())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tracks": {"a": [1]}, "governing": []}'])
async def test_a_file_that_cannot_be_read_is_reported_and_replaced(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    log = Log()
    assert load_pacing(tmp_path, log).as_json() == Pacing().as_json()
    assert log.events == ["pacing_not_read"]


async def test_a_folder_that_cannot_be_written_is_reported_and_stops_nobody(tmp_path):
    log = Log()
    await kept(Pacing(SEEN), tmp_path / "nowhere", log)
    assert log.events == ["pacing_not_kept"]
