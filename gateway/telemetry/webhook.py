"""Delivers alerts to a webhook: signed, retried for days, never blocking anything.

The signature is that of Stripe's webhooks: ``t=<Unix seconds>,v1=<HMAC-SHA256 of "t.body" in hexadecimal>``.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import anyio
import orjson

from gateway.telemetry.alert_queue import AlertQueue, Waiting

TIMEOUT_S: Final = 10.0
SIGNATURE: Final = "x-gateway-signature"

Post = Callable[[bytes, dict[str, str]], Awaitable[int]]
"""Sends a body with headers; returns the status. Raises OSError if nothing came back."""
Keep = Callable[[Sequence[dict[str, Any]]], None]
"""Takes the alerts that are not delivered yet, whenever they change."""
Lost = Callable[[dict[str, Any], str], None]
"""Takes an alert that will not be delivered, and why in a word: ``refused``, ``expired`` or ``queue_full``."""


def signature(secret: bytes, at_s: int, body: bytes) -> str:
    """Return the value of the signature header."""
    digest = hmac.new(secret, f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


class Webhook:
    """Delivers alerts one at a time; :meth:`run` it as a task."""

    def __init__(
        self,
        post: Post,
        secret: bytes,
        now: Callable[[], float],
        monotonic: Callable[[], float],
        *,
        waiting: Sequence[dict[str, Any]] = (),
        keep: Keep = lambda _: None,
        lost: Lost = lambda _, __: None,
    ) -> None:
        """Start with the alerts that an earlier process left waiting."""
        self._post, self._secret, self._now, self._monotonic = post, secret, now, monotonic
        self._keep, self._lost = keep, lost
        self._queue = AlertQueue(waiting, monotonic())
        self._news = anyio.Event()

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """Return what is not delivered: one on its way may be sent twice, rather than never."""
        return list(self._queue)

    def put(self, alert: dict[str, Any]) -> None:
        """Take an alert; returns at once."""
        dropped = self._queue.put(alert, self._monotonic())
        if dropped is not None:
            self._lost(dropped, "queue_full")
        self._keep(self.waiting)
        self._news.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            one, wait = self._queue.next(self._monotonic())
            if one is None:
                self._news = anyio.Event()
                with anyio.move_on_after(wait):
                    await self._news.wait()
                continue
            await self._try(one)
            self._keep(self.waiting)

    async def _try(self, one: Waiting) -> None:
        """Send an alert once, always with the same id. A receiver that says no (4xx) is believed."""
        body, at_s = orjson.dumps(one.alert), int(self._now())
        headers = {"content-type": "application/json", SIGNATURE: signature(self._secret, at_s, body)}
        try:
            status = await self._post(body, headers)
        except (OSError, TimeoutError):
            status = 0
        now = self._monotonic()
        refused = 400 <= status < 500 and status not in {408, 429}  # noqa: PLR2004
        if 200 <= status < 300 or refused:  # noqa: PLR2004
            self._queue.done(one, now)
            if refused:
                self._lost(one.alert, "refused")
        elif not self._queue.failed(one, now, away=status == 0):
            self._lost(one.alert, "expired")


async def http_post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body by HTTP; redirects are not followed.

    Raises:
        OSError: nothing came back.
    """
    import aiohttp  # noqa: PLC0415 -- a fifth of the start of a process, and few have a webhook

    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status
    except aiohttp.ClientError as error:
        raise OSError(str(error)) from error
