"""Where state and labels are: in process, or in Redis."""

import pytest
from support.fakes import Clock

from gateway.bootstrap.state import FORGET_S, TIDY_ROUNDS, forget, keep_labels, open_stores
from gateway.domain.label import DataClass, Label, Part
from gateway.ports import SessionsUnavailable
from gateway.sensitivity.forgetting import Forgotten
from gateway.settings import MEMORY
from gateway.stores.sessions.forgetting import ask
from gateway.stores.sessions.memory import MemorySessions
from gateway.stores.state.memory import MemoryState

pytestmark = pytest.mark.anyio


async def test_in_process_is_the_default_and_another_url_must_be_one_of_a_redis(tmp_path):
    stores = open_stores(MEMORY, Clock(), tmp_path / "labels", "edg_1")
    assert (type(stores.state), type(stores.sessions)) == (MemoryState, MemorySessions)
    await stores.close()
    with pytest.raises(ValueError, match="scheme"):
        open_stores("http://x", Clock(), tmp_path / "labels", "edg_1")


async def test_labels_are_tidied_now_and_then(monkeypatch, tmp_path):
    slept = []

    class Labels(MemorySessions):
        async def tidy(self):
            slept.append("tidied")

    async def sleep(seconds):
        if slept.count("tidied") == 2:
            raise KeyboardInterrupt
        slept.append(seconds)

    monkeypatch.setattr("gateway.bootstrap.state.anyio.sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        await keep_labels(Labels(Clock()), tmp_path)
    assert slept == [*[FORGET_S] * TIDY_ROUNDS, "tidied"] * 2


async def test_what_is_asked_to_be_forgotten_is_tried_until_it_is(tmp_path):
    class Away(MemorySessions):
        async def forget(self, forgotten):
            raise SessionsUnavailable

    store = MemorySessions(Clock())
    await store.add("t", ["s:1"], [Part("iban", Label(DataClass.RESTRICTED))])
    ask(tmp_path, [Forgotten("t", "s:1")])
    await forget(Away(Clock()), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    await forget(store, tmp_path)
    assert await store.find("t", ["s:1"]) == [None]
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_cannot_be_changed_stops_nothing(tmp_path, monkeypatch):
    ask(tmp_path, [Forgotten("t", "s:1")])

    def refuses(*_, **__):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.unlink", refuses)
    await forget(MemorySessions(Clock()), tmp_path)
