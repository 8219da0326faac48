"""The code keeps its shape: small modules with a purpose, one table for errors, one reader of the environment."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from gateway.domain import errors
from gateway.domain.errors import GatewayError
from gateway.sensitivity.detectors import DETECTORS
from gateway.telemetry import names
from gateway.wire.errors import status_of

ROOT = Path(__file__).parents[2]
GATEWAY = ROOT / "gateway"
MODULES = sorted(path.relative_to(GATEWAY).as_posix() for path in GATEWAY.rglob("*.py"))

MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 44
"""Without its docstring: what a command says of itself may be long."""
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "manager", "service", "misc"}

# The mirror rule: gateway/a/b.py has tests/unit/a/test_b.py. Here is what has its test elsewhere, and where.
ELSEWHERE = {
    "deepscan/pdf_wire.py": "two structs; tests/unit/deepscan/test_pdf_worker.py speaks by them",
    "__main__.py": "three lines that call the command line; tests/e2e/test_start.py",
    "demo/run.py": "starts whole processes; tests/e2e/test_demo.py",
    "queries/budget_days.py": "tests/unit/cli/ledger/test_prune.py",
    "queries/backtest.py": "tests/unit/cli/policy/test_backtest.py",
    "queries/migration.py": "tests/unit/cli/report/test_migration.py",
    "queries/policy.py": "tests/unit/queries/test_gpu.py and test_commitments.py",
    "stores/keys/file.py": "tests/contract/test_key_store.py holds both stores to one contract",
    "stores/keys/kept.py": "tests/contract/test_key_store.py and test_token_store.py",
    "stores/keys/keys.py": "tests/contract/test_key_store.py",
    "stores/keys/table.py": "tests/contract/test_key_store.py and test_token_store.py",
    "stores/keys/tokens.py": "tests/contract/test_token_store.py",
    "stores/keys/lookup.py": "tests/contract/test_key_store.py",
    "stores/keys/sqlite.py": "tests/contract/test_key_store.py",
    "bootstrap/accepting.py": "tests/contract/test_accepts.py",
    "bootstrap/books.py": "wiring; tests/e2e/test_processes.py",
    "bootstrap/edge.py": "wiring; tests/e2e/test_processes.py",
    "bootstrap/egress.py": "wiring; tests/e2e/test_what_left.py",
    "bootstrap/ledger.py": "wiring; tests/e2e/test_processes.py",
    "bootstrap/preflight.py": "tests/e2e/test_start.py",
    "bootstrap/api_keys.py": "which store; tests/contract/test_key_store.py has the stores",
    "bootstrap/serve.py": "wiring; tests/e2e/test_processes.py",
    "bootstrap/serving.py": "wiring; tests/e2e/test_processes.py",
    "bootstrap/sockets.py": "wiring; tests/e2e/test_start.py",
    "bootstrap/tier2.py": "wiring; tests/e2e/test_tier2.py",
    "admin/headers.py": "tests/unit/admin/test_static.py",
    "admin/known.py": "tests/unit/admin/test_guard.py",
    "admin/probes.py": "tests/unit/admin/test_plane.py",
    "cli/credentials.py": "tests/unit/cli/test_keys.py and test_tokens.py",
    "cli/decisions/view.py": "a rendering; tests/unit/cli/decisions/test_main.py",
    "cli/policy/in_force.py": "tests/unit/cli/report/test_gpu.py",
    "cli/patterns.py": "tests/unit/cli/policy/test_main.py",
    "cli/policy/cases.py": "tests/unit/cli/policy/test_main.py",
    "cli/policy/check.py": "tests/unit/cli/policy/test_main.py",
    "cli/policy/explain.py": "tests/unit/cli/policy/test_main.py",
    "cli/policy/report.py": "a rendering; tests/unit/cli/policy/test_main.py",
    "cli/policy/request.py": "tests/unit/cli/policy/test_main.py",
    "cli/ledger/verify.py": "tests/unit/cli/ledger/test_main.py",
    "cli/report/costs.py": "tests/unit/cli/report/test_main.py",
    "cli/report/options.py": "tests/unit/cli/report/test_main.py",
    "cli/sensitivity/bench.py": "tests/unit/cli/sensitivity/test_main.py",
    "cli/sensitivity/eval.py": "tests/unit/cli/sensitivity/test_main.py",
    "cli/sensitivity/labelled_data.py": "tests/unit/cli/sensitivity/test_main.py",
    "cli/serve.py": "tests/e2e/test_start.py",
    "cli/spread.py": "processes; tests/unit/cli/policy/test_backtest.py",
    "cli/stores.py": "tests/unit/cli/test_keys.py",
    "cli/tables.py": "a rendering; tests/unit/cli/test_keys.py",
    "reports/backtest.py": "a rendering; tests/unit/cli/policy/test_backtest.py",
    "reports/gpu.py": "a rendering; tests/unit/cli/report/test_gpu.py",
    "reports/migration.py": "a rendering; tests/unit/cli/report/test_migration.py",
    "reports/rerate.py": "a rendering; tests/unit/cli/ledger/test_rerate.py",
    "reports/charts.py": "a rendering; tests/unit/reports/test_renderings.py",
    "reports/csv_file.py": "a rendering; tests/unit/reports/test_renderings.py",
    "reports/line.py": "a rendering; tests/unit/reports/test_renderings.py",
    "reports/page.py": "a rendering; tests/unit/reports/test_renderings.py",
    "reports/span.py": "tests/unit/cli/report/test_main.py",
    "reports/table.py": "a rendering; tests/unit/reports/test_renderings.py",
    "domain/admission.py": "values; tests/contract/test_state_store.py",
    "stores/state/breakers_memory.py": "tests/contract/test_breakers.py",
    "stores/state/breakers_redis.py": "tests/contract/test_breakers.py",
    "stores/state/redis.py": "tests/contract/test_state_store.py",
    "stores/sessions/redis.py": "tests/contract/test_session_labels.py",
    "stores/audit/finding.py": "a value; tests/unit/stores/audit/test_ledger.py",
    "stores/ledger/requests.py": "a part of the reader; tests/unit/stores/ledger/test_reader.py",
    "stores/ledger/rows.py": "a part of the ledger; tests/unit/stores/ledger/test_writer.py",
    "stores/ledger/schema.py": "a part of the ledger; tests/unit/stores/ledger/test_writer.py",
    "stores/ledger/snapshot.py": "a part of the reader; tests/unit/stores/ledger/test_reader.py",
    "stores/ledger/snapshot_sqlite.py": "a part of the reader; tests/unit/stores/ledger/test_reader.py",
    "stores/ledger/sqlite.py": "tests/unit/stores/ledger/test_writer.py",
    "stores/sql/database.py": "a protocol; tests/contract/test_ledger.py",
    "stores/sql/postgres.py": "tests/contract/test_ledger.py and test_ledger_postgres.py",
    "stores/ledger/accepts.py": "tests/contract/test_accepts.py",
    "stores/ledger/postgres.py": "tests/contract/test_ledger_postgres.py",
    "stores/ledger/snapshot_postgres.py": "tests/contract/test_ledger.py",
    "stores/ledger/alembic/env.py": "tests/contract/test_ledger_postgres.py",
    "stores/ledger/alembic/step.py": "tests/contract/test_ledger_postgres.py",
    "stores/ledger/alembic/versions/v0001_ledger.py": "tests/contract/test_ledger_postgres.py",
    "stores/ledger/alembic/versions/v0002_cost_parts.py": "tests/contract/test_ledger_postgres.py",
    "stores/ledger/alembic/versions/v0003_hours.py": "tests/contract/test_ledger_postgres.py",
    "stores/ledger/alembic/versions/v0005_pruned.py": "tests/contract/test_ledger_postgres.py",
    "stores/ledger/prune.py": "tests/contract/test_ledger_prune.py",
    "stores/ledger/pruned.py": "tests/contract/test_ledger_prune.py",
    "stores/ledger/size.py": "tests/unit/bootstrap/test_room.py and tests/contract/test_ledger.py",
    "stores/audit/pruned.py": "tests/contract/test_ledger_prune.py",
    "stores/ledger/alembic/versions/v0004_actions.py": "tests/contract/test_ledger_postgres.py",
    "stores/keys/postgres.py": "tests/contract/test_key_store.py",
    "stores/keys/place.py": "which store; tests/contract/test_key_store.py has the stores",
    "stores/ledger/place.py": "which ledger; tests/contract/test_ledger.py",
    "stores/ledger/rollup.py": "tests/property/test_rollup.py",
    "stores/ledger/rollup_tables.py": "tests/property/test_rollup.py",
    "stores/ledger/report_sums.py": "tests/property/test_rollup.py",
    "stores/ledger/spent.py": "tests/property/test_rollup.py",
    "stores/spool/lines.py": "a part of the writer; tests/unit/stores/spool/test_writer.py",
    "stores/ledger/past.py": "tests/unit/cli/policy/test_backtest.py",
    "patterns/pattern.py": "values; tests/unit/patterns/test_engine.py holds both engines to one contract",
    "patterns/hyperscan_engine.py": "tests/unit/patterns/test_engine.py and test_kept.py",
    "patterns/re2_engine.py": "tests/unit/patterns/test_engine.py",
    "sensitivity/compiled.py": "a part of the scanner; tests/unit/sensitivity/test_scanner.py",
    "sensitivity/search.py": "a part of the scanner; tests/unit/sensitivity/test_scan.py",
    "sensitivity/result.py": "values; tests/unit/sensitivity/test_scan.py",
    "sensitivity/letter_forms.py": "a table; tests/unit/sensitivity/test_letters.py",
    "sensitivity/layer.py": "a part of the scanner; tests/unit/sensitivity/test_scanner.py",
    "sensitivity/placeholder.py": "a part of the model; tests/unit/sensitivity/test_assignment.py",
    "sensitivity/likelihood_weights.py": "a table; tests/unit/sensitivity/test_assignment.py",
    "policy/load/errors.py": "values; tests/unit/policy/load/test_compile.py reads them",
    "policy/load/faults.py": "words for faults; tests/unit/policy/load/test_compile.py",
    "policy/load/lines.py": "lines of faults; tests/unit/policy/load/test_compile.py",
    "policy/load/source.py": "lines of faults; tests/unit/policy/load/test_compile.py",
    "policy/load/build.py": "a step of compiling; tests/unit/policy/load/test_compile.py",
    "policy/load/merge.py": "a step of compiling; tests/unit/policy/load/test_compile.py",
    "policy/load/references.py": "a step of compiling; tests/unit/policy/load/test_compile.py",
    "policy/load/resolve.py": "a step of compiling; tests/unit/policy/load/test_compile.py",
    "policy/block.py": "a value; tests/unit/policy/load/test_compile.py",
    "policy/diff/change.py": "values; tests/unit/policy/diff/test_edits.py",
    "policy/diff/form.py": "what is the same; tests/unit/policy/diff/test_compare.py has the ways of saying it",
    "policy/diff/judge.py": "a table; tests/unit/policy/diff/test_edits.py has an edit for each line",
    "policy/diff/routing.py": "words; tests/unit/policy/diff/test_edits.py",
    "policy/diff/words.py": "words; tests/unit/policy/diff/test_compare.py",
    "policy/replay/replay.py": "a line; tests/property/test_policy.py replays every decision",
}
ELSEWHERE_FOLDERS = {
    "ports/": "protocols and values without behaviour",
    "sandbox/": "a stand-in; tests/unit/sandbox has one a vendor",
    "policy/document/": "the shape of a document; tests/unit/policy/load/test_compile.py",
    "policy/rules/": "tests/unit/policy/test_rules.py, a class a rule",
}
# Modules whose test is still to be written. This set may only shrink.
MISSING: set[str] = set()


def tree(module: str) -> ast.Module:
    return ast.parse((GATEWAY / module).read_text(encoding="utf-8"))


def test_of(module: str) -> Path:
    path = Path(module)
    return ROOT / "tests" / "unit" / path.parent / f"test_{path.name}"


test_of.__test__ = False


def mirrored() -> list[str]:
    return [
        module
        for module in MODULES
        if not module.endswith("__init__.py")
        and module not in ELSEWHERE
        and not module.startswith(tuple(ELSEWHERE_FOLDERS))
    ]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_opens_with_its_purpose_and_is_short(module):
    lines = (GATEWAY / module).read_text(encoding="utf-8").count("\n")

    assert ast.get_docstring(tree(module))
    assert lines <= MOST_LINES


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    said = function.body[0] if ast.get_docstring(function) else None
    docstring = (said.end_lineno or 0) - said.lineno + 1 if said is not None else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_no_function_is_long():
    functions = [
        (module, node.name, lines_of(node))
        for module in MODULES
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert [each for each in functions if each[2] > MOST_LINES_OF_A_FUNCTION] == []


def test_no_module_has_a_name_that_says_nothing():
    parts = {part for module in MODULES for part in Path(module).with_suffix("").parts}

    assert parts & VAGUE == set()


ERRORS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GatewayError)]


def raised(kind: type[GatewayError]) -> GatewayError:
    return kind("m", (), []) if kind is errors.NoPermittedRoute else kind("m")


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_has_a_status_and_only_the_unexpected_one_is_500(kind):
    assert (status_of(raised(kind)) == 500) == (kind is GatewayError)


def subclasses(kind: type) -> set[type]:
    return {kind}.union(*(subclasses(each) for each in kind.__subclasses__()))


def test_an_error_of_another_module_has_the_status_of_its_parent():
    for module in MODULES:
        if not module.startswith(("__main__", "sandbox")):
            import_module("gateway." + module.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    others = [each for each in subclasses(GatewayError) - set(ERRORS) if each.__module__.startswith("gateway.")]
    known = tuple(set(ERRORS) - {GatewayError})

    assert [each for each in others if not issubclass(each, known) and each.code != "internal_error"] == []


def test_the_detectors_in_force_are_the_files_of_the_folder():
    folder = GATEWAY / "sensitivity" / "detectors"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}

    assert {type(detector).__module__.rpartition(".")[2] for detector in DETECTORS} == files
    assert len(DETECTORS) == len(files)


def test_every_metric_is_made_somewhere():
    constants = {name for name, value in vars(names).items() if isinstance(value, str) and value in names.METRICS}
    used = {
        node.attr
        for module in MODULES
        if module != "telemetry/names.py"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "names"
    }

    assert constants - used == set()
    assert len(constants) == len(names.METRICS)


def imported(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def test_the_settings_alone_read_the_environment():
    readers = {
        module
        for module in MODULES
        for node in ast.walk(tree(module))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and {"environ", "getenv"} & imported(node))
    }

    assert readers <= {"settings.py"}


@pytest.mark.parametrize("module", mirrored())
def test_every_module_has_its_test_where_one_looks_for_it(module):
    assert test_of(module).exists() != (module in MISSING)


def test_what_is_listed_is_there():
    assert (set(ELSEWHERE) | MISSING) - set(MODULES) == set()
    assert [folder for folder in ELSEWHERE_FOLDERS if not (GATEWAY / folder).is_dir()] == []


NAMED = re.compile(r"tests/[\w/]+(?:\.py)?")


@pytest.mark.parametrize("module", [*ELSEWHERE, *(folder for folder in ELSEWHERE_FOLDERS if folder != "ports/")])
def test_a_test_that_is_elsewhere_is_there(module):
    reason = {**ELSEWHERE, **ELSEWHERE_FOLDERS}[module]
    named = NAMED.findall(reason)

    assert named, f"{module}: name the test that holds it"
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_a_module_whose_test_is_elsewhere_has_none_of_its_own():
    assert [module for module in ELSEWHERE if test_of(module).exists()] == []
