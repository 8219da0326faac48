"""Straight to a local server: keep-alive pools to checked addresses, the server's own key if it has one."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager

from gateway.ports import UpstreamAnswer, UpstreamCall
from gateway.upstream.addresses import Network, resolve_local
from gateway.upstream.pool import Pool, Server, tcp_dialer


class LocalUpstream:
    """Sends calls to targets of zone ``local``. Redirects are not followed, proxies are not known."""

    def __init__(self, trusted: Callable[[], Sequence[str]], secrets: Mapping[str, str]) -> None:
        """Take what changes with the policy as a function and what does not as a value.

        Args:
            trusted: the policy's ``trust.local_networks``, read at each new connection.
            secrets: environment name → key of a local server.
        """
        self._trusted = trusted
        self._secrets = {name: value.strip() for name, value in secrets.items()}
        self._pools: dict[str, tuple[Server, Pool]] = {}

    def open(self, call: UpstreamCall) -> AbstractAsyncContextManager[UpstreamAnswer]:
        """Send a call and yield its answer; leaving aborts what still runs.

        Raises:
            UpstreamBroken: no head came.
        """
        server, pool = self._pool(call.endpoint)
        headers, secret = call.headers, self._secrets.get(call.target.local_api_key_env or "")
        if secret:
            headers = {**headers, "authorization": f"Bearer {secret}"}
        return pool.send(request("POST", server, call.path, headers, call.body), call.connect_timeout)

    def get(
        self, endpoint: str, path: str, secret_env: str, seconds: float
    ) -> AbstractAsyncContextManager[UpstreamAnswer]:
        """Ask a server for its health or load.

        Raises:
            UpstreamBroken: no head came.
        """
        server, pool = self._pool(endpoint)
        secret = self._secrets.get(secret_env)
        headers = {"authorization": f"Bearer {secret}"} if secret else {}
        return pool.send(request("GET", server, path, headers, b""), seconds)

    def retain(self, endpoints: AbstractSet[str]) -> None:
        """Close the pools of endpoints that are gone; calls under way go on."""
        for endpoint in self._pools.keys() - endpoints:
            self._pools.pop(endpoint)[1].close()

    def close(self) -> None:
        """Close idle connections."""
        for _, pool in self._pools.values():
            pool.close()

    def _pool(self, endpoint: str) -> tuple[Server, Pool]:
        known = self._pools.get(endpoint)
        if known is None:
            server = Server.parse(endpoint)
            known = self._pools[endpoint] = (server, Pool(tcp_dialer(server, self._resolve)))
        return known

    async def _resolve(self, host: str, port: int) -> list[str]:
        networks: list[Network] = [ipaddress.ip_network(network) for network in self._trusted()]
        return await resolve_local(host, port, networks)


def request(method: str, server: Server, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return an HTTP/1.1 request. An ``api_base`` that ends in /v1 is not doubled."""
    prefix = server.prefix.removesuffix("/v1") if path.startswith("/v1/") else server.prefix
    head = f"{method} {prefix}{path} HTTP/1.1\r\nhost: {server.authority}\r\naccept-encoding: identity\r\n"
    for name, value in headers.items():
        head += f"{name}: {value}\r\n"
    if body:
        head += f"content-length: {len(body)}\r\n"
    return f"{head}\r\n".encode("latin-1") + body
