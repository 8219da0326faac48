"""Where state and labels are: in process, or in Redis."""

import pytest
from support.fakes import Clock

from gateway.bootstrap.state import TIDY_S, keep_labels, open_stores
from gateway.settings import MEMORY
from gateway.stores.sessions.memory import MemorySessions
from gateway.stores.state.memory import MemoryState

pytestmark = pytest.mark.anyio


async def test_in_process_is_the_default_and_another_url_must_be_one_of_a_redis(tmp_path):
    stores = open_stores(MEMORY, Clock(), tmp_path / "labels", "edg_1")
    assert (type(stores.state), type(stores.sessions)) == (MemoryState, MemorySessions)
    await stores.close()
    with pytest.raises(ValueError, match="scheme"):
        open_stores("http://x", Clock(), tmp_path / "labels", "edg_1")


async def test_labels_are_tidied_now_and_then(monkeypatch):
    slept = []

    class Labels(MemorySessions):
        async def tidy(self):
            slept.append("tidied")

    async def sleep(seconds):
        if len(slept) == 4:
            raise KeyboardInterrupt
        slept.append(seconds)

    monkeypatch.setattr("gateway.bootstrap.state.anyio.sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        await keep_labels(Labels(Clock()))
    assert slept == [TIDY_S, "tidied"] * 2
