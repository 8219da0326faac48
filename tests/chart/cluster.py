"""A Kubernetes API server as far as helm needs one: discovery, objects in memory, server-side apply, immutable fields.

No schema, no admission, no controllers: nothing runs. Helm's own Secrets come as protobuf, the rest as JSON or YAML.
"""

import base64
import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

RESOURCES = {
    "v1": {
        "configmaps": "ConfigMap",
        "persistentvolumeclaims": "PersistentVolumeClaim",
        "secrets": "Secret",
        "serviceaccounts": "ServiceAccount",
        "services": "Service",
    },
    "apps/v1": {"deployments": "Deployment"},
    "networking.k8s.io/v1": {"networkpolicies": "NetworkPolicy"},
    "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"},
}
IMMUTABLE = {"Deployment": ("selector",), "PersistentVolumeClaim": ("accessModes", "storageClassName")}

Object = dict[str, Any]
Key = tuple[str, str, str]
"""Kind, namespace, name."""


class Refused(Exception):
    """An answer that is a Status."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "code": code,
            "reason": reason,
            "message": message,
        }


class Cluster:
    """All objects, by kind, namespace and name."""

    def __init__(self) -> None:
        self.objects: dict[Key, Object] = {}
        self.url = ""
        self._revision = 0
        self._lock = threading.Lock()

    def of_chart(self) -> dict[str, Object]:
        """Everything but helm's own notes, by `Kind/name`."""
        return {f"{kind}/{name}": one for (kind, _, name), one in self.objects.items() if kind != "Secret"}

    def answer(self, method: str, target: str, body: Object | None) -> Object:
        split = urlsplit(target)
        parts = [part for part in split.path.split("/") if part]
        discovered = _discover(parts)
        if discovered is not None:
            return discovered
        version = parts[1] if parts[0] == "api" else f"{parts[1]}/{parts[2]}"
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        if len(rest) < 3 or rest[0] != "namespaces" or rest[2] not in RESOURCES.get(version, {}):
            raise Refused(404, "NotFound", f"no resource at {split.path}")
        namespace, kind, name = rest[1], RESOURCES[version][rest[2]], rest[3] if len(rest) > 3 else ""
        with self._lock:
            if method == "GET" and not name:
                return self._list(kind, version, namespace, parse_qs(split.query).get("labelSelector", [""])[0])
            if method in {"POST", "PUT", "PATCH"}:
                assert body is not None
                name = name or body["metadata"]["name"]
                return self._put((kind, namespace, name), version, body, create=method == "POST")
            key = (kind, namespace, name)
            if key not in self.objects:
                raise Refused(404, "NotFound", f'{rest[2]} "{name}" not found')
            return self.objects.pop(key) if method == "DELETE" else self.objects[key]

    def _list(self, kind: str, version: str, namespace: str, selector: str) -> Object:
        wanted = dict(part.split("=", 1) for part in selector.split(",") if part)
        items = [
            one
            for (its_kind, space, _), one in self.objects.items()
            if (its_kind, space) == (kind, namespace) and wanted.items() <= one["metadata"].get("labels", {}).items()
        ]
        return {"kind": f"{kind}List", "apiVersion": version, "metadata": {}, "items": items}

    def _put(self, key: Key, version: str, body: Object, *, create: bool) -> Object:
        """Store an object whole: with one manager, what is applied is what there is."""
        kind, namespace, name = key
        old = self.objects.get(key)
        if old is not None and create:
            raise Refused(409, "AlreadyExists", f'{kind} "{name}" already exists')
        for field in IMMUTABLE.get(kind, ()):
            if old is not None and old["spec"].get(field) != body["spec"].get(field):
                raise Refused(422, "Invalid", f'{kind} "{name}" is invalid: spec.{field}: field is immutable')
        self._revision += 1
        identity = {"uid": f"uid-{kind}-{name}", "resourceVersion": str(self._revision), "namespace": namespace}
        metadata = {**body["metadata"], **identity, "creationTimestamp": "2026-01-01T00:00:00Z"}
        self.objects[key] = {**body, "apiVersion": version, "kind": kind, "metadata": metadata}
        return self.objects[key]


def _discover(parts: list[str]) -> Object | None:
    match parts:
        case ["version"]:
            return {"major": "1", "minor": "37", "gitVersion": "v1.37.0"}
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"]}
        case ["apis"]:
            groups = [name.split("/") for name in RESOURCES if "/" in name]
            versions = [{"groupVersion": f"{group}/{version}", "version": version} for group, version in groups]
            return {
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": [
                    {"name": group, "versions": [one], "preferredVersion": one}
                    for (group, _), one in zip(groups, versions, strict=True)
                ],
            }
        case ["api", version] | ["apis", _, version]:
            name = version if parts[0] == "api" else f"{parts[1]}/{version}"
            verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
            return {
                "kind": "APIResourceList",
                "apiVersion": "v1",
                "groupVersion": name,
                "resources": [
                    {"name": plural, "singularName": "", "namespaced": True, "kind": kind, "verbs": verbs}
                    for plural, kind in RESOURCES[name].items()
                ],
            }
    return None


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the length-delimited fields of a protobuf message; numbers are left out."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = number()
        length = number()
        if tag & 7 == 2:
            yield tag >> 3, data[at : at + length]
            at += length


def _secret(data: bytes) -> Object:
    """Read a Secret as client-go sends it: a magic word, then runtime.Unknown, whose second field is the object."""
    found: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": {"labels": {}}, "data": {}}
    for field, value in _fields(dict(_fields(data[4:]))[2]):
        match field:
            case 1:
                for inner, part in _fields(value):
                    if inner == 1:
                        found["metadata"]["name"] = part.decode()
                    elif inner == 11:
                        pair = dict(_fields(part))
                        found["metadata"]["labels"][pair[1].decode()] = pair.get(2, b"").decode()
            case 2:
                pair = dict(_fields(value))
                found["data"][pair[1].decode()] = base64.b64encode(pair.get(2, b"")).decode()
            case 3:
                found["type"] = value.decode()
    return found


def _handler(cluster: Cluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for its second packet

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

        def do_GET(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.command == "DELETE" or not data:
                body = None
            else:
                body = _secret(data) if data.startswith(b"k8s\0") else yaml.safe_load(data)
            try:
                code, reply = 200, cluster.answer(self.command, self.path, body)
            except Refused as refused:
                code, reply = refused.code, refused.status
            text = json.dumps(reply).encode()
            self.send_response(code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    return Handler


@contextmanager
def running() -> Generator[Cluster]:
    """Serve an empty cluster on a free port of loopback."""
    cluster = Cluster()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cluster))
    server.daemon_threads = True
    cluster.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
