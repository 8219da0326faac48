"""``gateway sandbox``: a labelled stand-in upstream to try things with."""

import click

from gateway.sandbox import FAULT_NAMES, InvalidFault, SandboxSettings, Vendor, serve


@click.command(epilog=f"Faults: {', '.join(sorted(FAULT_NAMES))}. Example: --fault status=503 --fault times=2")
@click.option(
    "--vendor", type=click.Choice([vendor.value for vendor in Vendor]), required=True, help="Which API to simulate."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=0, help="0 takes a free one and prints it.", show_default=True)
@click.option(
    "--latency", type=float, default=1.0, show_default=True, help="1: about as slow as a real server; 0: no delay."
)
@click.option("--api-key", help="Refuse calls without this key.")
@click.option("--context-length", type=int, default=131_072, show_default=True)
@click.option("--max-running", type=int, default=2048, show_default=True, help="Requests that run at once.")
@click.option("--max-queued", type=int, help="Requests that may wait; more are refused.")
@click.option("--fault", "faults", multiple=True, metavar="NAME[=VALUE]", help="Simulate a fault; repeat it for more.")
def command(  # noqa: PLR0917 -- click hands them over by name
    vendor: str,
    host: str,
    port: int,
    latency: float,
    api_key: str | None,
    context_length: int,
    max_running: int,
    max_queued: int | None,
    faults: tuple[str, ...],
) -> None:
    """Run a stand-in for SGLang, OpenAI or Anthropic. It says so in every answer (x-sandbox) and costs nothing.

    What it received is at GET /sandbox/requests; faults can be changed at POST /sandbox/faults.
    """
    settings = SandboxSettings(
        latency=latency,
        api_key=api_key,
        accept_bearer=True,
        context_length=context_length,
        max_running_requests=max_running,
        max_queued_requests=max_queued,
        faults=faults,
    )
    try:
        serve(Vendor(vendor), settings, host=host, port=port)
    except InvalidFault as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error
