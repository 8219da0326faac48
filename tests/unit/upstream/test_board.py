"""What is known of each endpoint right now."""

from typing import Any

import pytest
from support.fakes import closed, local, policy

from gateway.failover.breaker import FIRST_PAUSE_S, THRESHOLD, Paused, Verdict
from gateway.upstream.board import Board

TWO = ["http://127.0.0.1:1", "http://127.0.0.1:2"]
TARGETS = policy(targets=[local("home", endpoints=TWO), closed("away")]).targets
HOME, AWAY = TARGETS["home"], TARGETS["away"]
ONE, OTHER = TWO


class Scene:
    def __init__(self, credentials: frozenset[str] | None = None) -> None:
        self.now = 0.0
        self.credentials = credentials
        self.board = Board(lambda: self.now, lambda: self.credentials)

    def end(self, verdict: Verdict, times: int = 1, endpoint: str = ONE, target: Any = HOME, **more: float) -> None:
        for _ in range(times):
            self.board.started(target, endpoint)
            self.board.ended(target, endpoint, verdict, **more)

    def up(self) -> set[str]:
        return set(self.board.endpoints(HOME, "c"))


def test_endpoints_count_as_up_until_something_fails():
    assert Scene().up() == set(TWO)
    assert Scene().board.why_unavailable(HOME) == "up"


def test_a_probe_that_fails_takes_an_endpoint_out_and_one_that_answers_puts_it_back():
    scene = Scene()
    scene.board.probed("home", ONE, up=False, load=None)
    assert scene.up() == {OTHER}
    scene.board.probed("home", OTHER, up=False, load=None)
    assert scene.up() == set()
    assert scene.board.why_unavailable(HOME) == "down"
    scene.board.probed("home", ONE, up=True, load=None)
    assert scene.up() == {ONE}


def test_failures_in_a_row_open_the_breaker_for_a_while():
    scene = Scene()
    scene.end(Verdict.FAILED, THRESHOLD)
    assert scene.up() == {OTHER}
    scene.now = FIRST_PAUSE_S
    assert scene.up() == set(TWO)


@pytest.mark.parametrize(("verdict", "out"), [(Verdict.HEALTHY, False), (Verdict.UNKNOWN, True)])
def test_a_success_closes_it_and_what_tells_nothing_does_not(verdict, out):
    scene = Scene()
    scene.end(Verdict.FAILED, THRESHOLD - 1)
    scene.end(verdict)
    scene.end(Verdict.FAILED)
    assert (ONE not in scene.up()) is out


def test_a_server_that_answers_its_probe_again_is_trusted_at_once():
    scene = Scene()
    scene.end(Verdict.FAILED, THRESHOLD)
    scene.board.probed("home", ONE, up=False, load=None)
    scene.board.probed("home", ONE, up=True, load=None)
    assert scene.up() == set(TWO)


def test_saturation_is_distinguished_from_being_down():
    scene = Scene()
    for endpoint in TWO:
        scene.end(Verdict.FAILED, endpoint=endpoint, retry_after=3.0)
    assert scene.board.endpoints(HOME, "") == ()
    assert scene.board.why_unavailable(HOME) == "saturated"
    scene.now = 3.0
    assert scene.board.why_unavailable(HOME) == "up"


def test_a_closed_target_without_a_key_is_not_asked_once_that_is_known():
    scene = Scene()
    assert scene.board.endpoints(AWAY, "")
    scene.credentials = frozenset()
    assert scene.board.endpoints(AWAY, "") == ()
    assert scene.board.why_unavailable(AWAY) == "no_credentials"
    assert scene.board.why_unavailable(HOME) == "up"
    scene.credentials = frozenset({"away"})
    assert scene.board.endpoints(AWAY, "")


def test_an_unreadable_load_is_unknown_not_down():
    scene = Scene()
    scene.board.probed("home", ONE, up=True, load=9)
    scene.board.probed("home", OTHER, up=True, load=None)
    assert scene.board.endpoints(HOME, "") == (OTHER, ONE)


def test_what_runs_counts_as_load():
    scene = Scene()
    for _ in range(3):
        scene.board.started(HOME, ONE)
    assert scene.board.endpoints(HOME, "") == (OTHER, ONE)


def test_the_latency_follows_what_is_seen():
    scene = Scene()
    assert scene.board.latency_ms(["home"]) == ()
    scene.end(Verdict.HEALTHY, ttft=1.0)
    assert scene.board.latency_ms(["home", "away"]) == (("home", 1000),)
    scene.end(Verdict.HEALTHY, ttft=2.0)
    assert scene.board.latency_ms(["home"]) == (("home", 1200),)


def test_the_admin_plane_gets_states_and_numbers_and_no_address():
    scene = Scene(frozenset())
    scene.board.probed("home", ONE, up=True, load=4)
    scene.board.probed("home", OTHER, up=False, load=None)
    scene.board.started(HOME, ONE)
    status = scene.board.status(TARGETS)
    assert status["home"] == {
        "available": True,
        "state": "up",
        "endpoints_up": 1,
        "endpoints": 2,
        "in_flight": 1,
        "load": [4, None],
    }
    assert status["away"]["state"] == "no_credentials"
    assert "127.0.0.1" not in repr(status)


def test_a_full_ledger_rules_closed_targets_out_and_leaves_local_ones():
    full = [False]
    board = Board(lambda: 0.0, lambda: None, lambda: full[0])
    targets = policy().targets

    assert board.endpoints(targets["away"], "")
    full[0] = True

    assert board.endpoints(targets["away"], "") == ()
    assert board.why_unavailable(targets["away"]) == "ledger_full"
    assert board.endpoints(targets["home"], "")


def test_what_is_known_of_a_target_goes_with_it_and_with_its_last_call():
    scene = Scene()
    scene.end(Verdict.HEALTHY, ttft=0.5)
    scene.board.started(HOME, ONE)
    scene.board.retain({})
    assert {key: health.in_flight for key, health in scene.board._health.items()} == {(HOME.id, ONE): 1}
    assert scene.board.latency_ms([HOME.id]) == ()

    scene.board.ended(HOME, ONE, Verdict.HEALTHY)
    scene.board.retain({HOME.id: HOME})
    assert set(scene.board._health) == {(HOME.id, ONE)}

    scene.board.retain({})
    assert set(scene.board._health) == set()


class TestOthers:
    """What other workers of the gateway learned."""

    def test_an_open_breaker_is_reported_until_it_closes(self):
        scene = Scene()
        scene.end(verdict=Verdict.FAILED, times=THRESHOLD)
        assert scene.board.paused() == (Paused("home", ONE, FIRST_PAUSE_S),)
        scene.now += FIRST_PAUSE_S
        assert scene.board.paused() == ()

    def test_a_busy_endpoint_is_reported_as_busy(self):
        scene = Scene()
        scene.end(verdict=Verdict.FAILED, retry_after=7.0)
        assert scene.board.paused() == (Paused("home", ONE, 7.0, saturated=True),)

    def test_an_endpoint_that_another_worker_pauses_is_not_called_meanwhile_and_not_reported_again(self):
        scene = Scene()
        scene.board.heed([Paused("home", ONE, 3.0)])
        assert scene.up() == {OTHER}
        assert scene.board.paused() == ()
        scene.now += 3.0
        assert scene.up() == set(TWO)

    def test_what_is_no_longer_said_counts_no_longer(self):
        scene = Scene()
        scene.board.heed([Paused("home", ONE, 30.0), Paused("home", OTHER, 30.0)])
        scene.board.heed([Paused("home", OTHER, 30.0)])
        assert scene.up() == {ONE}

    def test_the_longest_pause_of_several_counts(self):
        scene = Scene()
        scene.board.heed([Paused("home", ONE, 30.0), Paused("home", ONE, 3.0)])
        scene.now += 4.0
        assert scene.up() == {OTHER}

    @pytest.mark.parametrize(("saturated", "why"), [(True, "saturated"), (False, "down")])
    def test_why_nothing_can_be_asked_is_what_the_others_say(self, saturated, why):
        scene = Scene()
        scene.board.heed([Paused("home", one, 3.0, saturated=saturated) for one in TWO])
        assert scene.board.why_unavailable(HOME) == why
