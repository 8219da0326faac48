"""The policy ConfigMap, read by the gateway itself."""

from pathlib import Path

import pytest
import yaml
from chart.helm import CHART, CI_VALUES, EXISTING, ROOT, Object, of, render, rendered
from click.testing import CliRunner

from gateway.cli.policy.main import command

DEFAULT = ROOT / "policies" / "default.yaml"
WITH_POLICY = [path for path in CI_VALUES if path.name != "existing-configmap-values.yaml"]


def policy_files(objects: list[Object]) -> dict[str, str]:
    files: dict[str, str] = of(objects, "ConfigMap", "-policy")["data"]
    return files


def write(files: dict[str, str], directory: Path) -> Path:
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def test_the_charts_copy_is_the_default_policy() -> None:
    copy = CHART / "files" / "policies" / "default.yaml"

    assert copy.read_bytes() == DEFAULT.read_bytes(), "cp policies/default.yaml charts/gateway/files/policies/"


def test_by_default_it_is_rendered_byte_for_byte() -> None:
    assert policy_files(render(EXISTING)) == {"default.yaml": DEFAULT.read_text(encoding="utf-8")}


@pytest.mark.parametrize("values", WITH_POLICY, ids=lambda path: path.name)
@pytest.mark.parametrize("task", ["check", "test"])
def test_the_gateway_accepts_it_and_its_cases_come_out_as_written(values: Path, task: str, tmp_path: Path) -> None:
    directory = write(policy_files(rendered(values)), tmp_path)

    done = CliRunner().invoke(command, [task, "--policies", str(directory)])

    assert done.exit_code == 0, done.output


def test_endpoints_are_put_in_place_and_nothing_else_is_changed() -> None:
    urls = ["http://a:30000", "http://b:30000"]
    [text] = policy_files(render(EXISTING | {"local": {"endpoints": {"qwen3-32b": urls}}})).values()

    expected = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    expected["targets"][0]["endpoints"] = urls
    assert yaml.safe_load(text) == expected


def test_a_file_without_that_target_stays_as_it_is() -> None:
    other = "# a comment\nteams: []\n"
    files = {"targets.yaml": "targets: [{id: a, zone: local, endpoints: []}]", "teams.yaml": other}

    made = policy_files(render(EXISTING | {"policy": {"files": files}, "local": {"endpoints": {"a": ["http://a:1"]}}}))

    assert made["teams.yaml"] == other
    assert yaml.safe_load(made["targets.yaml"])["targets"][0]["endpoints"] == ["http://a:1"]


@pytest.mark.parametrize(
    "text", ["  indented: true\n", "no: end", "a: 1", "é: '☃ {{ .Values }}'\n", 'a: "\\t"\n#  \n', '{"a": [1]}']
)
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    assert policy_files(render(EXISTING | {"policy": {"files": {"a.yaml": text}}})) == {"a.yaml": text}
