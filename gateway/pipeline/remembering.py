"""What one request makes its conversation remember: nothing until it is sent, then before the first byte leaves.

A request that is refused taints nothing, because no model saw it. While its answer is on its way its place is marked,
so that an answer of which only a part arrived, or that a client writes anew, carries the label. At its end the answer
is recorded by what it says; then the mark counts only for answers that are not known.
"""

from collections.abc import Iterable, Sequence

from gateway.domain.label import NOTHING, Label, Part
from gateway.pipeline.session import Recalled, in_time
from gateway.ports import SessionLabels, SessionsUnavailable
from gateway.sensitivity.conversation import Conversation
from gateway.sensitivity.origins import PREFIX as ORIGIN
from gateway.sensitivity.origins import Origin, origins_of
from gateway.sensitivity.said import Said
from gateway.sensitivity.traces import PREFIX as TRACE


class Remembering:
    """The memory of one request. Shared by its attempts."""

    def __init__(
        self, conversation: Conversation, before: Recalled, parts: Iterable[Part], decision: str, at: int
    ) -> None:
        """Take what the request adds.

        Args:
            conversation: its keys.
            before: what is remembered already.
            parts: what it holds that its conversation must remember.
            decision: the id of its decision.
            at: when it was made, in UTC seconds.
        """
        self.conversation = conversation
        self._decision = decision
        self._at = at
        self._parts = list(parts)
        self._by_id = _labels(before.by_id)
        self._by_answers = _labels(before.by_answers)
        self._carried = (*before.by_id, *before.by_answers)
        self._marked = before.marked
        self._begun = -1
        """So many parts were kept when the request was sent."""

    def learn(self, parts: Iterable[Part]) -> None:
        """Add what was found later: by tier 2, say."""
        self._parts += parts

    async def begin(self, store: SessionLabels, team: str) -> bool:
        """Keep it, before an attempt is sent; return False if it cannot be kept."""
        wanted = (*self._carried, *self._parts)
        if self._begun == len(self._parts) or not wanted:
            return True
        try:
            with in_time(store):
                await self._keep(store, team, wanted)
        except (SessionsUnavailable, TimeoutError):
            return False
        self._begun = len(self._parts)
        return True

    async def answered(
        self, store: SessionLabels, team: str, said: Sequence[Said], parts: Sequence[Part], secret: bytes
    ) -> None:
        """Record the answer, one or several to choose from, with what was found in it.

        Raises:
            SessionsUnavailable: it cannot be kept.
        """
        own = self._fresh(self._by_answers, (*self._carried, *self._parts, *parts))
        keys = list(dict.fromkeys(key for one in said for key in self.conversation.answer_keys(one, secret)))
        late = parts if self._begun >= 0 else (*self._carried, *self._parts, *parts)
        if late:
            await self._keep(store, team, late)
        if own or self._marked:
            store.doubt(keys)
            await store.add(team, keys, [self.conversation.scoped(part) for part in own])
        else:
            store.plain(keys)

    async def _keep(self, store: SessionLabels, team: str, parts: Sequence[Part]) -> None:
        """Mark the id and the place of the answer with what is new there."""
        known = self.conversation
        if known.id and (fresh := self._fresh(self._by_id, parts)):
            await store.add(team, [known.id], [Part(part.kind, part.label) for part in fresh])
        if known.here and (fresh := self._fresh(self._by_answers, parts)):
            await store.add(team, [known.here], [known.scoped(part) for part in fresh])
            self._marked = True

    def _fresh(self, known: dict[str, Label], parts: Sequence[Part]) -> list[Part]:
        """Return the parts that add to what is known, with their origins."""
        if not parts:
            return []
        fresh = [part for part in parts if part.kind not in known or not known[part.kind].covers(part.label)]
        told = {origin.kind for origin in origins_of(fresh)[1]}
        kinds = dict.fromkeys(part.kind for part in fresh if not part.kind.startswith((TRACE, ORIGIN)))
        made = [Origin(kind, self._decision, self._at).as_part() for kind in kinds if kind not in told]
        return [*fresh, *made]


def _labels(parts: Iterable[Part]) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    for part in parts:
        labels[part.kind] = part.label.join(labels.get(part.kind, NOTHING))
    return labels
