"""YAML in, snapshot out, or every fault at once."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError

from gateway.domain.facts import canonical
from gateway.policy.document import PolicyDocument
from gateway.policy.load.build import build
from gateway.policy.load.errors import PolicyError, PolicyErrors
from gateway.policy.load.faults import errors_of
from gateway.policy.load.lines import Source
from gateway.policy.load.merge import Parts, Whole, merge
from gateway.policy.load.notices import notices_of
from gateway.policy.load.references import reference_errors
from gateway.policy.load.resolve import resolve
from gateway.policy.load.source import read
from gateway.policy.prove.invariants import broken_invariants
from gateway.policy.prove.matrix import Odd, not_monotone
from gateway.policy.prove.matrix import describe as described_cell
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.book import PriceBook


def compile_documents(files: Sequence[tuple[str, str]], prices: PriceBook) -> PolicySnapshot:
    """Compile the policy in these (name, text) files.

    Raises:
        PolicyErrors: something is wrong; it lists all that is.
    """
    return compile_whole(files, prices)[0]


def compile_whole(files: Sequence[tuple[str, str]], prices: PriceBook) -> tuple[PolicySnapshot, Whole]:
    """Compile the policy in these (name, text) files; return it with the document, which knows its lines.

    Raises:
        PolicyErrors: something is wrong; it lists all that is.
    """
    parts, errors = _parse(files)
    whole, more = merge(parts)
    errors += more
    if not parts or errors:
        raise PolicyErrors(errors or [PolicyError("(policies)", 1, "(file)", "no policy file found", "write one")])
    errors += reference_errors(whole, prices)
    if errors:
        raise PolicyErrors(errors)
    snapshot = build(canonical(resolve(whole.document, prices)))
    snapshot = replace(
        snapshot,
        cases=whole.document.cases,
        invariants=whole.document.invariants,
        notices=tuple(notices_of(whole.document, snapshot)),
    )
    errors += [
        whole.error(("invariants", position), f"`{broken.name}` does not hold: {broken.counterexample}", broken.fix)
        for position, broken in broken_invariants(snapshot)
    ]
    errors += [_odd(whole, odd) for odd in not_monotone(snapshot)]
    if errors:
        raise PolicyErrors(errors)
    return snapshot, whole


def _odd(whole: Whole, odd: Odd) -> PolicyError:
    """Return the error, at its rule, of a matrix in which a higher label may go where a lower one may not."""
    names = [rule.name for rule in whole.document.rules]
    path = ("rules", names.index(odd.kept.rule)) if odd.kept.rule in names else ("rules",)
    problem = (
        f"forbids {described_cell(odd.kept)} data of team `{odd.kept.team}` at `{odd.kept.target}`, but permits "
        f"{described_cell(odd.leaves)} data there"
    )
    return whole.error(
        path, problem, "a higher label must not have more targets: let the rule apply to all higher classes too"
    )


def _parse(files: Sequence[tuple[str, str]]) -> tuple[list[Parts], list[PolicyError]]:
    parts: list[Parts] = []
    errors: list[PolicyError] = []
    for file, text in files:
        try:
            source = read(file, text)
        except PolicyErrors as error:
            errors += error.errors
            continue
        errors += source.errors
        errors += _validate(source, parts)
    return parts, errors


def _validate(source: Source, parts: list[Parts]) -> list[PolicyError]:
    try:
        parts.append(Parts(source, PolicyDocument.model_validate(source.data)))
    except ValidationError as error:
        return list(errors_of(source, error))
    return []
