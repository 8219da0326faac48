"""Health and load of local servers, asked over loopback."""

import anyio
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import closed, local, policy
from support.loopback import Script, response, serving, until

from gateway.ports import UpstreamBroken
from gateway.upstream import probes as module
from gateway.upstream.board import Board
from gateway.upstream.local import LocalUpstream
from gateway.upstream.probes import Probes, _gauged, _reported

pytestmark = pytest.mark.anyio

LOADS = orjson.dumps(
    {"loads": [{"num_running_reqs": 2, "num_waiting_reqs": 3}, {"num_running_reqs": 1, "num_waiting_reqs": 0}]}
)
METRICS = (
    b"# HELP sglang:num_running_reqs x\n"
    b'sglang:num_running_reqs{model_name="m"} 4.0\nsglang:num_queue_reqs{model_name="m"} 5.0\nsglang:other 9.0\n'
)


class Egress:
    def __init__(self, error: Exception | None = None) -> None:
        self.asked, self.error = 0, error

    async def refresh(self, seconds: float) -> None:
        self.asked += 1
        if self.error:
            raise self.error


def routes(**bodies: bytes | tuple[bytes, bytes]) -> Script:
    """Answer /ready, /v1/models, /v1/loads, /metrics by their last word; 404 for what is not named."""

    async def script(wire, reader, writer, _):
        while True:
            path = (await wire.request(reader)).split(b" ")[1].rpartition(b"/")[2].decode()
            answer = bodies.get(path, (b"404 Not Found", b"{}"))
            status, body = answer if isinstance(answer, tuple) else (b"200 OK", answer)
            writer.write(response(body, status=status))

    return script


async def probed(script: Script, kind: str = "sglang", **more):
    async with serving(script) as wire:
        snapshot = policy(targets=[local("home", kind=kind, endpoints=[wire.url], **more), closed("away")])
        board = Board(lambda: 0.0, lambda: None)
        upstream = LocalUpstream(lambda: (), {"LOCAL_KEY": "secret\n"})
        await Probes(lambda: snapshot, board, upstream, None).probe(snapshot.targets["home"], wire.url)
        upstream.close()
        health = board._health["home", wire.url]
        return health.up, health.load, wire.heard


@pytest.mark.parametrize(
    ("script", "up", "load"),
    [
        (routes(ready=b"{}", loads=LOADS), True, 6),
        (routes(ready=b"{}", metrics=METRICS), True, 9),
        (routes(ready=b"{}"), True, None),
        (routes(ready=b"{}", loads=b"nonsense"), True, None),
        (routes(ready=b"{}", loads=b'{"loads":[{"num_running_reqs":1e999,"num_waiting_reqs":0}]}'), True, None),
        (routes(ready=b"{}", metrics=b"sglang:num_running_reqs 1e+e\n"), True, None),
        (routes(ready=b"{}", metrics=b"sglang:num_running_reqs 1e999\n"), True, None),
        (routes(ready=b"{}", metrics=b"nothing of ours 5\n"), True, None),
        (routes(models=b"{}"), True, None),
        (routes(), False, None),
        (routes(ready=(b"503 Service Unavailable", b"{}"), loads=LOADS), False, None),
        (routes(ready=(b"500 Oops", b"{}"), models=b"{}"), False, None),
    ],
)
async def test_a_server_is_up_if_it_says_so_and_its_load_is_unknown_if_it_is_unreadable(script, up, load):
    assert (await probed(script))[:2] == (up, load)


async def test_other_kinds_are_asked_for_their_models_and_not_for_a_load():
    up, load, heard = await probed(routes(models=b"{}", loads=LOADS), kind="openai")
    assert (up, load, len(heard)) == (True, None, 1)


async def test_a_servers_own_key_is_sent_without_its_line_feed():
    _, _, heard = await probed(routes(ready=b"{}", loads=LOADS), local_api_key_env="LOCAL_KEY")
    assert all(b"\r\nauthorization: Bearer secret\r\n" in request for request in heard)


async def test_garbage_and_silence_are_down(monkeypatch):
    monkeypatch.setattr(module, "PROBE_S", 0.05)

    async def garbage(wire, reader, writer, _):
        await wire.request(reader)
        writer.write(b"\x00\x01garbage")

    async def silence(wire, reader, writer, _):
        await reader.read()

    assert (await probed(garbage))[0] is False
    assert (await probed(silence))[0] is False


async def test_a_load_without_end_is_unknown(monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    assert (await probed(routes(ready=b"{}", loads=b"x" * 5000)))[:2] == (True, None)


@pytest.mark.parametrize("error", [None, UpstreamBroken("away", sent=False, egress=True)])
async def test_the_egress_is_asked_too_and_may_be_away(error):
    egress = Egress(error)
    snapshot, board = policy(targets=[closed("away"), closed("home")]), Board(lambda: 0.0, lambda: None)
    await Probes(lambda: snapshot, board, LocalUpstream(lambda: (), {}), egress).ask_egress(egress)
    assert egress.asked == 1


async def test_it_goes_on_until_it_is_cancelled(monkeypatch):
    monkeypatch.setattr(module, "PERIOD_S", 0.0)
    egress = Egress()
    snapshot = policy(targets=[closed("away"), closed("home")])
    probes = Probes(lambda: snapshot, Board(lambda: 0.0, lambda: None), LocalUpstream(lambda: (), {}), egress)
    async with anyio.create_task_group() as group:
        group.start_soon(probes.run)
        await until(lambda: egress.asked > 3)
        group.cancel_scope.cancel()


@given(st.binary(max_size=100), st.sampled_from([b"", b"sglang:num_running_reqs ", b'{"loads":[{"num_running_reqs":']))
def test_no_answer_crashes_the_reading(data, before):
    for load in (_reported(before + data), _gauged(before + data)):
        assert load is None or isinstance(load, int)


async def test_a_server_that_is_up_is_sampled_when_it_is_due():
    taken = []

    class Samples:
        def due(self, target, endpoint):
            return not taken

        def take(self, target, endpoint, exposition):
            taken.append((target, exposition))

    async with serving(routes(ready=b"", loads=LOADS, metrics=METRICS)) as wire:
        snapshot = policy(targets=[local("home", endpoints=[wire.url]), closed("away")])
        board, upstream = Board(lambda: 0.0, lambda: None), LocalUpstream(lambda: (), {})
        probes = Probes(lambda: snapshot, board, upstream, None, Samples())
        await probes.probe(snapshot.targets["home"], wire.url)
        await probes.probe(snapshot.targets["home"], wire.url)
        upstream.close()

    assert taken == [("home", METRICS)]


async def hangs(wire, reader, writer, _):
    await wire.request(reader)
    await reader.read()


async def test_a_server_that_hangs_delays_no_other_and_not_the_egress(monkeypatch):
    """Without a bound on its probe: a caller that waited for it would wait for ever."""
    monkeypatch.setattr(module, "PERIOD_S", 0.0)
    monkeypatch.setattr(module, "PROBE_S", 3600.0)
    async with serving(hangs) as stuck, serving(routes(ready=b"{}", loads=LOADS)) as quick:
        snapshot = policy(targets=[local("home", endpoints=[stuck.url, quick.url]), closed("away")])
        egress, upstream = Egress(), LocalUpstream(lambda: (), {})
        probes = Probes(lambda: snapshot, Board(lambda: 0.0, lambda: None), upstream, egress)
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                group.start_soon(probes.run)
                await until(lambda: len(stuck.heard) == 1 and len(quick.heard) > 10 and egress.asked > 10)
                group.cancel_scope.cancel()
        upstream.close()

    assert len(stuck.heard) == 1


async def test_a_reload_starts_and_ends_probes_and_drops_what_was_known_of_targets_that_are_gone(monkeypatch):
    monkeypatch.setattr(module, "PERIOD_S", 0.0)
    async with serving(routes(ready=b"{}")) as old, serving(routes(ready=b"{}")) as new:
        before = policy(targets=[local("home", endpoints=[old.url]), closed("away")])
        after = policy(targets=[local("home", endpoints=[new.url]), closed("away")])
        in_force = [before]
        board, upstream = Board(lambda: 0.0, lambda: None), LocalUpstream(lambda: (), {})
        probes = Probes(lambda: in_force[-1], board, upstream, None)
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                group.start_soon(probes.run)
                await until(lambda: len(old.heard) > 3)
                in_force.append(after)
                await until(lambda: len(new.heard) > 3 and probes._probed == {("home", new.url)})
                await until(lambda: set(board._health) == {("home", new.url)} and set(upstream._pools) == {new.url})
                await until(lambda: old.closed == old.connections)
                in_force.append(before)
                known = len(old.heard)
                await until(lambda: len(old.heard) > known)
                group.cancel_scope.cancel()
        upstream.close()
