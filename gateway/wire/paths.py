"""What is wrong with a path that is not served: most often the base URL that somebody set."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Final

_BATCHES: Final = ("/v1/batches", "/v1/messages/batches", "/v1/files", "/v1/uploads", "/v1/fine_tuning")
_HERE: Final = "the gateway's address"


def problem(path: str, served: Collection[str], not_built: Collection[str]) -> tuple[int, str]:
    """Return status and message for a call that has no answer; the message says what to set or to do.

    Args:
        path: of the call.
        served: paths of calls that are answered, by POST.
        not_built: paths of the vendors' that this version does not have.
    """
    if path in served:
        return HTTPStatus.METHOD_NOT_ALLOWED, f"{path} is POST only"
    if path in not_built:
        return HTTPStatus.NOT_FOUND, f"{path} is not built yet in this version"
    if path.startswith(_BATCHES):
        why = "each request is decided by itself, and a batch or file would go to one vendor as a whole"
        return HTTPStatus.NOT_FOUND, f"{path} is not offered: {why}; send the requests one by one"
    if hint := _hint(path, served):
        return HTTPStatus.NOT_FOUND, f"{path} does not exist; {hint}"
    return HTTPStatus.NOT_FOUND, f"{path} does not exist; calls go to {', '.join(sorted(served))}"


def _hint(path: str, served: Collection[str]) -> str:
    """Return which base URL to set; empty if the path looks like none that is served."""
    bare = path.rstrip("/") or path
    if bare != path and bare in served:
        return f"call {bare}, without the slash at the end"
    if path.startswith("/v1/v1/"):
        return f"/v1 is there twice: set the base URL to {_HERE} without /v1, for Anthropic's clients add it themselves"
    if bare and any(one.endswith(bare) for one in served) and not path.startswith("/v1"):
        return f"set the base URL to {_HERE} with /v1 at the end, as OpenAI's clients want it"
    return ""
