"""What holds for every object that the chart makes, under each of its ci/*-values.yaml."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from chart.helm import CHART, CI_VALUES, EXISTING, Object, helm, of, pods, render, rendered, template

from gateway.settings import load

KUBE_VERSIONS = ("1.30.0", "1.33.0", "1.37.0")
BY_VALUES = pytest.mark.parametrize("values", CI_VALUES, ids=lambda path: path.name.removesuffix("-values.yaml"))
QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?")


def containers(objects: list[Object]) -> dict[str, Object]:
    found = {}
    for component, pod in pods(objects).items():
        [container] = pod["spec"]["containers"]
        assert not pod["spec"].get("initContainers")
        found[component] = container
    return found


def gateway_yaml(objects: list[Object]) -> str:
    return of(objects, "ConfigMap", "-config")["data"]["gateway.yaml"]


@BY_VALUES
@pytest.mark.parametrize("version", KUBE_VERSIONS)
def test_helm_lints_without_a_warning(values: Path, version: str) -> None:
    done = helm("lint", "--strict", str(CHART), "-f", str(values), "--kube-version", version)

    assert done.returncode == 0, done.stdout + done.stderr


def test_an_old_cluster_is_refused() -> None:
    done = template("--kube-version", "1.29.9", "--set", "secrets.existingSecret=s")

    assert "kubeVersion" in done.stderr


@BY_VALUES
@pytest.mark.parametrize("version", KUBE_VERSIONS)
def test_every_object_is_valid_against_kubernetes_own_schema(values: Path, version: str) -> None:
    for one in rendered(values):
        if one["kind"] != "ServiceMonitor":  # no schema of it is bundled
            kubernetes_validate.validate(one, version, strict=True)


@BY_VALUES
def test_names_are_unique_and_short_and_labels_are_complete(values: Path) -> None:
    objects = rendered(values)

    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(set(names)) == len(names)
    for one in objects:
        assert re.fullmatch(r"[a-z0-9][-a-z0-9]{0,62}", one["metadata"]["name"])
        assert {"app.kubernetes.io/name", "app.kubernetes.io/instance", "helm.sh/chart"} <= one["metadata"][
            "labels"
        ].keys()
        for value in one["metadata"]["labels"].values():
            assert re.fullmatch(r"[A-Za-z0-9][-._A-Za-z0-9]{0,62}", value)


@BY_VALUES
def test_selectors_find_exactly_their_pods(values: Path) -> None:
    objects = rendered(values)
    labels = {component: pod["metadata"]["labels"] for component, pod in pods(objects).items()}

    def selected(selector: dict[str, str]) -> set[str]:
        return {component for component, has in labels.items() if selector.items() <= has.items()}

    assert labels.keys() == {"edge", "egress"}
    for one in objects:
        component = one["metadata"]["labels"]["app.kubernetes.io/component"]
        match one["kind"]:
            case "Service":
                assert selected(one["spec"]["selector"]) == {component}
            case "Deployment" | "PodDisruptionBudget":
                assert selected(one["spec"]["selector"]["matchLabels"]) == {component}
            case "NetworkPolicy":
                assert selected(one["spec"]["podSelector"]["matchLabels"]) == {component}


@BY_VALUES
def test_services_and_probes_name_ports_that_exist(values: Path) -> None:
    objects = rendered(values)
    ports = {
        component: {port["name"]: port["containerPort"] for port in container["ports"]}
        for component, container in containers(objects).items()
    }

    settings = load_settings(objects)
    assert ports["edge"] == {"http": settings["listen"]["port"], "admin": settings["admin"]["port"]}
    assert ports["egress"] == {"http": settings["egress"]["port"]}
    for service in (one for one in objects if one["kind"] == "Service"):
        component = service["spec"]["selector"]["app.kubernetes.io/component"]
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports[component]
    for component, container in containers(objects).items():
        for name, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            assert container[name]["httpGet"] == {"path": path, "port": "http"}
            assert container[name]["httpGet"]["port"] in ports[component]
        # The edge's first readiness waits up to 20 s for the egress, and before that the spool is replayed.
        assert container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"] >= 120


def load_settings(objects: list[Object]) -> dict[str, Any]:
    return yaml.safe_load(gateway_yaml(objects))


@BY_VALUES
def test_gateway_yaml_is_read_by_the_gateway_and_points_at_the_egress_service(values: Path, tmp_path: Path) -> None:
    objects = rendered(values)
    file = tmp_path / "gateway.yaml"
    file.write_text(gateway_yaml(objects), encoding="utf-8")

    settings = load(file, {}, {})

    assert settings.listen.host == settings.admin.host == settings.egress.host == "0.0.0.0"
    service = of(objects, "Service", "-egress")
    [port] = service["spec"]["ports"]
    assert settings.egress.url == f"http://{service['metadata']['name']}:{port['port']}"


@BY_VALUES
def test_the_admin_plane_and_the_egress_are_never_published(values: Path) -> None:
    objects = rendered(values)

    assert of(objects, "Service", "-admin")["spec"]["type"] == "ClusterIP"
    assert of(objects, "Service", "-egress")["spec"]["type"] == "ClusterIP"
    assert [port["name"] for port in of(objects, "Service", "-edge")["spec"]["ports"]] == ["http"]


@BY_VALUES
def test_volumes_are_there_and_used_and_policy_is_a_directory(values: Path) -> None:
    objects = rendered(values)
    made = {(one["kind"], one["metadata"]["name"]) for one in objects}

    for pod in pods(objects).values():
        [container] = pod["spec"]["containers"]
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
        assert {mount["name"] for mount in mounts.values()} == volumes.keys()
        assert all("subPath" not in mount and "subPathExpr" not in mount for mount in mounts.values())
        policies = mounts["/etc/gateway/policies"]
        assert policies["readOnly"]
        assert "items" not in volumes[policies["name"]]["configMap"]
        for volume in volumes.values():
            if "configMap" in volume and volume["configMap"]["name"] != "our-policy":
                assert ("ConfigMap", volume["configMap"]["name"]) in made
            claim = volume.get("persistentVolumeClaim", {}).get("claimName", "ledger")
            assert claim == "ledger" or ("PersistentVolumeClaim", claim) in made
        # All that is written has a place, since the root is read-only.
        assert {path for path, mount in mounts.items() if not mount.get("readOnly")} <= {"/tmp", "/var/lib/gateway"}
        assert volumes[mounts["/tmp"]["name"]]["emptyDir"]


@BY_VALUES
def test_every_path_of_gateway_yaml_is_mounted_where_it_is_read(values: Path) -> None:
    objects = rendered(values)
    settings = load_settings(objects)
    edge = pods(objects)["edge"]["spec"]
    mounted = {
        f"{mount['mountPath']}/{item['path']}"
        for mount in edge["containers"][0]["volumeMounts"]
        for volume in edge["volumes"]
        if volume["name"] == mount["name"]
        for item in volume.get("secret", {}).get("items", [])
    }

    read = {**settings, **settings["alerts"]}
    assert {value for key, value in read.items() if key.endswith("_file")} == mounted
    assert settings["policies"] == "/etc/gateway/policies"
    assert settings["data_dir"].startswith("/var/lib/gateway/")
    assert settings["ticket_key_file"] in mounted
    for component, container in containers(objects).items():
        assert container["command"] == ["gateway"]
        assert container["args"] == ["serve", "--config", "/etc/gateway/config/gateway.yaml", "--role", component]


@BY_VALUES
def test_every_pod_is_fit_for_the_restricted_pod_security_standard(values: Path) -> None:
    for pod in pods(rendered(values)).values():
        spec = pod["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        allowed = {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}
        assert all(volume.keys() - {"name"} <= allowed for volume in spec["volumes"])
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert "privileged" not in context
            assert all("hostPort" not in port for port in container["ports"])


@BY_VALUES
def test_one_pod_each_and_never_two_on_one_ledger(values: Path) -> None:
    for one in rendered(values):
        if one["kind"] == "Deployment":
            assert one["spec"]["replicas"] == 1
            assert one["spec"]["strategy"] == {"type": "Recreate"}


@BY_VALUES
def test_the_grace_period_is_longer_than_the_drain(values: Path) -> None:
    objects = rendered(values)
    drain = load_settings(objects)["drain"]
    propagation, streams = drain["propagation"], drain["streams"]
    edge, egress = (pods(objects)[component]["spec"] for component in ("edge", "egress"))
    pause = egress["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)

    # The supervisor kills an edge 5 s after its drain, and then gives the ledger child 10 + 5 s.
    assert edge["terminationGracePeriodSeconds"] >= propagation + streams + 5 + 15
    assert pause >= propagation
    assert egress["terminationGracePeriodSeconds"] >= pause + streams + 5


@BY_VALUES
def test_images_are_pinned_and_quantities_are_sound(values: Path) -> None:
    objects = rendered(values)

    images = [container["image"] for container in containers(objects).values()]
    assert len(set(images)) == len(images), "edge and egress are two images"
    for container in containers(objects).values():
        assert re.fullmatch(r"[^@\s]+(:[\w.-]+|@sha256:[0-9a-f]{64})", container["image"])
        assert not container["image"].endswith(":latest")
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"]["memory"]
        for quantities in container["resources"].values():
            assert all(QUANTITY.fullmatch(quantity) for quantity in quantities.values())


@BY_VALUES
def test_secrets_are_named_and_never_made(values: Path) -> None:
    objects = rendered(values)

    assert not [one for one in objects if one["kind"] == "Secret"]
    for pod in pods(objects).values():
        for entry in pod["spec"]["containers"][0].get("env", []):
            secret = re.search(r"(?i)key|token|secret|password", entry["name"])
            assert not secret or "valueFrom" in entry


@BY_VALUES
def test_vendor_keys_are_in_the_egress_pod_alone(values: Path) -> None:
    objects = rendered(values)
    specs = {component: pod["spec"] for component, pod in pods(objects).items()}
    names = {
        component: {entry["name"] for entry in spec["containers"][0].get("env", [])}
        for component, spec in specs.items()
    }
    vendors = {
        entry["name"]
        for entry in specs["egress"]["containers"][0].get("env", [])
        if entry.get("valueFrom", {}).get("secretKeyRef")
    }

    assert vendors or values.name == "small-values.yaml"
    assert not vendors & names["edge"]
    for spec in specs.values():
        assert not any("envFrom" in container for container in spec["containers"])
        for volume in spec["volumes"]:
            if "secret" in volume:  # named file by file: nothing else of the Secret comes along
                assert volume["secret"]["items"]
                assert not vendors & {item["key"] for item in volume["secret"]["items"]}
    egress_files = [item["path"] for v in specs["egress"]["volumes"] if "secret" in v for item in v["secret"]["items"]]
    assert egress_files == ["ticket-key"]


def test_a_missing_vendor_key_is_no_reason_not_to_start() -> None:
    env = pods(render(EXISTING))["egress"]["spec"]["containers"][0]["env"]

    assert {entry["name"] for entry in env} == {"ANTHROPIC_API_KEY", "OPENAI_API_KEY"}
    assert all(entry["valueFrom"]["secretKeyRef"]["optional"] for entry in env)


def test_vendor_keys_may_stand_in_a_secret_that_the_edge_never_names() -> None:
    objects = render({"secrets": {"existingSecret": "internal", "vendorSecret": "vendors"}})

    assert "vendors" not in str(pods(objects)["edge"])
    env = pods(objects)["egress"]["spec"]["containers"][0]["env"]
    assert {entry["valueFrom"]["secretKeyRef"]["name"] for entry in env} == {"vendors"}


def test_a_changed_setting_restarts_both_pods_and_a_changed_policy_none() -> None:
    before = pods(render(EXISTING))
    setting = pods(render(EXISTING | {"config": {"durability": "write"}}))
    policy = pods(render(EXISTING | {"local": {"endpoints": {"qwen3-32b": ["http://10.0.0.9:30000"]}}}))

    assert before == policy
    for component in ("edge", "egress"):
        assert before[component] != setting[component]


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        (
            {},
            {
                *("Deployment/rel-gateway-edge", "Deployment/rel-gateway-egress", "Service/rel-gateway-edge"),
                *("Service/rel-gateway-admin", "Service/rel-gateway-egress", "ConfigMap/rel-gateway-config"),
                *("ConfigMap/rel-gateway-policy", "NetworkPolicy/rel-gateway-edge", "NetworkPolicy/rel-gateway-egress"),
                *("ServiceAccount/rel-gateway-edge", "ServiceAccount/rel-gateway-egress"),
                "PersistentVolumeClaim/rel-gateway-edge-data",
            },
        )
    ],
)
def test_the_default_objects_are_these(values: dict[str, Any], kinds: set[str]) -> None:
    objects = render(EXISTING | values)

    assert {f"{one['kind']}/{one['metadata']['name']}" for one in objects} == kinds


@pytest.mark.parametrize(
    ("values", "kind", "number"),
    [
        ({"persistence": {"enabled": False}}, "PersistentVolumeClaim", 0),
        ({"persistence": {"existingClaim": "mine"}}, "PersistentVolumeClaim", 0),
        ({"networkPolicy": {"enabled": False}}, "NetworkPolicy", 0),
        ({"edge": {"serviceAccount": {"create": False}}}, "ServiceAccount", 1),
        ({"egress": {"serviceAccount": {"create": False}}}, "ServiceAccount", 1),
        ({"policy": {"existingConfigMap": "mine"}}, "ConfigMap", 1),
        ({"podDisruptionBudget": {"enabled": True}}, "PodDisruptionBudget", 2),
        ({"serviceMonitor": {"enabled": True}}, "ServiceMonitor", 2),
    ],
    ids=str,
)
def test_what_is_switched_off_is_not_made(values: dict[str, Any], kind: str, number: int) -> None:
    assert len([one for one in render(EXISTING | values) if one["kind"] == kind]) == number


def test_service_monitors_find_a_service_and_a_path_that_the_gateway_has() -> None:
    objects = render(EXISTING | {"serviceMonitor": {"enabled": True}})

    found = {}
    for monitor in (one for one in objects if one["kind"] == "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        [service] = [s for s in objects if s["kind"] == "Service" and wanted <= s["metadata"]["labels"].items()]
        [endpoint] = monitor["spec"]["endpoints"]
        assert endpoint["port"] in [port["name"] for port in service["spec"]["ports"]]
        found[service["metadata"]["name"]] = endpoint["path"]
    assert found == {"rel-gateway-admin": "/metrics", "rel-gateway-egress": "/internal/metrics"}


def test_the_ledger_outlives_the_release_unless_configured_otherwise() -> None:
    kept = of(render(EXISTING), "PersistentVolumeClaim")
    dropped = of(render(EXISTING | {"persistence": {"keep": False}}), "PersistentVolumeClaim")

    assert kept["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert "annotations" not in dropped["metadata"]


def test_a_long_release_name_makes_names_that_are_still_allowed() -> None:
    objects = render(EXISTING, release="a" * 53)

    assert max(len(one["metadata"]["name"]) for one in objects) <= 63


def test_rendering_is_the_same_every_time() -> None:
    arguments = ("-f", str(CHART / "ci" / "full-values.yaml"))

    assert template(*arguments).stdout == template(*arguments).stdout
