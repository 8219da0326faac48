"""What a set of NetworkPolicies lets through: the rules of networking.k8s.io/v1, for pods with one address."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Place:
    """A pod, or (without labels) an address outside of the cluster."""

    address: str
    labels: Mapping[str, str] = field(default_factory=dict)
    namespace: str = ""

    @property
    def is_pod(self) -> bool:
        return bool(self.namespace)


def allowed(policies: list[dict[str, Any]], source: Place, target: Place, port: int, protocol: str = "TCP") -> bool:
    """Return whether a connection is let out of its source and into its target."""
    out, into = ("Egress", "egress", "to"), ("Ingress", "ingress", "from")
    return _one_way(policies, out, source, target, (port, protocol)) and _one_way(
        policies, into, target, source, (port, protocol)
    )


def _one_way(
    policies: list[dict[str, Any]], way: tuple[str, str, str], own: Place, other: Place, port: tuple[int, str]
) -> bool:
    kind, rules, peers = way
    mine = [
        policy["spec"]
        for policy in policies
        if own.is_pod
        and kind in policy["spec"]["policyTypes"]
        and policy["metadata"].get("namespace", "default") == own.namespace
        and _selects(policy["spec"]["podSelector"], own.labels)
    ]
    return not mine or any(
        _port(rule.get("ports"), *port) and _peers(rule.get(peers), other, own.namespace)
        for spec in mine
        for rule in spec.get(rules) or []
    )


def _selects(selector: dict[str, Any], labels: Mapping[str, str]) -> bool:
    assert selector.keys() <= {"matchLabels"}
    return selector.get("matchLabels", {}).items() <= dict(labels).items()


def _port(ports: list[dict[str, Any]] | None, port: int, protocol: str) -> bool:
    return not ports or any(one["port"] == port and one.get("protocol", "TCP") == protocol for one in ports)


def _peers(peers: list[dict[str, Any]] | None, other: Place, namespace: str) -> bool:
    return not peers or any(_peer(peer, other, namespace) for peer in peers)


def _peer(peer: dict[str, Any], other: Place, namespace: str) -> bool:
    if "ipBlock" in peer:
        assert peer.keys() == {"ipBlock"}
        return _within(peer["ipBlock"]["cidr"], other.address) and not any(
            _within(part, other.address) for part in peer["ipBlock"].get("except", [])
        )
    if not other.is_pod:
        return False
    spaces = peer.get("namespaceSelector")
    named = {"kubernetes.io/metadata.name": other.namespace}
    right_space = other.namespace == namespace if spaces is None else _selects(spaces, named)
    return right_space and _selects(peer.get("podSelector", {}), other.labels)


def _within(network: str, address: str) -> bool:
    block, place = ipaddress.ip_network(network), ipaddress.ip_address(address)
    return block.version == place.version and place in block
