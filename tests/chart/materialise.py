"""A rendered pod as a process of this machine: what the kubelet would mount, as files; what it would set, as variables.

Only hosts, ports and paths are changed, since all pods share one machine here.
"""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from chart.helm import Object, of

_revision = itertools.count(1)


def place(directory: Path, files: Mapping[str, bytes]) -> None:
    """Lay files out as the kubelet does, and swap them whole: `..data` is a link, and each file a link through it."""
    directory.mkdir(parents=True, exist_ok=True)
    new = directory / f"..2026_{next(_revision)}"
    new.mkdir()
    for name, content in files.items():
        (new / name).write_bytes(content)
        if not (directory / name).is_symlink():
            (directory / name).symlink_to(f"..data/{name}")
    draft = directory / "..data_tmp"
    draft.symlink_to(new.name)
    draft.replace(directory / "..data")


class Pod:
    """One Deployment's pod under a root directory of its own."""

    def __init__(
        self, objects: list[Object], component: str, root: Path, secrets: Mapping[str, Mapping[str, bytes]]
    ) -> None:
        self.root = root
        self.spec = of(objects, "Deployment", f"-{component}")["spec"]["template"]["spec"]
        [self.container] = self.spec["containers"]
        self._volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        self._secrets = secrets
        self.process: subprocess.Popen[bytes] | None = None
        for mount in self.container["volumeMounts"]:
            place_at = self.path(mount["mountPath"])
            files = self._files(objects, self._volumes[mount["name"]])
            if files is None:
                place_at.mkdir(parents=True)
            else:
                place(place_at, files)

    def path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")

    def _files(self, objects: list[Object], volume: Object) -> dict[str, bytes] | None:
        if "configMap" in volume:
            data = of(objects, "ConfigMap", volume["configMap"]["name"])["data"]
            return {name: text.encode() for name, text in data.items()}
        if "secret" in volume:
            secret = self._secrets[volume["secret"]["secretName"]]
            return {item["path"]: secret[item["key"]] for item in volume["secret"]["items"]}
        return None

    def move(self, settings: Mapping[str, Any]) -> None:
        """Write gateway.yaml again with other hosts and ports, and with paths under the root."""
        directory = self.path("/etc/gateway/config")
        document = yaml.safe_load((directory / "gateway.yaml").read_bytes())
        for section, keys in settings.items():
            assert section in {"listen", "admin", "egress"}
            document[section] |= keys
        for key, value in document.items():
            if isinstance(value, str) and value.startswith("/"):
                document[key] = str(self.path(value))
        place(directory, {"gateway.yaml": json.dumps(document).encode()})

    def environ(self) -> dict[str, str]:
        found = {}
        for entry in self.container.get("env", []):
            if "value" in entry:
                found[entry["name"]] = entry["value"]
                continue
            reference = entry["valueFrom"]["secretKeyRef"]
            secret = self._secrets[reference["name"]]
            if reference["key"] in secret or not reference.get("optional"):
                found[entry["name"]] = secret[reference["key"]].decode()
        return found

    def start(self) -> None:
        """Run the container's command with its arguments and its variables, and no others of this machine's."""
        command = [re.sub(r"^/etc/", f"{self.root}/etc/", part) for part in self.container["args"]]
        home = self.path("/home")
        home.mkdir()
        base = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TMPDIR": str(self.path("/tmp"))}
        with (self.root / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [*self.container["command"], *command],
                stdout=log,
                stderr=log,
                env=base | {"HOME": str(home)} | self.environ(),
                cwd=home,
            )

    def log(self) -> str:
        return (self.root / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(self.spec["terminationGracePeriodSeconds"])
        self.process = None
        return status

    def kill(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
