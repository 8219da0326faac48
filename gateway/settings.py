"""What is fixed for a process's life: flags over environment over gateway.yaml over defaults.

The one reader of the environment.
Environment names are ``GATEWAY_`` and the path of the key with ``__`` between its parts: ``GATEWAY_LISTEN__PORT``.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.policy.load.errors import PolicyError, PolicyErrors
from gateway.policy.load.lines import Source

PREFIX: Final = "GATEWAY_"
MEMORY: Final = "memory:"
"""``state.url`` of a gateway whose state is in process."""
CHILD_SETTINGS: Final = "_GATEWAY_SETTINGS"
"""Where the supervisor's children find all settings: any user can read a command line, and URLs may hold a password."""
EDGE_PASSES: Final = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONUNBUFFERED", "VIRTUAL_ENV"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""What the edge's environment may hold beside ``GATEWAY_*`` and the keys of local servers."""

_SERVICE_LINK: Final = re.compile(
    r"GATEWAY_(?:(?!\w*__)\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_\w+|(?P<port>PORT))", re.ASCII
)
"""What Kubernetes puts into every pod beside a Service whose name begins with ``gateway``."""


class _Section(BaseModel):
    # What checks values takes 5 MB once it is built; the supervisor's children are handed checked ones.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Listen(_Section):
    """Where a plane listens."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)


class AdminSettings(_Section):
    """Where the admin plane listens."""

    host: str = "127.0.0.1"
    port: int = Field(8081, ge=0, le=65535)


class EgressSettings(_Section):
    """How the egress is reached when it is a process of its own, and how it listens then."""

    url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(8082, ge=0, le=65535)


class StateSettings(_Section):
    """Where holds, budgets, rate limits and the labels of conversations live: in process, or in Redis for many."""

    url: str = Field(MEMORY, pattern=r"^(memory:|(rediss?|unix)://.+)$")


class LedgerSettings(_Section):
    """Where the ledger is shipped to, and where the heads of the egress's chains are written outside of it."""

    url: str = Field("sqlite:", pattern=r"^(sqlite:|postgres(ql)?://.+)$")
    anchor: str = Field("", pattern=r"^(|file:.+|syslog|syslog://[^\s/:]+(:\d{1,5})?)$")
    anchor_seconds: float = Field(60.0, ge=1)
    volume_bytes: int = Field(0, ge=0)
    """Size of the volume that a PostgreSQL ledger lies on; 0: not known. SQLite's is measured."""


class LimitSettings(_Section):
    """Bounds on what is taken in."""

    body_bytes: int = Field(32 * 1024 * 1024, gt=0)
    depth: int = Field(64, gt=0, le=150)
    spool_bytes: int = Field(1024 * 1024 * 1024, gt=0)
    disk_reserve_bytes: int = Field(64 * 1024 * 1024, ge=0)


class TimeoutSettings(_Section):
    """Seconds; a target may override all but ``write`` in policy."""

    connect: float = Field(5.0, gt=0)
    first_token: float = Field(120.0, gt=0)
    idle: float = Field(60.0, gt=0)
    total: float = Field(900.0, gt=0)
    write: float = Field(60.0, gt=0)
    """How long a caller may take for the 48 KB between the write buffer's marks, before its connection is cut."""


class Drain(_Section):
    """Seconds: how long readiness is false before the listener closes, and how long open streams may go on."""

    propagation: float = Field(0.0, ge=0)
    streams: float = Field(60.0, ge=0)


class Telemetry(_Section):
    """Traces."""

    semconv: Literal["1.41"] = "1.41"
    sample: float = Field(1.0, ge=0, le=1)


class PolicySettings(_Section):
    """How changed policy files come into force."""

    settle: float = Field(3.0, ge=0, le=600)
    """Seconds without a further change until one is taken."""
    on_widening: Literal["hold", "allow"] = "hold"
    """Whether a policy that lets more be sent waits until it is accepted."""


class Detectors(_Section):
    """What the detectors read beside text, and the second tier of them, which scans what would be sent to a vendor."""

    tier2: Literal["off", "credsweeper"] = "off"
    tier2_deadline: float = Field(0.5, gt=0, le=30)
    tier2_uuids: bool = False
    pdf: Literal["auto", "off"] = "auto"
    """Whether PDFs are read: ``auto`` where the extra ``documents`` is installed."""
    pdf_deadline: float = Field(5.0, gt=0, le=60)
    """Seconds for all PDFs of one request."""
    pdf_pages: int = Field(200, ge=1, le=5000)


class Alerts(_Section):
    """Alerts: how often budgets are looked at (0: nothing is), below how many days of room for the ledger, where to."""

    every_seconds: float = Field(60.0, ge=0)
    ledger_days: float = Field(14.0, ge=0)
    webhook_url: str = Field("", pattern=r"^(|https?://.+)$")
    secret_file: Path | None = None


class Settings(_Section):
    """All of gateway.yaml."""

    listen: Listen = Field(default_factory=Listen)
    admin: AdminSettings = Field(default_factory=AdminSettings)
    egress: EgressSettings = Field(default_factory=EgressSettings)
    actor: str = Field("", max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")
    """Who runs a command, beside the login of the operating system: for jobs that share one login."""
    data_dir: Path = Path(".gateway")
    policies: Path | None = None
    policy: PolicySettings = Field(default_factory=PolicySettings)
    role: Literal["all", "edge", "egress"] = "all"
    workers: int = Field(1, ge=1)
    state: StateSettings = Field(default_factory=StateSettings)
    on_state_lost: Literal["local_only", "reject"] = "local_only"
    ledger: LedgerSettings = Field(default_factory=LedgerSettings)
    on_ledger_lost: Literal["reject", "local_only"] = "reject"
    keys_file: Path | None = None
    admin_token_file: Path | None = None
    ticket_key_file: Path | None = None
    salt_file: Path | None = None
    limits: LimitSettings = Field(default_factory=LimitSettings)
    timeouts: TimeoutSettings = Field(default_factory=TimeoutSettings)
    drain: Drain = Field(default_factory=Drain)
    durability: Literal["fsync", "write"] = "fsync"
    telemetry: Telemetry = Field(default_factory=Telemetry)
    alerts: Alerts = Field(default_factory=Alerts)
    detectors: Detectors = Field(default_factory=Detectors)


def load(config: Path | None, flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings.

    Args:
        config: gateway.yaml; None takes ``gateway.yaml`` of the working directory if it is there.
        flags: dotted key → value, None for a flag that was not given.
        environ: the environment; the process's own if left out.

    Raises:
        PolicyErrors: with file (or variable), line, key and fix of each fault.
    """
    source = _read(config)
    data = source.data
    for name, value in (os.environ if environ is None else environ).items():
        if name.startswith(PREFIX) and not _is_service_link(name, value):
            _put(data, name.removeprefix(PREFIX).lower().split("__"), value)
    for key, value in flags.items():
        if value is not None:
            _put(data, key.split("."), value)
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise PolicyErrors([_error_of(source, dict(fault)) for fault in error.errors()]) from error


def handed(text: str) -> Settings:
    """Return the settings of ``model_dump_json()``, whose values were checked when they were loaded.

    Raises:
        KeyError, ValueError: it is nothing of that kind.
    """
    settings: Settings = _built(Settings, json.loads(text))
    return settings


def _built(section: type[_Section], data: Mapping[str, Any]) -> Any:
    values = {}
    for name, field in section.model_fields.items():
        kind, value = field.annotation, data[name]
        if isinstance(kind, type) and issubclass(kind, _Section):
            value = _built(kind, value)
        elif value is not None and Path in (kind, *get_args(kind)):
            value = Path(value)
        values[name] = value
    return section.model_construct(**values)


def default_policies() -> Path:
    """Return ``policies`` of the working directory, else the copy inside the package."""
    here = Path("policies")
    if here.is_dir():
        return here
    packaged = Path(__file__).parent / "_policies"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "policies"


def environment() -> dict[str, str]:
    """Return a copy of the process's environment."""
    return dict(os.environ)


def edge_environment(local_keys: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return all that the edge may see: an allow-list, and the keys of local servers."""
    passed = {name: value for name, value in environ.items() if name in EDGE_PASSES or name.startswith(PREFIX)}
    return {**passed, **local_keys}


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a worker may see that reads texts and needs nothing else: no settings, no key."""
    return {name: value for name, value in environ.items() if name in EDGE_PASSES}


def ledger_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the ledger child may see: the edge's list and OpenTelemetry's own variables."""
    telemetry = {name: value for name, value in environ.items() if name.startswith("OTEL_")}
    return edge_environment({}, environ) | telemetry


def _read(config: Path | None) -> Source:
    path = config or Path("gateway.yaml")
    if config is None and not path.is_file():
        return Source("gateway.yaml", {})
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyErrors([PolicyError(str(path), 1, "(file)", "cannot be read", "check --config")]) from error
    from gateway.policy.load.source import read  # noqa: PLC0415 -- most processes have no such file to read

    source = read(str(path), text)
    if source.errors:
        raise PolicyErrors(source.errors)
    return source


def _is_service_link(name: str, value: str) -> bool:
    """Return whether Kubernetes set a variable; a mistyped setting that looks like one has no URL for a port."""
    link = _SERVICE_LINK.fullmatch(name)
    return link is not None and (link["port"] is None or name.endswith("_SERVICE_PORT") or "://" in value)


def _put(data: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        inner = data.get(part)
        if not isinstance(inner, dict):
            inner = data[part] = {}
        data = inner
    data[path[-1]] = value


def _error_of(source: Source, fault: Mapping[str, Any]) -> PolicyError:
    path = tuple(fault["loc"])
    if fault["type"] == "extra_forbidden":
        name = PREFIX + "__".join(str(part).upper() for part in path)
        return source.error(path, "unknown setting", f"see docs/configuration.md (or unset {name})")
    return source.error(path, str(fault["msg"]).lower(), "see docs/configuration.md")
