"""Sessions of coding agents over real repositories: what their tools print, and what a policy does with it."""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from gateway.domain.label import Label, joined
from gateway.domain.masking import masks_for
from gateway.policy.snapshot import PolicySnapshot
from gateway.sensitivity.scan import scanner_for

from .material import run, text_files

MOST = 30_000
"""Characters of one tool's result, as agents cut them."""
WORD = re.compile(r"[A-Za-z_]{5,}")


class Repo:
    """A repository, and what an agent's tools print of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = list(text_files(path))
        self.commits = run("git", "log", "--format=%H", cwd=path).split()
        self._printed: dict[tuple[str, ...], str] = {}

    def call(self, chance: random.Random) -> str:
        """Return the result of one tool call."""
        file = chance.choice(self.files)
        name = str(file.relative_to(self.path))
        tool = chance.choice(("read", "read", "read", "grep", "grep", "ls", "log", "show", "blame", "edit"))
        lines = file.read_text(errors="replace").splitlines()
        if tool in {"read", "edit"}:
            start = chance.randrange(max(len(lines) - 200, 1))
            shown = lines[start : start + (200 if tool == "read" else 8)]
            text = "\n".join(f"{start + number}\t{line}" for number, line in enumerate(shown, 1))
            return text if tool == "read" else f"The file {name} has been updated.\n{text}"
        if tool == "grep":
            words = WORD.findall("\n".join(lines[:400]))
            return self._prints("git", "grep", "-n", "-I", chance.choice(words or ["import"]))
        if tool == "ls":
            return self._prints("ls", "-la", str(file.parent))
        if tool == "log":
            return self._prints("git", "log", "-n", "20", "--stat")
        if tool == "show":
            return self._prints("git", "show", chance.choice(self.commits))
        return self._prints("git", "blame", "-e", "--", name)

    def _prints(self, *command: str) -> str:
        """Return what a command prints here, as far as an agent is shown it; run once."""
        if command not in self._printed:
            self._printed[command] = run(*command, cwd=self.path)[:MOST]
        return self._printed[command]


@dataclass
class Verdict:
    """What a policy does with one tool's result."""

    stays: frozenset[str] = frozenset()
    """Kinds that no vendor's target may see, masked or not."""
    masked: frozenset[tuple[str, str]] = frozenset()
    """Kind and value of what is masked."""


class Judge:
    """Judges results by a policy, for one team; the same result once."""

    def __init__(self, snapshot: PolicySnapshot, team: str) -> None:
        self._scanner = scanner_for(snapshot.sensitivity)
        self._team = snapshot.teams[team]
        self._targets = [one for one in snapshot.targets.values() if one.zone == "closed"]
        self._known: dict[str, Verdict] = {}

    def __call__(self, text: str) -> Verdict:
        """Return the verdict on a result."""
        name = sha256(text.encode("utf-8", "replace")).hexdigest()
        if name not in self._known:
            self._known[name] = self._judged({"messages": [{"role": "user", "content": text}]})
        return self._known[name]

    def _judged(self, tree: dict[str, object]) -> Verdict:
        parts = self._scanner.scan(tree).parts
        if not parts:
            return Verdict()
        target = self._targets[0]
        masks = masks_for(target, self._team)

        def may_see(label: Label) -> bool:
            return target.clearance.refusal(label, target.region) is None

        left = [part for part in parts if not masks.cover(part.kind) and not may_see(part.label)]
        if left or may_see(joined(parts)):
            return Verdict(frozenset(part.kind for part in left))
        values = self._scanner.values(tree, (), masks.cover, may_see)
        return Verdict(masked=frozenset((one.kind, one.read) for one in values))


@dataclass
class Tally:
    """How many sessions could not go on at a vendor, and what was masked in the others."""

    sessions: int = 0
    moved: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    masked: list[int] = field(default_factory=list)
    """Distinct values in each session, e-mail addresses left out."""
    addresses: list[int] = field(default_factory=list)

    def add(self, verdicts: list[Verdict]) -> None:
        """Count one session."""
        stays = frozenset().union(*[one.stays for one in verdicts])
        masked = frozenset().union(*[one.masked for one in verdicts])
        self.sessions += 1
        self.moved += bool(stays)
        self.causes.update(stays)
        self.masked.append(sum(kind != "email" for kind, _ in masked))
        self.addresses.append(sum(kind == "email" for kind, _ in masked))


def play(repos: list[Repo], judges: Mapping[str, Judge], sessions: int, calls: int, seed: int) -> dict[str, Tally]:
    """Return what each judge made of the same sessions, each in one repository."""
    tallies = {name: Tally() for name in judges}
    for number in range(sessions):
        chance = random.Random(seed * 1_000_003 + number)
        repo = repos[number % len(repos)]
        results = [repo.call(chance) for _ in range(calls)]
        for name, judge in judges.items():
            tallies[name].add([judge(text) for text in results])
    return tallies
