"""Names stand once, in the form that Prometheus and OpenTelemetry want."""

import re

from gateway.telemetry import names

ATTRIBUTES = {
    name: value
    for name, value in vars(names).items()
    if name.isupper() and isinstance(value, str) and value not in names.METRICS
}


def test_no_two_names_mean_the_same_thing():
    values = [value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)]

    assert len(values) == len(set(values))


def test_every_metric_has_a_help_text_and_a_name_that_prometheus_takes():
    for name, text in names.METRICS.items():
        assert re.fullmatch(r"(gateway|gen_ai)_[a-z_]+", name)
        assert text.endswith(".")


def test_attributes_are_dotted_lower_case():
    assert [name for name in ATTRIBUTES.values() if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name)] == []


def test_buckets_grow():
    for buckets in ((*names.GENAI_SECONDS, *names.LONG_SECONDS), names.TOKEN_BUCKETS):
        assert list(buckets) == sorted(set(buckets))
