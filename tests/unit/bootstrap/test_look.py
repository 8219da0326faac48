"""The process that looks at changed policy files says what came of it."""

import json

from gateway.bootstrap.look import run
from gateway.settings import Settings
from tests.unit.bootstrap.test_keeping import wider, write


def test_it_says_what_came_of_the_files(tmp_path):
    place, data = tmp_path / "policies", tmp_path / "data"
    place.mkdir()
    data.mkdir()
    settings = Settings(policies=place, data_dir=data)
    write(place)
    assert json.loads(run(settings))["event"] == "taken"
    write(place, wider)
    assert json.loads(run(settings))["event"] == "held"
