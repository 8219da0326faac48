"""Unknown prices, and commitments for unknown targets: errors, never a price of 0."""

from collections.abc import Iterator, Sequence

from gateway.policy.block import BY_MODEL
from gateway.policy.canonical.tariffs import is_known, listing_for
from gateway.policy.document.prices import PriceBlock
from gateway.policy.document.targets import TargetBlock
from gateway.policy.load.errors import PolicyError
from gateway.policy.load.faults import suggest
from gateway.policy.load.lines import Path
from gateway.policy.load.merge import Whole
from gateway.pricing.book import PriceBook


def price_errors(whole: Whole, prices: PriceBook) -> Iterator[PolicyError]:
    """Yield every fault in what the document says about money."""
    document = whole.document
    for position, target in enumerate(document.targets):
        path: Path = ("targets", position)
        yield from _unknown(whole, (*path, "price"), target, target.price, prices)
        if target.zone == "closed":
            yield from _limits(whole, path, target, prices)
    for position, dated in enumerate(document.prices):
        path = ("prices", position)
        served = [one for one in document.targets if one.id == dated.target or one.model == dated.model]
        if not served:
            yield from _no_target(whole, path, dated.target, dated.model)
        for target in served:
            if dated.discount is not None and (dated.price or target.price).form == "gpu":
                yield whole.error((*path, "discount"), "own hardware has no list price to discount", "give its price")
            if dated.price is not None:
                yield from _unknown(whole, (*path, "price"), target, dated.price, prices)
    yield from _commitments(whole)


def _unknown(
    whole: Whole, path: Path, target: TargetBlock, block: PriceBlock, prices: PriceBook
) -> Iterator[PolicyError]:
    if is_known(target, block, prices):
        return
    key = target.model if block.catalog == BY_MODEL else block.catalog or ""
    fix = suggest(key, prices.names, "the price book has no near names; give the rates yourself")
    if not fix.startswith("did you"):
        fix = "give input_per_mtok_usd and output_per_mtok_usd"
    yield whole.error(path, f"the price book of {prices.date} has no `{key}`", fix)


def _limits(whole: Whole, path: Path, target: TargetBlock, prices: PriceBook) -> Iterator[PolicyError]:
    listing = listing_for(target, prices)
    for key in ("context_window", "max_output_tokens"):
        if getattr(target, key) is None and getattr(listing, key, None) is None:
            yield whole.error((*path, key), "is missing and not in the price book", "add it")


def _no_target(whole: Whole, path: Path, target: str | None, model: str | None) -> Iterator[PolicyError]:
    if target is not None:
        known = [one.id for one in whole.document.targets]
        yield whole.error((*path, "target"), f"there is no target `{target}`", suggest(target, known, "targets"))
    elif model is not None:
        known = sorted({one.model for one in whole.document.targets})
        yield whole.error((*path, "model"), f"no target serves `{model}`", suggest(model, known, "models of targets"))


def _commitments(whole: Whole) -> Iterator[PolicyError]:
    closed: Sequence[str] = [one.id for one in whole.document.targets if one.zone == "closed"]
    seen: set[str] = set()
    for position, one in enumerate(whole.document.commitments):
        path: Path = ("commitments", position)
        if one.id in seen:
            yield whole.error(path, f"duplicate `{one.id}`", "rename one or remove it")
        seen.add(one.id)
        for other in whole.document.commitments[:position]:
            shared = sorted(set(one.covers) & set(other.covers))
            if shared and one.start < other.to and other.start < one.to and one.id != other.id:
                text = (
                    f"covers `{shared[0]}` while `{other.id}` does: its calls would be charged against both commitments"
                )
                yield whole.error(path, text, "let one end when the other begins")
        for name in sorted(set(one.covers) - set(closed)):
            fix = suggest(name, closed, "closed targets")
            yield whole.error((*path, "covers"), f"there is no closed target `{name}`", fix)
