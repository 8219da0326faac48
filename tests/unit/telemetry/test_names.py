import re

import pytest

from gateway.telemetry import names

CONSTANTS = {name: value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}


def test_no_name_stands_for_two_things():
    values = list(CONSTANTS.values())
    assert len(values) == len(set(values))


@pytest.mark.parametrize("metric", sorted(names.METRICS))
def test_a_metric_has_a_good_name_and_a_sentence(metric):
    assert re.fullmatch(r"(?:gateway|gen_ai)_[a-z0-9_]+", metric)
    assert names.METRICS[metric].endswith(".")
    assert metric in CONSTANTS.values()


def test_buckets_rise():
    for buckets in ((*names.GENAI_SECONDS, *names.LONG_SECONDS), names.TOKEN_BUCKETS):
        assert list(buckets) == sorted(set(buckets))
