"""The network policies: the edge has no way to the internet, the egress none into the house."""

import ipaddress

import pytest
from chart.helm import EXISTING, Object, pods, render
from chart.network import Place, allowed

DNS = Place("10.96.0.10", {"k8s-app": "kube-dns"}, "kube-system")
SGLANG = Place("10.1.0.7", {"app": "sglang"}, "models")
NEIGHBOUR = Place("10.1.0.8", {"app": "shop"}, "default")
STRANGER = Place("10.1.0.9", {"app": "shop"}, "elsewhere")
VENDOR = Place("203.0.113.9")
VENDOR_6 = Place("2001:db8::9")
METADATA = Place("169.254.169.254")
METADATA_6 = Place("fd00:ec2::254")
API_SERVER = Place("10.96.0.1")
ROUTER = Place("192.168.1.1")


def network(values: Object | None = None) -> tuple[list[Object], Place, Place]:
    objects = render(EXISTING | (values or {}))
    found = pods(objects)
    edge, egress = (
        Place(address, found[component]["metadata"]["labels"], "default")
        for component, address in (("edge", "10.1.0.2"), ("egress", "10.1.0.3"))
    )
    return [one for one in objects if one["kind"] == "NetworkPolicy"], edge, egress


@pytest.mark.parametrize("port", [80, 443, 8082, 30000])
@pytest.mark.parametrize("place", [VENDOR, VENDOR_6, METADATA], ids=lambda place: place.address)
def test_the_edge_reaches_nothing_outside(place: Place, port: int) -> None:
    policies, edge, _ = network()

    assert not allowed(policies, edge, place, port)


def test_the_edge_reaches_names_local_servers_and_the_egress() -> None:
    policies, edge, egress = network()

    assert allowed(policies, edge, egress, 8082)
    assert allowed(policies, edge, SGLANG, 30000)
    assert allowed(policies, edge, DNS, 53, "UDP")
    assert allowed(policies, edge, DNS, 53)


def test_the_edge_reaches_no_other_port_of_the_house() -> None:
    policies, edge, egress = network()

    assert not allowed(policies, edge, API_SERVER, 443)
    assert not allowed(policies, edge, SGLANG, 22)
    assert not allowed(policies, edge, egress, 443)
    assert not allowed(policies, edge, NEIGHBOUR, 3128)
    assert not allowed(policies, edge, NEIGHBOUR, 53, "UDP")


@pytest.mark.parametrize("place", [VENDOR, VENDOR_6], ids=lambda place: place.address)
def test_the_egress_reaches_vendors_on_443_alone(place: Place) -> None:
    policies, _, egress = network()

    assert allowed(policies, egress, place, 443)
    assert not allowed(policies, egress, place, 80)
    assert not allowed(policies, egress, place, 22)


@pytest.mark.parametrize(
    "place",
    [
        *(API_SERVER, ROUTER, METADATA, METADATA_6, SGLANG, NEIGHBOUR),
        *map(Place, ("10.0.0.1", "172.16.0.1", "172.31.255.254", "100.100.100.200", "127.0.0.1", "fe80::1")),
        Place("64:ff9b::a00:1"),
    ],
    ids=lambda place: place.address,
)
@pytest.mark.parametrize("port", [443, 80, 30000])
def test_the_egress_reaches_nothing_of_the_house(place: Place, port: int) -> None:
    policies, _, egress = network()

    assert not allowed(policies, egress, place, port)


def test_the_egress_hears_the_edge_alone() -> None:
    policies, edge, egress = network()

    assert allowed(policies, edge, egress, 8082)
    for other in (NEIGHBOUR, STRANGER, SGLANG, VENDOR):
        assert not allowed(policies, other, egress, 8082)
    assert not allowed(policies, egress, edge, 8080)


def test_a_pod_with_the_egress_labels_of_another_release_is_another_pod() -> None:
    policies, edge, egress = network()
    other = Place("10.1.0.77", dict(egress.labels) | {"app.kubernetes.io/instance": "other"}, "default")
    twin = Place("10.1.0.78", dict(egress.labels), "elsewhere")

    assert not allowed(policies, edge, other, 8082)
    assert not allowed(policies, edge, twin, 8082)


def test_the_data_plane_is_for_all_and_the_admin_plane_for_the_namespace() -> None:
    policies, edge, _ = network()

    assert allowed(policies, STRANGER, edge, 8080)
    assert allowed(policies, NEIGHBOUR, edge, 8081)
    assert not allowed(policies, STRANGER, edge, 8081)
    assert not allowed(policies, VENDOR, edge, 8081)


def test_with_no_one_named_the_admin_plane_is_closed() -> None:
    policies, edge, _ = network({"networkPolicy": {"edge": {"adminFrom": []}}})

    assert not allowed(policies, NEIGHBOUR, edge, 8081)
    assert allowed(policies, NEIGHBOUR, edge, 8080)


def test_prometheus_is_let_in_where_it_is_named() -> None:
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    values = {"edge": {"adminFrom": [monitoring]}, "egress": {"metricsFrom": [monitoring]}}
    policies, edge, egress = network({"networkPolicy": values})
    prometheus = Place("10.1.0.50", {"app": "prometheus"}, "monitoring")

    assert allowed(policies, prometheus, edge, 8081)
    assert allowed(policies, prometheus, egress, 8082)
    assert not allowed(policies, STRANGER, egress, 8082)
    assert allowed(policies, edge, egress, 8082)


def test_every_exception_lies_within_its_network() -> None:
    policies, _, _ = network()
    blocks = [
        peer["ipBlock"]
        for policy in policies
        for rule in policy["spec"]["egress"]
        for peer in rule.get("to", [])
        if "ipBlock" in peer
    ]

    assert blocks
    for block in blocks:
        whole = ipaddress.ip_network(block["cidr"])
        for part in block.get("except", []):
            inner = ipaddress.ip_network(part)
            assert inner.version == whole.version
            assert inner.subnet_of(whole)  # type: ignore[arg-type]
