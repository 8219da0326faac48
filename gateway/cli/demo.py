"""``gateway demo``: the whole gateway on embedded defaults, with traffic to look at."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import anyio
import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gateway.demo.ending import Ended, ending
from gateway.demo.live import LIVE_CALLS, LIVE_MAX_TOKENS, live_bound_usd
from gateway.demo.run import Demo, DemoFailed, DemoOutcome, drive, running, tail
from gateway.demo.traffic import calls
from gateway.queries.decisions import decisions, since
from gateway.settings import environment
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader

CALLS: Final = 320
MOST_SHOWN: Final = 10_000
MAX_TOKENS: Final = 160
SEED: Final = 7
WIDTH: Final = 160
LIVE_LIMIT_USD: Final = 0.50


@click.command()
@click.option("--once", is_flag=True, help="End after the tables instead of staying up until Ctrl-C.")
@click.option("--calls", "number", type=click.IntRange(1, 5000), default=CALLS, show_default=True)
@click.option("--sglang", metavar="URL", help="Use a real SGLang server for the local target.")
@click.option("--live", is_flag=True, help="Use real vendors whose keys are in the environment, after showing a bound.")
@click.option("--yes", is_flag=True, help="With --live: do not ask before spending.")
def command(number: int, sglang: str | None, *, once: bool, live: bool, yes: bool) -> None:
    """Run a demo: four teams, simulated vendors, decisions with reasons, cost per team.

    Everything lives in a temporary directory and listens on loopback; busy ports are replaced by free ones. Nothing
    leaves this machine unless --live is given.
    """
    console = _console()
    max_tokens = MAX_TOKENS
    if live:
        number, max_tokens = min(number, LIVE_CALLS), LIVE_MAX_TOKENS
        _agree(console, number, asked=not yes)
    traffic = calls(SEED, number, max_tokens)
    stays = False
    try:
        with (
            ending(),
            tempfile.TemporaryDirectory(prefix="gateway-demo-", ignore_cleanup_errors=True) as directory,
            ExitStack() as stack,
        ):
            with console.status("starting edge, egress, ledger and upstreams …"):
                demo = stack.enter_context(running(Path(directory), sglang=sglang, live=live))
            outcome = _drive(console, demo, traffic)
            _show(console, demo, outcome)
            if not once:
                stays = True
                _stay(console, demo)
    except DemoFailed as error:
        raise click.ClickException(str(error)) from error
    except Ended as ended:
        with suppress(OSError):  # a terminal that hung up
            console.print("\nstopped")
        sys.exit(0 if stays else ended.status)


def _console() -> Console:
    """Return a console that is wide enough for the tables where there is no terminal to ask."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def _drive(console: Console, demo: Demo, traffic: list[Any]) -> DemoOutcome:
    columns = (TextColumn("calls of four teams"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("calls", total=len(traffic))
        return anyio.run(drive, demo, traffic, lambda: progress.advance(task))


def _show(console: Console, demo: Demo, outcome: DemoOutcome) -> None:
    statuses = ", ".join(f"{count} x {status}" for status, count in sorted(outcome.statuses.items()))
    console.print(f"\n{sum(outcome.statuses.values())} calls in {outcome.seconds:.1f} s: {statuses}")
    console.print(_decisions(console, decisions(LedgerReader(DataDir(demo.data_dir)), since(0), MOST_SHOWN)))
    console.print()
    report = [sys.executable, "-m", "gateway", "report", "costs", "--by", "team", "--data-dir", str(demo.data_dir)]
    environ = environment() | {"COLUMNS": str(console.width)}
    subprocess.run([*report, "--format", "table"], check=False, env=environ)  # noqa: S603 -- the command that users type
    done = subprocess.run([*report, "--format", "json"], check=False, capture_output=True, env=environ)  # noqa: S603
    console.print(_savings_line(orjson.loads(done.stdout)["total"]))
    console.print(_how_to_call(demo), soft_wrap=True)


def _decisions(console: Console, rows: list[dict[str, Any]]) -> Table:
    """Return one line for each kind of decision, with how often it was made and one id to look at."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        shown = ("team", "model", "data_class", "target", "zone", "reason", "rule", "status")
        groups.setdefault(tuple(str(row[name] or "-") for name in shown), []).append(row["id"])
    table = Table(title="Decisions, by kind", title_justify="left", header_style="bold")
    for name in ("team", "requested", "class", "target", "zone", "reason", "rule", "status"):
        table.add_column(name, no_wrap=console.width >= WIDTH)
    table.add_column("calls", justify="right")
    if console.width >= WIDTH:
        table.add_column("one of them", style="dim", no_wrap=True)
    for key, ids in sorted(groups.items(), key=lambda group: (group[0][0], -len(group[1]))):
        styled = list(key)
        styled[4] = {"local": "[green]local[/]", "closed": "[yellow]closed[/]"}.get(key[4], key[4])
        table.add_row(*styled, str(len(ids)), *ids[: len(table.columns) - len(styled) - 1])
    return table


def _savings_line(total: dict[str, Any]) -> str:
    spend, reference, saved = (float(total[name] or 0) for name in ("spend_usd", "reference_usd", "savings_usd"))
    local, share = (100 * (total[name] or 0) for name in ("local_requests_share", "savings_share"))
    return (
        f"\n[bold]{local:.0f} % served locally. On the teams' closed reference targets the same tokens would have cost "
        f"${reference:.3f}; they cost ${spend:.3f}: [green]${saved:.3f} saved, {share:.0f} %.[/][/]"
    )


def _how_to_call(demo: Demo) -> str:
    key, url = demo.keys["support"], demo.data_plane
    gateway = "gateway" if shutil.which("gateway") else f"{os.path.relpath(sys.executable)} -m gateway"
    upstreams = "real: " + ", ".join(demo.live) if demo.live else "simulated; no real model answered"
    return f"""
[bold]Call it yourself[/] (upstreams are {upstreams})

  curl -i {url}/v1/chat/completions -H 'Authorization: Bearer {key}' \\
    -H 'content-type: application/json' -d '{{"model": "auto", "messages": [{{"role": "user", "content": "Hello"}}]}}'

  from openai import OpenAI
  client = OpenAI(base_url="{url}/v1", api_key="{key}")
  client.chat.completions.create(model="auto", messages=[{{"role": "user", "content": "Hello"}}])

[bold]Look further[/]
  {gateway} decisions list --data-dir {demo.data_dir}
  {gateway} report costs --by target --format html --output costs.html --data-dir {demo.data_dir}
  console: {demo.admin_plane}/   (token: {demo.data_dir}/admin-token)
"""


def _stay(console: Console, demo: Demo) -> None:
    """Wait for a signal.

    Raises:
        DemoFailed: the gateway ended by itself.
    """
    console.print("[bold]The gateway keeps running; Ctrl-C ends it and removes its data.[/]")
    demo.process.wait()
    raise DemoFailed(f"the gateway ended: {tail(demo.log)}")


def _agree(console: Console, number: int, *, asked: bool) -> None:
    """Show the most that live calls can cost, and stop unless that is little and wanted."""
    bound = live_bound_usd(calls(SEED, number, LIVE_MAX_TOKENS))
    console.print(f"{number} calls to real vendors, {LIVE_MAX_TOKENS} output tokens each, cost at most ${bound:.2f}")
    if bound > LIVE_LIMIT_USD:
        raise click.ClickException(
            f"that is over the demo's limit of ${LIVE_LIMIT_USD:.2f}; ask for fewer with --calls"
        )
    if asked:
        click.confirm("Go on?", abort=True)
