"""The values: closed schema, each key documented, checked and used; what is wrong is refused with a helpful message."""

import json
import re
from typing import Any

import pytest
import yaml
from chart.helm import CHART, EXISTING, Values, default_values, leaves, refused, render, template, with_leaf

TEXT = (CHART / "values.yaml").read_text(encoding="utf-8")
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
FULL: Values = yaml.safe_load((CHART / "ci" / "full-values.yaml").read_text(encoding="utf-8"))
ANOTHER: dict[str, Any] = {
    "fullnameOverride": "other",
    "image.registry": "images.example:5000/other",
    "image.edge.repository": "other/edge",
    "image.edge.digest": "sha256:" + "0" * 64,
    "image.egress.repository": "other/egress",
    "image.egress.digest": "sha256:" + "0" * 64,
    "policy.files": {"mine.yaml": "targets: [{id: qwen3-32b, zone: local}]"},
    "policy.accepted": ["0123456789abcdef"],
    "policy.existingConfigMap": None,  # cannot be combined with `local.endpoints`: see below
    "config.listenHost": "::",
    "secrets.keys.stateUrl": "other-redis",  # without one, two workers are refused: see below
    "secrets.keys.alertsSecret": "other-secret",  # likewise for a webhook
    "config.limits.body_bytes": 1000,
    "config.limits.depth": 10,
    "config.limits.spool_bytes": 1000,
    "config.limits.disk_reserve_bytes": 1000,
    "config.timeouts.connect": 1,
    "config.timeouts.first_token": 1,
    "config.timeouts.idle": 1,
    "config.timeouts.total": 1,
    "config.timeouts.write": 1,
    "config.detectors.tier2": "credsweeper",
    "config.detectors.tier2_deadline": 1,
    "config.detectors.tier2_uuids": True,
    "config.detectors.pdf": "off",
    "config.detectors.pdf_deadline": 9,
    "config.detectors.pdf_pages": 50,
    "edge.resources.requests.cpu": "1",
    "edge.resources.requests.memory": "1Gi",
    "edge.resources.limits.memory": "2Gi",
    "egress.resources.requests.cpu": "1",
    "egress.resources.requests.memory": "1Gi",
    "egress.resources.limits.memory": "2Gi",
    "edge.serviceAccount.create": False,
    "egress.serviceAccount.create": False,
    "egress.serviceAccount.name": "back",
    "persistence.enabled": False,
    "persistence.existingClaim": "mine",
    "networkPolicy.enabled": False,
}
"""For keys that ci/full-values.yaml leaves at their default."""


def documented() -> list[str]:
    return re.findall(r"^ *## @param (\S+) \S", TEXT, flags=re.MULTILINE)


def inside(path: str, parents: set[str]) -> bool:
    return any(path == parent or path.startswith(parent + ".") for parent in parents)


def test_every_value_is_documented_once_and_nothing_else_is() -> None:
    paths = documented()

    assert len(set(paths)) == len(paths)
    assert [path for path in leaves(default_values()) if not inside(path, set(paths))] == []
    assert [path for path in paths if not any(inside(leaf, {path}) for leaf in leaves(default_values()))] == []


def shape(schema: dict[str, Any], path: str = "") -> set[str]:
    """The leaves that a schema knows: where `properties` end."""
    if "properties" not in schema or "$ref" in schema:
        return {path}
    assert schema["additionalProperties"] is False, path
    return {leaf for name, inner in schema["properties"].items() for leaf in shape(inner, f"{path}.{name}".strip("."))}


def test_the_schema_knows_exactly_the_values() -> None:
    assert shape(SCHEMA) - {"global"} == set(documented())


@pytest.mark.parametrize("path", list(leaves(default_values())))
def test_every_value_changes_what_is_made(path: str) -> None:
    if path == "policy.existingConfigMap":
        base: Values = EXISTING
        other = with_leaf(base, path, "mine")
    else:
        base = FULL
        default, given = leaves(default_values())[path], leaves(FULL).get(path)
        if path in ANOTHER:
            other = with_leaf(base, path, ANOTHER[path])
        else:
            replaced = given if given is not None else read(FULL, path)
            assert replaced != default, f"{path}: give it another value in ci/full-values.yaml, or here"
            # helm merges mappings, so an empty one takes nothing away: go the other way for those.
            base, other = (without(FULL, path), FULL) if default in ({}, []) else (FULL, with_leaf(FULL, path, default))

    if path == "secrets.existingSecret":
        assert "existingSecret is empty" in refused(other)
    else:
        assert render(base) != render(other)


def read(tree: Values, path: str) -> Any:
    inner: Any = tree
    for name in path.split("."):
        inner = inner.get(name) if isinstance(inner, dict) else None
    assert inner is not None, path
    return inner


def without(tree: Values, path: str) -> Values:
    copy: Values = json.loads(json.dumps(tree))
    *parents, last = path.split(".")
    inner = copy
    for name in parents:
        inner = inner[name]
    del inner[last]
    return copy


def test_without_a_secret_the_refusal_says_how_to_make_one() -> None:
    said = template().stderr

    for words in ("secrets.existingSecret", "openssl rand -hex 32", "kubectl create secret generic gateway-secrets"):
        assert words in said


BAD: list[tuple[str, Any]] = [
    ("edge.replicas", 2),
    ("egress.replicas", 2),
    ("replicas", 2),
    ("secret", {"ticketKey": "k1:00"}),
    ("secrets.ticketKey", "k1:00"),
    ("secrets.keys.ticketKey", ""),
    ("secrets.existingSecret", "No_Such Name"),
    ("image.tag", "latest"),
    ("image.tag", 1.0),
    ("image.registry", "images.example/"),
    ("image.registry", "https://images.example"),
    ("image.repository", "gateway"),
    ("image.edge.repository", ""),
    ("image.egress.repository", "gateway@sha256:0"),
    ("image.edge.digest", "sha256:short"),
    ("image.pullPolicy", "Sometimes"),
    ("imagePullSecrets", ["pull"]),
    ("config.drain.streams", -1),
    ("config.drain.streams", "60"),
    ("config.drain.propagation", "5s"),
    ("config.durability", "maybe"),
    ("config.workers", 0),
    ("config.on_state_lost", "allow"),
    ("config.on_ledger_lost", "allow"),
    ("config.limits.disk_reserve_bytes", -1),
    ("secrets.keys.stateUrl", "redis://:password@redis:6379"),
    ("config.telemetry.sample", 1.5),
    ("config.timeouts.total", 0),
    ("config.limits.depth", 1000),
    ("config.alerts.webhook_url", "hooks.example.com"),
    ("config.alerts.every_seconds", -1),
    ("config.listen", {"port": 80}),
    ("edge.service.type", "ExternalName"),
    ("edge.service.port", 0),
    ("edge.service.port", "8080"),
    ("edge.service.annotations", {"a": True}),
    ("edge.resources.requests.memory", "1GiB"),
    ("edge.resources.requests.cpu", 1),
    ("edge.extraEnv", [{"name": "A"}]),
    ("edge.extraEnv", [{"name": "A", "value": "b", "valueFrom": {}}]),
    ("edge.extraEnv", [{"name": "A B", "value": "c"}]),
    ("edge.vendorKeys", ["OPENAI_API_KEY"]),
    ("egress.vendorKeys", ["sk-not a name"]),
    ("egress.vendorKeys", {"OPENAI_API_KEY": "sk-1"}),
    ("egress.port", 80),
    ("local.endpoints", ["http://sglang:30000"]),
    ("local.endpoints", {"qwen3-32b": "http://sglang:30000"}),
    ("local.endpoints", {"qwen3-32b": []}),
    ("local.endpoints", {"qwen3-32b": ["sglang:30000"]}),
    ("local.endpoints", {"qwen3-32b": ["http://user:pass@sglang:30000"]}),
    ("local.endpoints", {"qwen3-32b": ["http://sglang:30000/v1"]}),
    ("policy.files", {"default.txt": "version: 1"}),
    ("policy.files", {"../default.yaml": "version: 1"}),
    ("policy.files", {"default.yaml": {"version": 1}}),
    ("persistence.size", "10 GB"),
    ("persistence.accessModes", ["ReadOnlyMany"]),
    ("persistence.accessModes", []),
    ("networkPolicy.egress.except", ["10.0.0.0"]),
    ("networkPolicy.egress.except", ["fc00::/7"]),
    ("networkPolicy.egress.ports", [70000]),
    ("networkPolicy.edge.localTo", [{}]),
    ("networkPolicy.edge.localTo", [{"cidr": "10.0.0.0/8"}]),
    ("networkPolicy.egres", {}),
    ("podDisruptionBudget.maxUnavailable", "50%"),
    ("serviceMonitor.interval", "15 seconds"),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=[f"{path}={json.dumps(value)}" for path, value in BAD])
def test_the_schema_refuses(path: str, value: Any) -> None:
    said = refused(with_leaf(EXISTING, path, value))

    assert "don't meet the specifications of the schema" in said
    # For a bad name of a key, helm's validator tells the name but not its place.
    assert path.split(".", maxsplit=1)[0] in said or next(iter(value)) in said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"edge": {"extraEnv": [{"name": "OPENAI_API_KEY", "value": "x"}]}}, "only the egress may have it"),
        ({"edge": {"localKeys": ["ANTHROPIC_API_KEY"]}}, "only the egress may have it"),
        ({"config": {"workers": 2}}, "secrets.keys.stateUrl"),
        ({"config": {"alerts": {"webhook_url": "https://hooks.example.com"}}}, "secrets.keys.alertsSecret"),
        ({"local": {"endpoints": {"qwen": ["http://a:1"]}}}, "no policy file has a target qwen"),
        ({"local": {"endpoints": {"gpt-5": ["http://a:1"]}}}, "target gpt-5 is not of zone local"),
        ({"policy": {"existingConfigMap": "mine", "files": {"a.yaml": "{}"}}}, "leave policy.files"),
        ({"policy": {"existingConfigMap": "mine"}, "local": {"endpoints": {"a": ["http://a:1"]}}}, "local.endpoints"),
        ({"policy": {"files": {"a.yaml": "- 1"}}, "local": {"endpoints": {"a": ["http://a:1"]}}}, "no YAML mapping"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_templates_refuse_what_a_schema_cannot_see(values: Values, words: str) -> None:
    assert words in refused(EXISTING | values)
