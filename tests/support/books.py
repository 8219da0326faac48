"""Records of made-up requests, as the pipeline writes them."""

from pathlib import Path
from typing import Any

from support.replacing import replace

from gateway.domain.chain import ChainEntry, genesis
from gateway.domain.decision import Decision, Dropped, Ranked
from gateway.domain.facts import Facts
from gateway.domain.records import (
    Adjustment,
    AttemptStarted,
    DecisionMade,
    Finished,
    PolicyLoaded,
    Receipt,
    Record,
    Settled,
    TraceRef,
    decode,
    encode,
)
from gateway.domain.usage import Usage
from gateway.pricing.commitment import DrawDown
from gateway.pricing.measured import WorkedHour
from gateway.pricing.rerate import Charged
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.sqlite import SqliteLedger
from gateway.stores.shipping.shipper import Shipper
from gateway.stores.spool.lines import SUFFIX, line_of
from gateway.stores.spool.reader import read, segments
from gateway.stores.spool.writer import SpoolWriter

SECOND = 1_000_000_000
NOON = 1_795_348_800 * SECOND
"""2026-11-22 12:00 UTC."""


EVIDENCE = ({"detector": "email", "path": "messages[0].content", "span": [1, 5]},)


def decision_made(
    number, *, at=NOON, instance="ins_a", team="support", key="key1", model="auto", task="other", evidence=EVIDENCE
):
    decision = Decision(
        model=model,
        ranked=(Ranked("home", "local", 900, 5000, 0.82), Ranked("vendor", "closed", 9000, 50000, 1.0)),
        dropped=(Dropped("other", "clearance", "sensitivity", "needs more", "naïve <why>"),),
        reason="cost",
        rule="prefer",
        policy="policy1",
        facts="facts1",
    )
    made = DecisionMade(
        id=f"dec_{number:06d}",
        at=at,
        decided_at=at + 400_000,
        instance=instance,
        team=team,
        key=key,
        policy="policy1",
        facts=Facts(team, key, model, "openai.chat", task=task).as_json(),
        decision=decision.as_json(),
        evidence=list(evidence),
        trace=TraceRef("ab" * 16, "cd" * 8),
    )
    return decode(encode(made))


def attempt(number, *, nth=1, at=NOON, target="home", zone="local", hold=5000, team="support", kind="primary"):
    return AttemptStarted(
        id=f"att_{number:06d}_{nth}",
        decision=f"dec_{number:06d}",
        number=nth,
        at=at + 1_000_000 * nth,
        target=target,
        zone=zone,
        model="Qwen/Qwen3-32B",
        provider="sglang",
        server="127.0.0.1:30000",
        hold=hold,
        span="ef" * 8,
        price_source="yaml",
        team=team,
        attempt_kind=kind,
    )


def draft(number, *, nth=1, at=NOON, outcome="sent", target="vendor", team="support", ticket="", **more):
    """An entry that has no place yet: of the only ticket of an attempt."""
    values = {
        "instance": "egr_a",
        "seq": 0,
        "prev": "",
        "at": at + 2_000_000 * nth,
        "target": target,
        "team": team,
        "data_class": "public",
        "categories": (),
        "found": "public",
        "ticket": ticket or f"tkt_{number:06d}_{nth}",
        "decision": f"dec_{number:06d}",
        "attempt": f"att_{number:06d}_{nth}",
        "attempt_kind": "primary",
        "policy": "policy1",
        "body_sha256": "ab" * 32,
        "size": 100,
        "outcome": outcome,
    }
    return ChainEntry(**values | more)


def chained(*drafts, instance="egr_a") -> list[ChainEntry]:
    """Drafts as the entries of one instance's chain."""
    entries, head = [], genesis(instance)
    for seq, one in enumerate(drafts, 1):
        entries.append(replace(one, instance=instance).sealed(seq, head))
        head = entries[-1].hash
    return entries


def receipt(entry) -> Receipt:
    return Receipt(entry.ticket + "?" * (entry.outcome == "no_answer"), entry.decision, entry)


def sent(*entries, **made) -> list[Record]:
    """All records of closed requests, one an entry, that went well."""
    records: list[Record] = []
    for entry in entries:
        number = int(entry.decision.removeprefix("dec_"))
        start, begun, paid, end = request(number, at=entry.at, zone="closed", **made)
        records += [start, begun, receipt(entry), paid, end]
    return records


def spent(data: DataDir, zones: tuple[str, ...] = ("closed", "local"), since: int = 0) -> dict[str, int]:
    """Nano-dollars by team, as budgets get them."""
    teams: dict[str, int] = {}
    with LedgerReader(data).view() as view:
        for row in view.spent_by(since):
            if row.zone in zones:
                teams[row.team] = teams.get(row.team, 0) + row.cost
    return teams


def charged(data: DataDir, from_ns: int, to_ns: int) -> list[Charged]:
    """Attempts that began in a span, at what they cost."""
    with LedgerReader(data).view() as view:
        return view.charged(from_ns, to_ns)


def settled_in(data: DataDir, from_ns: int, to_ns: int, target: str = "home") -> list[Charged]:
    """Attempts that settled in a span, as the hours of hardware are reckoned."""
    with LedgerReader(data).view() as view:
        hours = view.settled_by_hour(from_ns, to_ns, [target])
    return [call for key in sorted(hours) for call in hours[key]]


def worked(data: DataDir, from_ns: int, to_ns: int) -> list[WorkedHour]:
    """Hours of local targets."""
    with LedgerReader(data).view() as view:
        return view.worked(from_ns, to_ns)


def drawn(data: DataDir, commitments, now_ns: int) -> list[DrawDown]:
    """How much of commitments is used."""
    with LedgerReader(data).view() as view:
        return view.drawn(commitments, now_ns)


class Books:
    """The ledger, asked one question after the other: each has a view of its own."""

    def __init__(self, data: DataDir) -> None:
        self._data = data

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any) -> Any:
            with LedgerReader(self._data).view() as view:
                return getattr(view, name)(*arguments)

        return ask


def everything(data: DataDir) -> list[Record]:
    """All records that a spool holds, in its order."""
    return [record for segment in segments(data.spool) for record in read(segment, 0).records]


def write_chain(data: DataDir, entries, instance="egr_a") -> Path:
    """The file of an egress instance."""
    data.egress.mkdir(exist_ok=True)
    path = data.egress / f"{instance}.chain"
    path.write_bytes(b"".join(entry.line() + b"\n" for entry in entries))
    return path


def settled(number, *, nth=1, at=NOON, outcome="ok", cost=777, usage=None, ttft=20_000_000, parts=None):
    return Settled(
        id=f"att_{number:06d}_{nth}",
        decision=f"dec_{number:06d}",
        at=at + 50_000_000 + nth,
        outcome=outcome,
        status=200 if outcome == "ok" else 0,
        usage=usage or Usage(100, 40, 0, 30),
        cost=cost,
        finish="stop",
        ttft=ttft if outcome == "ok" else None,
        duration=49_000_000,
        parts=parts,
    )


def adjustment(number, *, nth=1, at=NOON, amount=1, reason="rerate"):
    return Adjustment(
        id=f"adj_{number:06d}_{nth}",
        decision=f"dec_{number:06d}",
        attempt=f"att_{number:06d}_{nth}",
        at=at + SECOND,
        amount=amount,
        price_source=reason,
        reason=reason,
    )


def finished(
    number, *, at=NOON, status=200, error="", target="home", zone="local", attempts=1, cost=777, reference=9000
):
    return Finished(
        id=f"dec_{number:06d}",
        at=at + 60_000_000,
        status=status,
        error=error,
        target=target,
        zone=zone,
        reason="cost",
        rule="prefer",
        attempts=attempts,
        cost=cost,
        dearest=9000,
        reference=reference,
        reference_target="vendor" if reference is not None else "",
        client_closed=status == 499,
    )


def request(number, *, at=NOON, cost=777, zone="local", reference=9000, **made) -> list[Record]:
    """All four records of a request that went well."""
    target = "home" if zone == "local" else "vendor"
    team = made.get("team", "support")
    return [
        decision_made(number, at=at, **made),
        attempt(number, at=at, target=target, zone=zone, team=team),
        settled(number, at=at, cost=cost),
        finished(number, at=at, target=target, zone=zone, cost=cost, reference=reference),
    ]


def policy(text="{}", name="policy1"):
    return PolicyLoaded(id=name, at=NOON, text=text)


def line(record: Record) -> bytes:
    """The record as it is written in a segment."""
    return line_of(encode(record))


def write_segment(data: DataDir, records, instance="ins_a", number=1) -> Path:
    """A segment whose writer is gone."""
    path = data.spool / f"{instance}-{number:06d}{SUFFIX}"
    path.write_bytes(b"".join(line(record) for record in records))
    return path


def write(data: DataDir, *records: Record, instance="ins_a") -> None:
    """Append through a writer, and close it."""
    writer = SpoolWriter(data.spool, instance)
    writer.append(*records)
    writer.close()


def ship(data: DataDir) -> list[Record]:
    """Ship everything; return what was new."""
    new: list[Record] = []
    with SqliteLedger(data.ledger) as ledger:
        shipper = Shipper(data, ledger)
        while True:
            shipped = shipper.ship_once()
            new += shipped.records
            if not shipped.more:
                return new
