"""Tasks with an answer that can be checked, given to a model that answers by rule from what it is sent.

A value is to the model what its kind looks like: an address is a word with an ``@``, or a placeholder of one. It
copies, finds, counts, compares and rewrites values. What it cannot do with a placeholder are tasks about a value's own
letters (``LETTERS``): these are measured apart.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.plants import card, email, iban, secret

from .formats import FORMATS
from .lab import Way
from .material import password
from .speech import Said, Shown, Speech, shown

NAMES = ["ann", "bob", "cho", "dan", "eva", "fay", "gus", "hal", "ida", "jim", "kai", "lea", "max", "nia", "oto", "pia"]
ADDRESS = r"[\w.+\-]+@[\w.\-]*\w|MASKED_EMAIL_[0-9a-f]{12}"
KEY = r"sk-[\w\-]+|MASKED_SECRET_[0-9a-f]{12}"


@dataclass(frozen=True)
class Task:
    """A question about a text, and its answer."""

    name: str
    question: str
    text: str
    answer: str


def _people(chance: random.Random) -> list[tuple[str, str]]:
    names = chance.sample(NAMES, chance.randint(4, 9))
    people = [(name, email(chance.randrange(10**5)).value) for name in names]
    return people + [(name, address) for name, (_, address) in zip(chance.sample(NAMES, 2), people, strict=False)]


def _table(people: list[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {address}" for name, address in people)


def _settings(chance: random.Random) -> dict[str, str]:
    number = chance.randrange(10**5)
    values = {
        "host": f"db{number % 7}.internal",
        "db_password": password(chance, chance.choice(["plain", "both", "other signs"])),
    }
    values |= {"admin_email": email(number).value, "api_key": secret(number).value, "iban": iban(number).value}
    return values


def _json(settings: dict[str, str]) -> str:
    return json.dumps(settings, indent=2, ensure_ascii=False)


def _yaml(settings: dict[str, str]) -> str:
    return "\n".join(FORMATS['YAML "'].written(name, value) for name, value in settings.items())


def _dotenv(settings: dict[str, str]) -> str:
    return "\n".join(FORMATS["PHP"].written(name, value) for name, value in settings.items())


def _lines(text: str) -> list[list[str]]:
    return [line.split(": ") for line in text.split("\n")]


RULES: dict[str, Callable[[str], str]] = {
    "address in line 3": lambda text: re.findall(ADDRESS, text.split("\n")[2])[0],
    "all addresses": lambda text: "\n".join(re.findall(ADDRESS, text)),
    "how many addresses": lambda text: str(len(set(re.findall(ADDRESS, text)))),
    "sort the lines by name": lambda text: "\n".join(sorted(text.split("\n"), key=lambda line: line.split(": ")[0])),
    "most frequent address": lambda text: Counter(re.findall(ADDRESS, text)).most_common(1)[0][0],
    "addresses to names": lambda text: json.dumps({address: name for name, address in _lines(text)}),
    "who shares an address": lambda text: _shared(_lines(text)),
    "JSON to YAML": lambda text: _yaml(json.loads(text)),
    "JSON to PHP": lambda text: _dotenv(json.loads(text)),
    "how many keys": lambda text: str(len(re.findall(KEY, text))),
    "repeat the text": lambda text: text,
    "copy into a letter": lambda text: f"Dear customer,\n\nplease pay to {json.loads(text)['iban']}.\n",
}
LETTERS: dict[str, Callable[[str], str]] = {
    "sort the addresses": lambda text: "\n".join(sorted(re.findall(ADDRESS, text))),
    "last four digits": lambda text: text.rstrip(".")[-4:],
    "domains": lambda text: "\n".join(one.partition("@")[2] for one in re.findall(ADDRESS, text)),
    "how long is it": lambda text: str(len(json.loads(text)["db_password"])),
}


def _shared(lines: list[list[str]]) -> str:
    counts = Counter(address for _, address in lines)
    return ", ".join(name for name, address in lines if counts[address] > 1)


def _text(name: str, chance: random.Random) -> str:
    """Return a text that a task can be about."""
    if name in {"JSON to YAML", "JSON to PHP", "copy into a letter", "how long is it"}:
        return _json(_settings(chance))
    if name == "how many keys":
        count = chance.randint(1, 5)
        return "\n".join(f"key {number}: {secret(chance.randrange(10**5)).value}" for number in range(count))
    if name == "last four digits":
        return f"The card is {card(chance.randrange(10**5)).value}."
    if name == "repeat the text":
        return chance.choice((_json, _yaml, _dotenv))(_settings(chance))
    return _table(_people(chance))


def tasks(count: int, seed: int, rules: dict[str, Callable[[str], str]]) -> list[Task]:
    """Return so many tasks, each kind as often as the others."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        name = [*rules][number % len(rules)]
        text = _text(name, chance)
        found.append(Task(name, f"TASK {name}", text, rules[name](text)))
    return found


def model(body: dict[str, Any]) -> Said:
    """Answer a task by its rule."""
    question, text = shown(body)[-1].text.split("\n\n", 1)
    name = question.removeprefix("TASK ")
    return Said((RULES | LETTERS)[name](text))


async def right(asked: list[Task], way: Way, seed: int) -> Counter[str]:
    """Return how many tasks of each kind are answered rightly."""
    found: Counter[str] = Counter()
    for number, task in enumerate(asked):
        said = await way.ask(Speech.any(seed + number), [Shown(f"{task.question}\n\n{task.text}")], model)
        found[task.name] += said.text == task.answer
        found["masked"] += bool(way.masked)
    return found
