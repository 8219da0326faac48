"""Which budgets a call holds and is charged to, and the error when they are used up."""

from collections.abc import Sequence
from math import ceil
from typing import Protocol

from gateway.domain.admission import Admission, BudgetEntry, Rate
from gateway.domain.budget import Account, accounts
from gateway.domain.errors import BudgetExceeded, RateLimited
from gateway.domain.facts import Facts
from gateway.domain.money import usd_text
from gateway.domain.target import Target
from gateway.domain.team import Team
from gateway.estimation.cost import NO_BOUND, is_bounded
from gateway.estimation.typical import true_bound, usual
from gateway.policy.rules.budget import Unpaid


class Used(Protocol):
    """The part of the state that is a fact."""

    def used(self, counter: str) -> tuple[int, int]:
        """Return what is spent and what is held, as last known to this process."""


def paying(team: Team, key: str, at_ns: int) -> tuple[Account, ...]:
    """Return the accounts that a key's calls are charged to at a time; often there are none."""
    return team.accounts(key, at_ns)


def entries(paid: Sequence[Account], target: Target, facts: Facts, hold: int | None = None) -> tuple[BudgetEntry, ...]:
    """Return what an attempt at a target keeps, one entry a counter.

    A strict budget keeps the true bound, another what such calls usually take. Budgets that share a counter keep the
    larger amount and refuse at the smaller limit. ``hold``: the true bound in nano-dollars, if it is known already.

    Raises:
        BudgetExceeded: a strict budget would have to keep a bound, and there is none.
    """
    found: dict[str, BudgetEntry] = {}
    for account in paid:
        budget = account.budget
        if not budget.counts(target.zone):
            continue
        if budget.strict and budget.binds(target.zone, target.id) and not is_bounded(facts):
            raise BudgetExceeded(NO_BOUND, budget=budget)
        known = hold if account.unit == "usd" else None
        amount = true_bound(target, facts, account.unit) if known is None else known
        if not budget.strict:
            amount = usual(target, facts, account.unit, amount)
        limit = account.limit if budget.binds(target.zone, target.id) else None
        other = found.get(account.counter)
        if other is not None:
            limits = [one for one in (limit, other.limit) if one is not None]
            amount, limit = max(amount, other.amount), min(limits, default=None)
        found[account.counter] = BudgetEntry(account.counter, amount, limit, account.ends)
    return tuple(found.values())


def charges(paid: Sequence[Account], target: Target, cost: int, tokens: int) -> dict[str, int]:
    """Return what a call is charged, by counter."""
    return {
        account.counter: cost if account.unit == "usd" else tokens
        for account in paid
        if account.budget.counts(target.zone)
    }


def rates(team: Team, facts: Facts, target: Target, *, again: bool = False) -> tuple[Rate, ...]:
    """Return what an attempt adds to the rates of its key, team and organization.

    ``again``: the request was counted and let in with an earlier attempt; this one's tokens count all the same.
    """
    owners = {"organization": "", "team": team.id, "key": facts.key}
    found: list[Rate] = []
    for limit in team.limiting(facts.key):
        counter = f"{limit.payer}:{owners[limit.payer]}"
        if limit.requests is not None and not again:
            found.append(Rate(f"{counter}:requests", "requests", limit.requests, 1))
        if limit.tokens is not None:
            amount = usual(target, facts, "tokens", true_bound(target, facts, "tokens"))
            found.append(Rate(f"{counter}:tokens", "tokens", limit.tokens, min(amount, limit.tokens), again))
    return tuple(found)


def refuse(admission: Admission, held: Sequence[BudgetEntry], paid: Sequence[Account], owner: str, now_ns: int) -> None:
    """Refuse a call that may not begin.

    Raises:
        RateLimited: too many requests or tokens in this minute.
        BudgetExceeded: less is left of a budget than the call would hold.
    """
    if admission.wait_s:
        raise RateLimited(f"the rate limit is reached; retry in {admission.wait_s} s", retry_after=admission.wait_s)
    if not admission.short:
        return
    entry = next(one for one in held if one.counter == admission.short)
    account = min((one for one in paid if one.counter == admission.short), key=lambda one: one.limit)
    raise BudgetExceeded(
        f"{whose(account)} has {amount_text(account, max(0, admission.left))} left of its "
        f"{amount_text(account, account.limit)} for {account.period.name}, and this call may cost up to "
        f"{amount_text(account, entry.amount)}; lower max_tokens, or ask {owner or 'the owner of the budget'}",
        retry_after=until_end(account, now_ns),
        budget=account.budget,
    )


def exhausted(team: Team, facts: Facts, unpaid: Sequence[Unpaid], now_ns: int) -> BudgetExceeded:
    """Return the error of a call that policy refuses because limits of budgets are reached."""
    unbound = None if is_bounded(facts) else next((one.budget for one in unpaid if one.budget.strict), None)
    if unbound is not None:
        return BudgetExceeded(NO_BOUND, budget=unbound)
    limits = {(one.budget, one.unit) for one in unpaid}
    budgets = [one.budget for one in unpaid]
    short = [one for one in accounts(budgets, team.id, facts.key, now_ns) if (one.budget, one.unit) in limits]
    first = max(short, key=lambda one: one.period.end_ns)
    known = dict(facts.used)
    name = first.budget.name(first.unit)
    rest = first.limit - known[name] if name in known else facts.budget_left_nanos or 0
    return BudgetExceeded(
        f"{whose(first)} has {amount_text(first, max(0, rest))} left of its {amount_text(first, first.limit)} for "
        f"{first.period.name}, less than this call may cost; lower max_tokens, or ask "
        f"{team.owner or 'the owner of the budget'}",
        retry_after=until_end(first, now_ns),
        budget=first.budget,
    )


def until_end(account: Account, now_ns: int) -> int:
    """Return the seconds until the next period of a budget; at least one."""
    return max(1, ceil((account.period.end_ns - now_ns) / 1e9))


def least_left(paid: Sequence[Account], state: Used) -> int | None:
    """Return the least nano-dollars left of the budgets in dollars; None without one."""
    return min([left(account, state) for account in paid if account.unit == "usd"], default=None)


def left(account: Account, state: Used) -> int:
    """Return what is neither spent nor held of an account."""
    spent, held = state.used(account.counter)
    return account.limit - spent - held


def used(paid: Sequence[Account], state: Used) -> tuple[tuple[str, int], ...]:
    """Return what is spent and held by the name of a limit; empty if one limit in dollars is all there is."""
    if not paid or (len(paid) == 1 and paid[0].unit == "usd"):
        return ()
    return tuple(
        sorted({account.budget.name(account.unit): sum(state.used(account.counter)) for account in paid}.items())
    )


def whose(account: Account) -> str:
    """Return whose budget it is, in words."""
    payer = account.budget.payer
    return "the organization" if payer == "organization" else f"{payer} '{account.owner}'"


def amount_text(account: Account, amount: int) -> str:
    """Return an amount of an account's unit in words."""
    return f"${usd_text(amount)}" if account.unit == "usd" else f"{amount} tokens"
