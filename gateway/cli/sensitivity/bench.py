"""CPU time of a scan, on texts made here: prose, code, digit-heavy logs and floods, with and without word lists."""

import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import CustomSpec, SensitivitySpec, WordListSpec
from gateway.sensitivity.scan import Scanner, scanner_for
from gateway.sensitivity.unmask import Unmasker
from gateway.sensitivity.vault import Vault

_SIZES: Final = {"2 KB": 2_000, "20 KB": 20_000, "100 KB": 100_000, "1 MB": 1_000_000}
_ROUNDS: Final = {"2 KB": 2000, "20 KB": 300, "100 KB": 60, "1 MB": 7}
_WORDS: Final = (
    *("the", "a", "model", "of", "request", "answer", "and", "to", "we", "can", "when", "policy", "which", "data"),
    *("team", "cost", "route", "server", "token", "small", "large", "time", "response", "with", "for", "every", "is"),
    *("that", "other", "first", "before", "after", "under", "over", "between", "customer", "meeting", "report"),
    *("project", "please", "summarise", "explain", "write", "translate", "compare", "sort", "value", "number"),
    *("figure", "table", "chapter", "page", "next", "month"),
)
_CODE: Final = (
    "def handle_{a}(request: Request, *, timeout: float = {n}.0) -> Response:\n",
    '    """Return the {a} of a {b}."""\n',
    "    if request.headers.get('x-{a}') is None:\n        raise ValueError(f'no {b}: {{request!r}}')\n",
    "    {a}_{b} = [item.{b} for item in self._{a}.values() if item.size > {n}]\n",
    "    return self.{a}.run({b}=self.{b}, key=lambda each: each.{a}, retries={n})\n\n",
    "const {a} = await fetch(`/api/{b}/${{id}}?limit={n}`).then((response) => response.json());\n",
    "token_count = sum(len(part.{a}) for part in {b}.parts)\n",
)
_FLOODS: Final = {
    "digits": "4",
    "at signs": "a@a.",
    "passwords": "password=",
    "base64": "NDExMSAxMTExIDExMTEgMTExMQ== ",
    "escapes": "\\u0034",
    "percent": "%34",
    "zero width": "1\u200b",
    "cards": "4539 1488 0343 6467 ",
}


@dataclass(frozen=True, slots=True)
class BenchRun:
    """One text, scanned many times."""

    text: str
    size: str
    p50: float
    p99: float
    data_class: str

    def as_json(self) -> dict[str, Any]:
        """Return the figures as data."""
        return asdict(self)


def prose(size: int) -> str:
    """Return sentences without anything sensitive."""
    chance = random.Random(1)  # noqa: S311 -- reproducible texts, no secrets
    parts: list[str] = []
    length = 0
    while length < size:
        sentence = " ".join(chance.choices(_WORDS, k=chance.randint(6, 18))).capitalize() + ". "
        parts.append(sentence)
        length += len(sentence)
    return "".join(parts)[:size]


def code(size: int) -> str:
    """Return lines of code."""
    chance = random.Random(2)  # noqa: S311
    parts: list[str] = []
    length = 0
    while length < size:
        line = chance.choice(_CODE).format(a=chance.choice(_WORDS), b=chance.choice(_WORDS), n=chance.randint(2, 99))
        parts.append(line)
        length += len(line)
    return "".join(parts)[:size]


def log(size: int) -> str:
    """Return log lines with an identifier of 32 hexadecimal digits and a number of nine each."""
    chance = random.Random(3)  # noqa: S311
    lines = [
        f"2026-11-22T12:{n // 60 % 60:02}:{n % 60:02}Z INFO"
        f" request={chance.getrandbits(128):032x} user={chance.randrange(10**8, 10**9)}"
        f" took={chance.randrange(1000)}ms status=200 bytes={chance.randrange(10**6)}\n"
        for n in range(size // 110 + 1)
    ]
    return "".join(lines)[:size]


def measurements(*, quick: bool = False) -> list[BenchRun]:
    """Scan every kind of text in every size."""
    plain = scanner_for(SensitivitySpec())
    makers: dict[str, Callable[[int], str]] = {"prose": prose, "code": code, "log": log}
    rows = [
        _measured(plain, name, size, make(length), quick=quick)
        for name, make in makers.items()
        for size, length in _SIZES.items()
    ]
    rows += [
        _measured(plain, f"flood of {name}", "1 MB", (piece * 10**6)[: 10**6], quick=quick)
        for name, piece in _FLOODS.items()
    ]
    for name, spec in _specs().items():
        began = time.process_time()
        scanner = Scanner(spec)
        made = (time.process_time() - began) * 1000
        rows.append(BenchRun(f"making {name}", "", made, made, ""))
        rows += [
            _measured(scanner, f"prose, {name}", size, prose(_SIZES[size]), quick=quick) for size in ("2 KB", "100 KB")
        ]
    odd = "".join(chr(0x4E00 + n % 20_000) for n in range(333_000))
    return [*rows, _measured(plain, "flood of 20,000 odd letters", "1 MB", odd, quick=quick), _unmasked()]


def _unmasked() -> BenchRun:
    """Restore placeholders in a stream of pieces of five characters, as tokens come; ms a piece."""
    vault = Vault(b"bench", "bench")
    names = [vault.placeholder("email", f"person{number}@kontor.de") for number in range(10)]
    text = " and ".join(f"More to {name}, Miss Miller" for name in names * 100)
    reader, times = Unmasker(vault), []
    for at in range(0, len(text), 5):
        began = time.perf_counter()
        reader.feed(text[at : at + 5])
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return BenchRun("unmask a piece of a stream", "5 B", times[len(times) // 2], times[len(times) * 99 // 100], "")


def _specs() -> dict[str, SensitivitySpec]:
    chance = random.Random(4)  # noqa: S311
    names = [
        " ".join(f"{chance.choice(_WORDS)}{chance.randrange(10**5):x}" for _ in range(n % 3 + 1)) for n in range(10_000)
    ]
    custom = tuple(CustomSpec(f"c{n}", rf"PRJ-{n}-\d{{5}}", DataClass.CONFIDENTIAL) for n in range(50))
    return {
        "10,000 words": SensitivitySpec(word_lists=(WordListSpec("names", tuple(names), DataClass.CONFIDENTIAL),)),
        "50 patterns": SensitivitySpec(custom=custom),
    }


def _measured(scanner: Scanner, name: str, size: str, text: str, *, quick: bool) -> BenchRun:
    tree = {"messages": [{"role": "user", "content": text}]}
    times = []
    found = scanner.scan(tree)
    for _ in range(min(_ROUNDS[size], 3) if quick else _ROUNDS[size]):
        began = time.process_time()
        found = scanner.scan(tree)
        times.append((time.process_time() - began) * 1000)
    times.sort()
    level = found.label.data_class.word
    return BenchRun(name, size, times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)], level)
