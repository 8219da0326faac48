from support.fakes import Fakes

from gateway.pipeline.world import Deadlines, Limits


def test_bounds_are_set_even_if_nobody_sets_them():
    world = Fakes().world
    assert world.limits == Limits(body_bytes=32 * 1024 * 1024, depth=64, answer_bytes=64 * 1024 * 1024)
    assert world.deadlines == Deadlines(connect=5.0, first_token=120.0, idle=60.0, total=900.0)
