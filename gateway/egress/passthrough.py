"""A vendor that speaks the caller's dialect gets the body as bytes and its answer comes back as bytes."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from gateway.domain.target import Target
from gateway.egress.outgoing import BACK, Outgoing, VendorAnswer, VendorBroken

ANTHROPIC_VERSION: Final = "2023-06-01"


class Passthrough:
    """Sends over one pooled aiohttp session: TLS and the environment's proxies; no redirects, no decompression."""

    def __init__(self, session: aiohttp.ClientSession, *, connect: float = 5.0, total: float = 900.0) -> None:
        """Take the pooled session and the time-outs, in seconds, of targets that have none of their own."""
        self._session = session
        self._connect = connect
        self._total = total

    @asynccontextmanager
    async def send(self, outgoing: Outgoing) -> AsyncGenerator[VendorAnswer]:
        """Send and yield the vendor's answer; leaving early closes the connection.

        Raises:
            VendorBroken: the vendor could not be reached, or its answer broke off.
        """
        url = vendor_url(outgoing)
        try:
            async with self._session.post(
                url,
                data=outgoing.body,
                headers=vendor_headers(outgoing),
                allow_redirects=False,
                timeout=self._timeout(outgoing.target),
            ) as response:
                back = [(name.lower(), value) for name, value in response.headers.items() if name.lower() in BACK]
                yield VendorAnswer(response.status, back, _pieces(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise VendorBroken(type(error).__name__, reached=False) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise VendorBroken(type(error).__name__) from error

    def _timeout(self, target: Target) -> aiohttp.ClientTimeout:
        connect = target.timeouts.connect or self._connect
        return aiohttp.ClientTimeout(total=target.timeouts.total or self._total, sock_connect=connect)


async def _pieces(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for piece in response.content.iter_any():
        yield piece


def vendor_url(outgoing: Outgoing) -> str:
    """Return the URL of the call: the policy's own base, never the caller's.

    OpenAI's base includes ``/v1``; Anthropic's and SGLang's are roots, and one with ``/v1`` is not doubled.
    """
    base = outgoing.target.places[0].rstrip("/")
    if outgoing.target.kind == "openai":
        return base + outgoing.path.removeprefix("/v1")
    return base.removesuffix("/v1") + outgoing.path


def vendor_headers(outgoing: Outgoing) -> dict[str, str]:
    """Return the forwarded headers and the vendor's credential in the form that it wants."""
    headers = {**outgoing.headers, "accept-encoding": "identity", "user-agent": "gateway"}
    if outgoing.target.kind == "anthropic":
        headers.setdefault("anthropic-version", ANTHROPIC_VERSION)
        if outgoing.credential:
            headers["x-api-key"] = outgoing.credential
    elif outgoing.credential:
        headers["authorization"] = f"Bearer {outgoing.credential}"
    return headers
