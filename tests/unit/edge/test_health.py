from gateway.edge.health import EGRESS_WAIT_S, Health


class Scene:
    def __init__(self, **more) -> None:
        self.now, self.seen, self.spool = 0.0, False, True
        self.health = Health(
            now=lambda: self.now,
            started=0.0,
            needs_egress=True,
            egress_seen=lambda: self.seen,
            spool_ok=lambda: self.spool,
            **({"recovered": True} | more),
        )

    @property
    def ready(self) -> bool:
        return self.health.ready()


def test_it_waits_for_the_egress_but_not_for_ever():
    scene = Scene()
    assert not scene.ready
    scene.now = EGRESS_WAIT_S
    assert scene.ready


def test_an_egress_that_dies_later_does_not_unready():
    scene = Scene()
    scene.seen = True
    assert scene.ready
    scene.seen = False
    assert scene.ready


def test_without_a_closed_target_there_is_nothing_to_wait_for():
    scene = Scene()
    scene.health.needs_egress = False
    assert scene.ready


def test_recovery_spool_and_draining_count_always():
    scene = Scene(recovered=False)
    scene.seen = True
    assert not scene.ready
    scene.health.recovered = True
    assert scene.ready
    scene.spool = False
    assert not scene.ready
    scene.spool = True
    scene.health.draining = True
    assert not scene.ready
