"""What a target is sent in its own dialect, and how its answer comes back in the caller's."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from msgspec import Struct

from gateway.domain.target import Target
from gateway.pipeline.case import Case
from gateway.scanning import off_loop
from gateway.wire.body import Tree, serialise
from gateway.wire.dialect import Dialect
from gateway.wire.dialects import DIALECTS
from gateway.wire.translate.names import Known
from gateway.wire.translate.translation import NO_TOOLS, Caller, StreamTranslation, answer, translated
from gateway.wire.translate.unsigned import MARK, without_unsigned

_NS: Final = 1_000_000_000


class Spoken(Struct, frozen=True):
    """A request as its target gets it."""

    dialect: Dialect
    """The target's."""
    tree: Tree
    """Without what every call of the dialect gets (:meth:`gateway.wire.dialect.Dialect.prepare`)."""
    lost: tuple[str, ...] = ()
    """Fields of the caller's request that are not in it."""
    tools: Mapping[str, Known] = NO_TOOLS
    """Sent name -> tool, of those that the caller knows in another way."""

    def is_translated(self, case: Case) -> bool:
        """Return whether it is in another dialect than the caller's."""
        return self.dialect.name != case.inbound.dialect.name

    async def whole(self, case: Case, tree: Any, size: int) -> tuple[bytes, Tree, Sequence[str]]:
        """Return a complete answer in the caller's dialect, as bytes and as a tree, and what of it was lost."""
        work = partial(answer, tree, self.dialect.name, self._caller(case))
        made, losses = await off_loop(work, size)
        return serialise(made), made, [loss.path for loss in losses]

    def stream(self, case: Case) -> StreamTranslation | None:
        """Return what turns its stream into the caller's dialect; None if it speaks that."""
        return StreamTranslation(self.dialect.name, self._caller(case)) if self.is_translated(case) else None

    def _caller(self, case: Case) -> Caller:
        created, about = case.inbound.received_ns // _NS, case.facts.input_tokens
        asked = case.shape.usage_asked
        return Caller(case.inbound.dialect.name, case.tree, created, self.tools, usage_asked=asked, about=about)


async def spoken(case: Case, target: Target, tree: Tree) -> Spoken:
    """Return a request, ``tree``, in a dialect that the target speaks.

    Raises:
        Unsupported: it holds something that cannot be said there.
    """
    own = case.inbound.dialect
    wanted = target.sent_as(own.name)
    if wanted is None or wanted == own.name:
        if target.kind == "anthropic" and target.zone == "closed" and MARK in case.request.body:
            tree, found = without_unsigned(tree)
            return Spoken(own, tree, ("thinking",) if found else ())
        return Spoken(own, tree)
    work = partial(translated, tree, own.name, wanted, target)
    made = await off_loop(work, len(case.request.body))
    return Spoken(DIALECTS[wanted], made.tree, tuple([loss.path for loss in made.losses]), made.tools)
