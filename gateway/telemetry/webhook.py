"""Alerts to a place of one's own: signed, tried again, in order, and never in the way of anything.

The signature is that of Stripe's webhooks: ``t=<Unix seconds>,v1=<HMAC-SHA256 of "t.body" in hexadecimal>``.
"""

import hashlib
import hmac
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import aiohttp
import anyio
import orjson

MOST: Final = 1000
"""Alerts that wait at most; the oldest goes first."""
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 300.0
TRIES: Final = 12
TIMEOUT_S: Final = 10.0
SIGNATURE: Final = "x-gateway-signature"

Post = Callable[[bytes, dict[str, str]], Awaitable[int]]
"""Sends a body with headers; returns the status. Raises OSError if nothing came back."""
Keep = Callable[[Sequence[dict[str, Any]]], None]
"""Takes the alerts that are not delivered yet, whenever they change."""


def signature(secret: bytes, at_s: int, body: bytes) -> str:
    """Return the value of the signature header."""
    digest = hmac.new(secret, f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


class Webhook:
    """Delivers one alert after the other; :meth:`run` it as a task."""

    def __init__(
        self,
        post: Post,
        secret: bytes,
        now: Callable[[], float],
        *,
        waiting: Sequence[dict[str, Any]] = (),
        keep: Keep = lambda _: None,
    ) -> None:
        """Start with the alerts that an earlier process left waiting."""
        self._post, self._secret, self._now, self._keep = post, secret, now, keep
        self._waiting: deque[dict[str, Any]] = deque(waiting, maxlen=MOST)
        self._sending: tuple[dict[str, Any], ...] = ()
        self._some = anyio.Event()
        if waiting:
            self._some.set()
        self.delivered = 0
        self.given_up = 0

    def put(self, alert: dict[str, Any]) -> None:
        """Take an alert; returns at once."""
        self._waiting.append(alert)
        self._keep(self._left())
        self._some.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            await self._some.wait()
            self._some = anyio.Event()
            while self._waiting:
                self._sending = (self._waiting.popleft(),)
                await self._deliver(*self._sending)
                self._sending = ()
                self._keep(self._left())

    def _left(self) -> list[dict[str, Any]]:
        """Return what is not delivered: one on its way may be sent twice, rather than never."""
        return [*self._sending, *self._waiting]

    async def _deliver(self, alert: dict[str, Any]) -> None:
        """Try again and again, with the same id; a receiver that says no (4xx) is believed."""
        body, pause = orjson.dumps(alert), FIRST_PAUSE_S
        for _ in range(TRIES):
            at_s = int(self._now())
            headers = {"content-type": "application/json", SIGNATURE: signature(self._secret, at_s, body)}
            try:
                status = await self._post(body, headers)
            except (OSError, TimeoutError):
                status = 0
            if 200 <= status < 300:  # noqa: PLR2004
                self.delivered += 1
                return
            if 400 <= status < 500 and status not in {408, 429}:  # noqa: PLR2004
                break
            await anyio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        self.given_up += 1


async def http_post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body by HTTP; redirects are not followed.

    Raises:
        OSError: nothing came back.
    """
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status
    except aiohttp.ClientError as error:
        raise OSError(str(error)) from error
