"""What only a sandbox answers: what it received, how it is doing, and what it is to break."""

import anyio
import jiter

from gateway.sandbox.faults import Faults, InvalidFault
from gateway.sandbox.state import State
from gateway.sandbox.wire import JSON_TYPE, SandboxAnswer, SandboxRequest, dump

PREFIX = "/sandbox/"
_LONGEST_WAIT = 30.0


async def introspect(state: State, request: SandboxRequest) -> SandboxAnswer:
    """Answer a request below `/sandbox/`."""
    match request.method, request.path.removeprefix(PREFIX):
        case "GET", "requests":
            path = request.query.get("path")
            records = [record for record in state.records if path in {None, record.request.path}]
            return _json([record.as_json() for record in records])
        case "GET", "state":
            return await _state(state, request)
        case "GET", "faults":
            return _json(state.faults.current.as_json())
        case "POST", "faults":
            return _set_faults(state, request)
        case "POST", "reset":
            state.reset()
            return _json({"reset": True})
        case _:
            return _json({"error": "no such page of the sandbox"}, 404)


async def _state(state: State, request: SandboxRequest) -> SandboxAnswer:
    """Return the numbers; with `until_open`, once so many requests are open, or 504 if that takes too long."""
    wanted = request.query.get("until_open", "")
    status = 200
    if wanted.isdecimal():
        with anyio.move_on_after(_LONGEST_WAIT) as scope:
            await state.until_open(int(wanted))
        status = 504 if scope.cancelled_caught else 200
    slots = state.meters.slots
    numbers = {"open": state.open, "running": slots.running, "waiting": slots.waiting}
    return _json({"vendor": state.vendor, **numbers, "faults": state.faults.current.as_json()}, status)


def _set_faults(state: State, request: SandboxRequest) -> SandboxAnswer:
    try:
        wanted = jiter.from_json(request.body)
        state.faults.set(Faults.parse(wanted) if isinstance(wanted, list) else Faults.of(dict(wanted)))
    except InvalidFault as error:
        return _json({"error": str(error)}, 400)
    except (ValueError, TypeError, AttributeError):
        return _json({"error": 'expected {"NAME": VALUE} or ["NAME=VALUE"]'}, 400)
    return _json(state.faults.current.as_json())


def _json(value: object, status: int = 200) -> SandboxAnswer:
    return SandboxAnswer(status, dump(value), JSON_TYPE)
