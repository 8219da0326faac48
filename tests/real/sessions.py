"""Sessions of coding agents over real repositories: what their tools print, and what a policy does with it."""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label, Part, joined
from gateway.domain.masking import masks_for
from gateway.estimation.tokens import estimate_tokens
from gateway.policy.decide.evaluate import permitted
from gateway.policy.snapshot import PolicySnapshot
from gateway.sensitivity.scan import Scanner

from .material import text_files
from .output import outputs
from .releases import run

MOST = 30_000
"""Characters of one tool's result, as agents cut them."""
MORE_TURNS = 20
"""So long a session must go on where it was moved."""
MODEL = "claude-sonnet-4-5"
WORD = re.compile(r"[A-Za-z_]{5,}")
TOOLS = ("read", "read", "read", "grep", "grep", "ls", "log", "show", "blame", "edit", "tests", "file log")


class Repo:
    """A repository, and what an agent's tools print of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = text_files(path)
        self.commits = run("git", "log", "--format=%H", cwd=path).split()
        self.tests = outputs(path)
        self._printed: dict[tuple[str, ...], str] = {}

    def call(self, chance: random.Random) -> str:
        """Return the result of one tool call."""
        file = chance.choice(self.files)
        name = str(file.relative_to(self.path))
        tool = chance.choice(TOOLS)
        lines = file.read_text(errors="replace").splitlines()
        if tool in {"read", "edit"}:
            start = chance.randrange(max(len(lines) - 200, 1))
            shown = lines[start : start + (200 if tool == "read" else 8)]
            text = "\n".join(f"{start + number}\t{line}" for number, line in enumerate(shown, 1))
            return text if tool == "read" else f"The file {name} has been updated.\n{text}"
        if tool == "tests":
            return chance.choice(self.tests or [""])[-MOST:]
        words = WORD.findall("\n".join(lines[:400])) or ["import"]
        commands = {
            "grep": ("git", "grep", "-n", "-I", chance.choice(words)),
            "ls": ("ls", "-la", str(file.parent)),
            "log": ("git", "log", "-n", "20", "--stat"),
            "show": ("git", "show", chance.choice(self.commits)),
            "file log": ("git", "log", "-p", "-n", "3", "--", name),
            "blame": ("git", "blame", *chance.choice(((), ("-e",), ("--line-porcelain",))), "--", name),
        }
        return self._prints(*commands[tool])

    def _prints(self, *command: str) -> str:
        """Return what a command prints here, as far as an agent is shown it; run once."""
        if command not in self._printed:
            self._printed[command] = run(*command, cwd=self.path)[:MOST]
        return self._printed[command]


@dataclass
class Verdict:
    """What a policy does with one tool's result."""

    parts: tuple[Part, ...] = ()
    stays: frozenset[str] = frozenset()
    """Kinds that no vendor's target may see, masked or not."""
    masked: frozenset[tuple[str, str]] = frozenset()
    """Kind and value of what is masked."""
    tokens: int = 0

    @property
    def restricted(self) -> bool:
        """Return whether the text has the highest class, masked or not."""
        return joined(self.parts).data_class >= DataClass.RESTRICTED


class Judge:
    """Judges results by a policy, for one team; the same result once."""

    def __init__(self, snapshot: PolicySnapshot, team: str, scanner: Scanner) -> None:
        self._scanner = scanner
        self._snapshot = snapshot
        self._team = snapshot.teams[team]
        self._floor = Label(self._team.default_class)
        self._targets = [one for one in snapshot.targets.values() if one.zone == "closed"]
        self._known: dict[str, Verdict] = {}

    def __call__(self, text: str) -> Verdict:
        """Return the verdict on a result."""
        name = sha256(text.encode("utf-8", "replace")).hexdigest()
        if name not in self._known:
            self._known[name] = self._judged(text)
        return self._known[name]

    def goes_on(self, verdicts: list[Verdict]) -> bool:
        """Return whether a session finds a target for 20 more turns after the first result that no vendor may see."""
        first = next(number for number, one in enumerate(verdicts) if one.stays)
        seen = verdicts[: first + MORE_TURNS + 1]
        tokens = sum(one.tokens for one in seen) * (first + MORE_TURNS + 1) // len(seen)
        parts = tuple(sorted({part for one in seen for part in one.parts}, key=lambda part: part.kind))
        asked = {"needs": ("tools",), "has_tools": True, "input_tokens": tokens, "input_bytes": 4 * tokens}
        label = joined(parts, self._floor)
        facts = Facts(self._team.id, "key", MODEL, "anthropic", label=label, floor=self._floor, parts=parts, **asked)
        return bool(permitted(self._snapshot, facts))

    def _judged(self, text: str) -> Verdict:
        tree = {"messages": [{"role": "user", "content": text}]}
        parts = tuple(self._scanner.scan(tree).parts)
        tokens = estimate_tokens(len(text.encode("utf-8", "replace")))
        if not parts:
            return Verdict(tokens=tokens)
        target = self._targets[0]
        masks = masks_for(target, self._team)

        def may_see(label: Label) -> bool:
            return target.clearance.refusal(label, target.region) is None

        left = [part for part in parts if not masks.cover(part.kind) and not may_see(part.label)]
        if left or may_see(joined(parts)):
            return Verdict(parts, frozenset(part.kind for part in left), tokens=tokens)
        values = self._scanner.values(tree, (), masks.cover, may_see)
        return Verdict(parts, masked=frozenset((one.kind, one.read) for one in values), tokens=tokens)


@dataclass
class Tally:
    """How many sessions could not go on at a vendor, and what was masked in the others."""

    sessions: int = 0
    moved: int = 0
    stuck: int = 0
    """Of those that were moved: how many find no target for 20 more turns."""
    causes: Counter[str] = field(default_factory=Counter)
    masked: list[int] = field(default_factory=list)
    """Distinct values in each session, e-mail addresses left out."""
    addresses: list[int] = field(default_factory=list)

    def add(self, verdicts: list[Verdict], judge: Judge) -> None:
        """Count one session."""
        stays = frozenset().union(*[one.stays for one in verdicts])
        masked = frozenset().union(*[one.masked for one in verdicts])
        self.sessions += 1
        self.moved += bool(stays)
        self.stuck += bool(stays) and not judge.goes_on(verdicts)
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
            tallies[name].add([judge(text) for text in results], judge)
    return tallies
