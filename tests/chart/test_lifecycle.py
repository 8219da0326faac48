"""The chart's life in a cluster that stores objects and runs nothing: install, upgrade, rollback, uninstall."""

import subprocess
from pathlib import Path

import pytest
from chart.cluster import Cluster, running
from chart.helm import CHART, EXISTING, Object, helm, render

WITH_SECRET = ("--set", "secrets.existingSecret=gateway-secrets")
CLAIM = "PersistentVolumeClaim/gateway-edge-data"


class Release:
    """Helm against one cluster."""

    def __init__(self, cluster: Cluster, home: Path) -> None:
        self.cluster = cluster
        self._home = home

    def try_(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        server = ("--kube-apiserver", self.cluster.url, "--kube-token", "none", "--namespace", "default")
        return helm(*arguments, *server, home=self._home)

    def do(self, *arguments: str) -> str:
        done = self.try_(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def install(self, *arguments: str) -> str:
        return self.do("install", "gateway", str(CHART), "--disable-openapi-validation", *WITH_SECRET, *arguments)

    def upgrade(self, *arguments: str) -> str:
        return self.do("upgrade", "gateway", str(CHART), "--disable-openapi-validation", *WITH_SECRET, *arguments)

    def specs(self) -> dict[str, Object]:
        """What is in the cluster, without what a server adds."""
        return {
            name: {key: value for key, value in one.items() if key not in {"metadata", "apiVersion", "kind"}}
            for name, one in self.cluster.of_chart().items()
        }


@pytest.fixture
def release(tmp_path: Path):
    with running() as cluster:
        yield Release(cluster, tmp_path)


def test_install_upgrade_rollback_uninstall(release: Release) -> None:
    notes = release.install()

    expected = {f"{one['kind']}/{one['metadata']['name']}": one for one in render(EXISTING, release="gateway")}
    assert release.cluster.of_chart().keys() == expected.keys()
    first = release.specs()
    for name, one in expected.items():
        assert first[name].get("spec") == one.get("spec")
        assert first[name].get("data") == one.get("data")
    assert "--set local.endpoints.qwen3-32b=" in notes

    release.upgrade("--set", "networkPolicy.enabled=false,podDisruptionBudget.enabled=true,config.drain.streams=120")

    second = release.specs()
    assert set(first) - set(second) == {
        "NetworkPolicy/gateway-edge",
        "NetworkPolicy/gateway-egress",
    }
    assert set(second) - set(first) == {"PodDisruptionBudget/gateway-edge", "PodDisruptionBudget/gateway-egress"}
    grace = [each["Deployment/gateway-edge"]["spec"]["template"]["spec"] for each in (first, second)]
    assert grace[1]["terminationGracePeriodSeconds"] - grace[0]["terminationGracePeriodSeconds"] == 60

    release.do("rollback", "gateway", "1")

    assert release.specs() == first
    assert [line.split("\t")[0].strip() for line in release.do("history", "gateway").splitlines()[1:]] == list("123")

    release.do("uninstall", "gateway")

    assert release.cluster.of_chart().keys() == {CLAIM}


def test_what_is_left_of_a_release_can_be_taken_up_again(release: Release) -> None:
    """The ledger's claim stays, and a new release of the same name takes it."""
    release.install()
    release.do("uninstall", "gateway")

    release.install()

    assert len(release.cluster.of_chart()) == len(render(EXISTING, release="gateway"))


def test_all_options_can_be_switched_on_later(release: Release) -> None:
    release.install()

    release.upgrade(
        *("-f", str(CHART / "ci" / "full-values.yaml"), "--set", "nameOverride=,fullnameOverride="),
        *("--set", "serviceMonitor.enabled=false,persistence.existingClaim=gateway-edge-data"),
    )

    assert {"PodDisruptionBudget/gateway-edge", CLAIM} <= release.cluster.of_chart().keys()


def test_the_notes_warn_of_what_is_not_safe(release: Release) -> None:
    notes = release.install("-f", str(CHART / "ci" / "small-values.yaml"))

    assert "networkPolicy.enabled is false" in notes
    assert "lost with the pod" in notes
    assert "/var/lib/gateway/data/admin-token" in notes


def test_without_a_secret_nothing_is_installed(release: Release) -> None:
    done = release.try_("install", "gateway", str(CHART), "--disable-openapi-validation")

    assert done.returncode != 0
    assert "kubectl create secret generic" in done.stderr
    assert release.cluster.objects == {}


def test_a_package_is_the_same_chart(tmp_path: Path) -> None:
    done = helm("package", str(CHART), "--destination", str(tmp_path))
    assert done.returncode == 0, done.stderr

    [package] = tmp_path.glob("gateway-*.tgz")
    packed = helm("template", "rel", str(package), *WITH_SECRET)
    assert packed.stdout == helm("template", "rel", str(CHART), *WITH_SECRET).stdout
