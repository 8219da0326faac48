"""The names that a condition compares a variable with, read from its text: ``team == 'x'``, ``model in ['a', 'b']``.

CEL's syntax tree is not to be had here, so the text is read in words. What is written in another way (in brackets, as a
regular expression, by a variable of a comprehension) is passed over: a name that is not seen is never reported.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

Variable = Literal["team", "key", "task", "model", "dialect", "categories"]
_VARIABLES: Final[dict[str, Variable]] = {
    "team": "team",
    "key": "key",
    "task": "task",
    "model": "model",
    "dialect": "dialect",
    "categories": "categories",
}
_TOKEN: Final = re.compile(
    r"""(?P<text>[rR]?(?:'{3}.*?'{3}|"{3}.*?"{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>==|!=|[^\s])""",
    re.DOTALL,
)
_METHODS: Final = {"startsWith": "{}*", "endsWith": "*{}", "contains": "*{}*"}


class Token(NamedTuple):
    """A word of a condition."""

    kind: Literal["text", "word", "number", "sign"]
    text: str
    """Of a string what it stands for."""


class Mention(NamedTuple):
    """A name that a variable is compared with."""

    variable: Variable
    name: str
    """The name, or a glob."""
    is_glob: bool = False


_END: Final = Token("sign", "")


def tokens(condition: str) -> list[Token]:
    """Return the words of a condition. A string with an escape in it stands for nothing: it is no name."""
    return [_token(found) for found in _TOKEN.finditer(condition)]


def mentions(condition: str) -> Iterator[Mention]:
    """Yield the names that a condition compares team, key, task, model, dialect or categories with."""
    words = tokens(condition)
    for place, word in enumerate(words):
        variable = _VARIABLES.get(word.text) if word.kind == "word" else None
        if variable is None or _at(words, place - 1).text == ".":
            continue
        for mention in _compared(words, place, variable):
            if mention.name:
                yield mention


def _compared(words: Sequence[Token], place: int, variable: Variable) -> Iterator[Mention]:
    before, one, two = _at(words, place - 1), _at(words, place + 1), _at(words, place + 2)
    if variable == "categories":
        if before.text == "in" and _at(words, place - 2).kind == "text":
            yield Mention(variable, words[place - 2].text)
        return
    if one.text in {"==", "!="} and two.kind == "text":
        yield Mention(variable, two.text)
    if before.text in {"==", "!="} and _at(words, place - 2).kind == "text" and one.text != ".":
        yield Mention(variable, words[place - 2].text)
    if one.text == "in" and two.text == "[":
        yield from (Mention(variable, name) for name in _listed(words, place + 3))
    argument = _at(words, place + 4)
    if one.text == "." and two.text in _METHODS and argument.kind == "text":
        literal = re.sub(r"([*?\[])", r"[\1]", argument.text)
        yield Mention(variable, _METHODS[two.text].format(literal), is_glob=True)


def _listed(words: Sequence[Token], place: int) -> Iterator[str]:
    """Yield the strings of a list, from behind its bracket."""
    while (word := _at(words, place)) != _END and word != Token("sign", "]"):
        if word.kind == "text":
            yield word.text
        place += 1


def _at(words: Sequence[Token], place: int) -> Token:
    return words[place] if 0 <= place < len(words) else _END


def _token(found: re.Match[str]) -> Token:
    text = found[0]
    if found["text"]:
        raw = text[0] in "rR"
        quoted = text[1:] if raw else text
        width = 3 if quoted[:3] in {"'''", '"""'} else 1
        inside = quoted[width:-width]
        return Token("text", "" if "\\" in inside and not raw else inside)
    if found["word"]:
        return Token("word", text)
    return Token("number" if found["number"] else "sign", text)
