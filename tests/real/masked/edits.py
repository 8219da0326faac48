"""An agent that edits real files through a gateway that masks, and through one that does not: the same bytes?

The model answers by rule: it reads what it is sent, and edits the line that it is asked to edit. It knows nothing else
of the file, so that a placeholder that it saw is all that it can write.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.sensitivity.vault import PREFIX

from .formats import FORMATS
from .lab import Moved, Way
from .material import Line, lines
from .speech import Said, Shown, Speech, ToolCall, Turn, shown

ANY = ("comment", "rename", "tail", "block", "delete", "write line", "write file", "prose", "indent")
MOVES = ("move", "move", "heredoc", "requote")
TARGETS = [name for name in FORMATS if name != "JSON, ASCII"]
"""What values are moved to. Nothing in a text says that JSON that is written anew is to be ASCII only."""
SHOWN = ("raw", "raw", "numbered", "numbered", "JSON")
IN_PLACE, MOVED = "all: of a line where it is", "all: that write the value in another language, too"
REPLACED = "<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE"


@dataclass(frozen=True)
class Edit:
    """One edit of one line."""

    line: Line
    op: str
    shown: str
    """How the tool shows the file."""
    to: str = ""
    """The format that the value is moved to."""

    @property
    def order(self) -> str:
        """What the model is asked."""
        row = self.line.text.split("\n")[self.line.row]
        found = re.search(re.escape(written) if (written := self.line.written) else r"[\w.+\-]+@", row)
        column = found.start() if found else 0
        order = {"row": self.line.row - self.line.first, "op": self.op, "shown": self.shown, "column": column}
        return json.dumps(order | {"format": self.line.format, "to": self.to})

    @property
    def result(self) -> str:
        """What the tool prints."""
        rows = self.line.lines
        if self.shown == "numbered":
            return "\n".join(f"{number:>6}\t{row}" for number, row in enumerate(rows, self.line.first + 1))
        text = "\n".join(rows)
        return json.dumps({"exit_code": 0, "content": text}) if self.shown == "JSON" else text

    @property
    def turns(self) -> list[Turn]:
        """The conversation until the model edits."""
        call = ToolCall("read_file", json.dumps({"path": f"conf/settings{self.line.kind}"}))
        return [Shown(self.order), Said(call=call), Shown(self.result, by_tool=True)]


def edits(count: int, seed: int) -> Iterator[Edit]:
    """Yield edits of real lines."""
    chance = random.Random(seed)
    return (_edit(line, chance) for line in lines(count, seed))


def _edit(line: Line, chance: random.Random) -> Edit:
    form = chance.choice(SHOWN)
    if line.format and chance.random() < 0.45:
        op = chance.choice(MOVES)
        fits = [name for name in TARGETS if name != line.format and FORMATS[name].takes(line.value)]
        if op == "heredoc":
            fits = [".env"] if FORMATS[".env"].takes(line.value) else []
        if op == "requote":
            other = {"Python '": 'Python "', 'Python "': "Python '", "YAML '": 'YAML "', 'YAML "': "YAML '"}
            fits = [one for one in fits if one == other.get(line.format)]
        if fits:
            return Edit(line, op, form, chance.choice(fits))
    return Edit(line, chance.choice(ANY), form)


def model(body: dict[str, Any]) -> Said:
    """Edit what is shown."""
    first, *_, last = shown(body)
    order = json.loads(first.text)
    return _edited(order, _rows(order["shown"], last.text))


def _rows(form: str, text: str) -> list[str]:
    """Return the lines that a tool has shown."""
    if form == "JSON":
        text = json.loads(text)["content"]
    rows = text.split("\n")
    return [row.split("\t", 1)[1] for row in rows] if form == "numbered" else rows


def _edited(order: dict[str, Any], rows: list[str]) -> Said:
    row, op = order["row"], order["op"]
    line = rows[row].rstrip("\r")
    end = rows[row][len(line) :]
    indent = line[: len(line) - len(line.lstrip())]
    if op in {"move", "requote", "heredoc"}:
        value = FORMATS[order["format"]].found(line) or ""
        moved = FORMATS[order["to"]].written("moved_password", value)
        if op == "heredoc":
            return _call("bash", command=f"cat > .env <<'EOF'\nDEBUG=1\n{moved}\nEOF")
        new = indent + moved if op == "requote" else f"{line}{end}\n{indent}{moved}"
        return _call("str_replace", old_str=line, new_str=new)
    if op == "write line":
        return _call("write_line", row=row, text=f"{line}  # checked{end}")
    if op == "write file":
        return _call("write_file", content="\n".join([*rows[:row], f"{indent}  {line.strip()}{end}", *rows[row + 1 :]]))
    olds = {
        "tail": line[order["column"] :] + end + "".join(f"\n{one}" for one in rows[row + 1 : row + 2]),
        "block": "\n".join(rows[max(row - 1, 0) : row + 2]),
        "delete": line + end + "\n" * (row + 1 < len(rows)),
    }
    old = olds.get(op, line)
    news = {
        "comment": f"{line} # checked",
        "rename": f"{indent}x_{line.lstrip()}",
        "tail": f"{old}!",
        "block": f"{old}\nadded{end}",
        "delete": "",
        "indent": f"    {line}",
        "prose": f"{line} # checked",
    }
    if op == "prose":
        return Said("I have checked it:\n\n" + REPLACED.format(old=old, new=news[op]))
    return _call("str_replace", old_str=old, new_str=news[op])


def _call(name: str, **arguments: Any) -> Said:
    return Said("Editing.", ToolCall(name, json.dumps(arguments, ensure_ascii=False)))


def applied(edit: Edit, said: Said) -> bytes:
    """Return the bytes of the file after an edit, of the other file if it writes one; what fails is bytes, too."""
    text = edit.line.text
    if said.call is None:
        _, _, rest = said.text.partition("<<<<<<< SEARCH\n")
        old, _, rest = rest.partition("\n=======\n")
        new, _, _ = rest.partition("\n>>>>>>> REPLACE")
        return _replaced(text, old, new)
    given = said.call.given
    rows = text.split("\n")
    match said.call.name:
        case "str_replace":
            return _replaced(text, given["old_str"], given["new_str"])
        case "write_line":
            rows[edit.line.first + given["row"]] = given["text"]
        case "write_file":
            rows[edit.line.first : edit.line.first + len(edit.line.lines)] = given["content"].split("\n")
        case "bash":
            return str(given["command"]).encode()
    return "\n".join(rows).encode()


def _replaced(text: str, old: str, new: str) -> bytes:
    return text.replace(old, new, 1).encode() if old in text else f"no match for {old!r}".encode()


@dataclass
class Outcome:
    """What became of the edits."""

    total: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    unmasked: int = 0
    """Lines in which nothing was masked: they prove nothing, and do not count."""
    moved: list[Edit] = field(default_factory=list)
    """Those of which the file holds what cannot be masked: they do not reach the vendor."""
    failed: list[tuple[Edit, bytes, bytes]] = field(default_factory=list)

    def note(self, edit: Edit, plain: bytes, masked: bytes) -> None:
        """Count an edit, with what it made without masking and with it."""
        rows = [
            "all",
            MOVED if edit.to else IN_PLACE,
            f"how: {edit.op}",
            f"value: {edit.line.sort}",
            f"shown: {edit.shown}",
            f"file: {edit.line.kind}",
        ]
        self.total.update(rows)
        if plain == masked:
            self.same.update(rows)
        else:
            self.failed.append((edit, plain, masked))


async def compare(count: int, seed: int, place: Path) -> Outcome:
    """Make so many edits of masked lines where they are through both gateways, and half as many that move values."""
    outcome = Outcome()
    ways = [Way(place / str(masking), masking=masking) for masking in (False, True)]
    for number, edit in enumerate(edits(count * 3, seed)):
        if outcome.total[IN_PLACE] == count:
            break
        speech = Speech.any(seed * 1_000_003 + number)
        try:
            plain, masked = [applied(edit, await way.ask(speech, edit.turns, model)) for way in ways]
        except Moved:
            outcome.moved.append(edit)
            continue
        if not plain.startswith(b"no match") and PREFIX in _line_sent(edit, ways[1].body):
            outcome.note(edit, plain, masked)
        else:
            outcome.unmasked += 1
    return outcome


def _line_sent(edit: Edit, body: dict[str, Any]) -> str:
    """Return the edited line as the vendor got it."""
    return _rows(edit.shown, shown(body)[-1].text)[edit.line.row - edit.line.first]
