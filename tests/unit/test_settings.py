"""Flags win over the environment, the environment over the file, the file over defaults; faults name their place."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.policy.load.errors import PolicyErrors
from gateway.settings import (
    EDGE_PASSES,
    Settings,
    default_policies,
    edge_environment,
    environment,
    handed,
    ledger_environment,
    load,
    worker_environment,
)


@pytest.fixture(autouse=True)
def empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def written(tmp_path, text: str):
    path = tmp_path / "gateway.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(config=None, flags=None, environ=None) -> list[str]:
    with pytest.raises(PolicyErrors) as caught:
        load(config, flags or {}, environ or {})
    return [str(error) for error in caught.value.errors]


def test_nothing_given_is_the_defaults_and_they_listen_on_loopback():
    settings = load(None, {}, {})

    assert settings == Settings()
    assert {settings.listen.host, settings.admin.host, settings.egress.host} == {"127.0.0.1"}
    assert settings.durability == "fsync"


def test_flag_wins_over_environment_over_file_over_default(tmp_path):
    config = written(tmp_path, "listen: {host: 10.0.0.1, port: 1}\nworkers: 2\n")
    environ = {"GATEWAY_LISTEN__PORT": "2", "GATEWAY_WORKERS": "3"}
    settings = load(config, {"listen.port": 4, "workers": None}, environ)

    assert (settings.listen.host, settings.listen.port, settings.workers) == ("10.0.0.1", 4, 3)
    assert settings.admin.port == 8081


def test_the_file_of_the_working_directory_is_taken_if_none_is_named(tmp_path):
    written(tmp_path, "workers: 5\n")

    assert load(None, {}, {}).workers == 5


def test_a_named_file_that_is_not_there_is_an_error(tmp_path):
    (fault,) = faults(tmp_path / "gone.yaml")

    assert "gone.yaml:1: (file): cannot be read" in fault


def test_a_file_that_is_not_utf_8_is_an_error(tmp_path):
    (tmp_path / "gateway.yaml").write_bytes(b"\xff\xfe\x00")

    assert "cannot be read" in faults()[0]


def test_an_unknown_key_is_reported_with_its_file_and_line(tmp_path):
    (fault,) = faults(written(tmp_path, "workers: 2\nlisten:\n  prot: 80\n"))

    assert ":3: listen.prot: unknown setting" in fault


def test_the_name_of_who_runs_a_command_is_short_and_of_one_line():
    assert load(None, {}, {"GATEWAY_ACTOR": "ci: nightly"}).actor == "ci: nightly"
    for bad in ("a\nb", "a\x1b[1m", "a" * 65):
        with pytest.raises(PolicyErrors, match="actor"):
            load(None, {}, {"GATEWAY_ACTOR": bad})


def test_an_unknown_variable_is_reported_by_its_name():
    (fault,) = faults(environ={"GATEWAY_LISTEN__PROT": "80"})

    assert "unset GATEWAY_LISTEN__PROT" in fault


def test_every_fault_is_reported_at_once(tmp_path):
    config = written(tmp_path, "listen: {port: 70000}\nworkers: 0\ntimeouts: {idle: -1}\nnew: 1\n")

    assert len(faults(config)) == 4


@pytest.mark.parametrize(
    "text",
    [
        "listen: {port: -1}",
        "limits: {depth: 151}",
        "limits: {body_bytes: 0}",
        "timeouts: {connect: 0}",
        "drain: {streams: -1}",
        "durability: maybe",
        "state: {url: 'http://x'}",
        "ledger: {url: 'mysql://x'}",
        "telemetry: {sample: 1.5}",
        "role: both",
        "listen: 8080",
    ],
)
def test_a_value_out_of_its_bounds_is_refused(tmp_path, text):
    assert len(faults(written(tmp_path, text))) == 1


@pytest.mark.parametrize("text", ["- a", "a: [", "workers: 1\nworkers: 2"])
def test_a_file_that_is_no_clean_mapping_is_refused(tmp_path, text):
    assert faults(written(tmp_path, text))


def test_a_variable_opens_a_section_that_the_file_left_out():
    settings = load(None, {}, {"GATEWAY_TIMEOUTS__FIRST_TOKEN": "7.5", "GATEWAY_DATA_DIR": "there"})

    assert settings.timeouts.first_token == 7.5
    assert str(settings.data_dir) == "there"


def test_variables_that_are_not_ours_are_not_looked_at():
    assert load(None, {}, {"GATEWAYS": "1", "XGATEWAY_WORKERS": "9", "PORT": "1"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_SERVICE_HOST", "10.0.0.7"),
        ("GATEWAY_SERVICE_PORT", "8080"),
        ("GATEWAY_SERVICE_PORT_HTTP", "8080"),
        ("GATEWAY_PORT", "tcp://10.0.0.7:8080"),
        ("GATEWAY_PORT_8080_TCP", "tcp://10.0.0.7:8080"),
        ("GATEWAY_PORT_8080_TCP_ADDR", "10.0.0.7"),
        ("GATEWAY_ADMIN_SERVICE_HOST", "10.0.0.7"),
        ("GATEWAY_ADMIN_PORT", "tcp://10.0.0.7:8081"),
        ("GATEWAY_ADMIN_PORT_8081_TCP_PROTO", "tcp"),
    ],
)
def test_what_kubernetes_puts_into_a_pod_is_no_setting(name, value):
    assert load(None, {}, {name: value}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("GATEWAY_PORT", "8080"), ("GATEWAY_ADMIN_PORT", "8081"), ("GATEWAY_LISTEN__PORTS", "1"), ("GATEWAY_X", "1")],
)
def test_a_mistyped_variable_is_refused_even_if_it_looks_like_one_of_kubernetes(name, value):
    assert len(faults(environ={name: value})) == 1


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        Settings().workers = 2


FILES = ("data_dir", "policies", "keys_file", "admin_token_file", "ticket_key_file", "salt_file", "alerts.secret_file")


@pytest.mark.parametrize("given", [{}, dict.fromkeys(FILES, "/some/where"), {"egress.url": "http://e:1", "workers": 3}])
def test_settings_survive_the_way_to_a_child(given):
    settings = load(None, given, {})
    came = handed(settings.model_dump_json())

    assert came == settings
    assert came.model_dump() == settings.model_dump()
    assert type(came.listen) is type(settings.listen)


def test_a_child_does_not_build_what_checks_settings():
    code = (
        "import sys; from gateway.settings import Settings, handed; settings = handed(sys.argv[1]);"
        " print(settings.workers, Settings.__pydantic_complete__, settings.listen.__pydantic_complete__)"
    )
    command = [sys.executable, "-c", code, Settings(workers=3).model_dump_json()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])

    assert done.stdout.split() == ["3", "False", "False"]


def test_the_policies_of_the_working_directory_come_before_the_shipped_ones(tmp_path):
    shipped = default_policies()

    assert (shipped / "default.yaml").is_file()
    (tmp_path / "policies").mkdir()
    assert default_policies().resolve() == tmp_path / "policies"


ENVIRON = {
    "PATH": "/bin",
    "HOME": "/home/x",
    "GATEWAY_WORKERS": "1",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c",
    "OPENAI_API_KEY": "sk-vendor",
    "AWS_SECRET_ACCESS_KEY": "aws",
    "HTTPS_PROXY": "http://proxy",
    "LD_PRELOAD": "x.so",
}


def test_the_edge_sees_an_allow_list_and_the_keys_of_local_servers():
    passed = edge_environment({"SGLANG_KEY": "local"}, ENVIRON)

    assert passed == {"PATH": "/bin", "HOME": "/home/x", "GATEWAY_WORKERS": "1", "SGLANG_KEY": "local"}


def test_the_ledger_sees_the_same_and_what_traces_need():
    passed = ledger_environment(ENVIRON)

    assert passed == edge_environment({}, ENVIRON) | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}


def test_no_name_of_the_allow_list_is_a_secret_or_a_proxy():
    assert not [name for name in EDGE_PASSES if "KEY" in name or "TOKEN" in name or "PROXY" in name]


def test_the_environment_is_handed_out_as_a_copy(monkeypatch):
    monkeypatch.setenv("GATEWAY_WORKERS", "4")
    copy = environment()
    copy["GATEWAY_WORKERS"] = "5"

    assert environment()["GATEWAY_WORKERS"] == "4"
    assert load(None, {}).workers == 4


@pytest.mark.parametrize("anchor", ["file:/x/y", "syslog", "syslog://logs.example", "syslog://10.0.0.1:1514"])
def test_an_anchor_is_a_file_or_a_log(anchor):
    assert load(None, {}, {"GATEWAY_LEDGER__ANCHOR": anchor}).ledger.anchor == anchor


@pytest.mark.parametrize("anchor", ["/x/y", "file:", "syslog:/x", "http://x"])
def test_anything_else_is_none(anchor):
    assert "ledger.anchor" in faults(environ={"GATEWAY_LEDGER__ANCHOR": anchor})[0]


def test_a_worker_that_reads_texts_sees_neither_settings_nor_keys():
    assert worker_environment(ENVIRON | {"SGLANG_KEY": "local"}) == {"PATH": "/bin", "HOME": "/home/x"}


def test_tier_2_is_off_until_it_is_asked_for():
    assert load(None, {}, {}).detectors.tier2 == "off"
    assert load(None, {}, {"GATEWAY_DETECTORS__TIER2": "credsweeper"}).detectors.tier2_deadline == 0.5
