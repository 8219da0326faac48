"""How settings are written in nine languages, and read again: what an agent does that moves a value between them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape

JSON_STRING = r'"((?:[^"\\]|\\.)*)"'
CODE_STRING = r"'((?:[^'\\]|\\.)*)'"


@dataclass(frozen=True)
class Format:
    """One way to write a name and its value on a line."""

    line: str
    """With ``@`` for the name and ``%`` for the value."""
    literal: str
    """What finds the value as it is written: its first group."""
    write: Callable[[str], str]
    read: Callable[[str], str]
    forbidden: str = ""
    """Characters that a value cannot have here."""

    def written(self, name: str, value: str) -> str:
        """Return the line."""
        return self.line.replace("@", name).replace("%", self.write(value))

    def found(self, line: str) -> str | None:
        """Return the value on a line as it reads; None if there is none."""
        match = re.search(self.literal, line)
        return None if match is None else self.read(match[1])

    def takes(self, value: str) -> bool:
        """Return whether a value can be written in this way and read again."""
        return not set(value) & set(self.forbidden) and self.found(self.written("name", value)) == value


def _json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _ascii(value: str) -> str:
    return json.dumps(value)[1:-1]


def _of_json(written: str) -> str:
    return str(json.loads(f'"{written}"', strict=False))


def _code(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _of_code(written: str) -> str:
    return re.sub(r"\\([\\'])", r"\1", written)


def _attribute(value: str) -> str:
    return escape(value, quote=False).replace('"', "&quot;")


BARE = " #\"'`\n"
FORMATS = {
    "JSON": Format('"@": "%",', ": " + JSON_STRING, _json, _of_json),
    "JSON, ASCII": Format('"@": "%",', ": " + JSON_STRING, _ascii, _of_json),
    'YAML "': Format('@: "%"', ": " + JSON_STRING, _json, _of_json),
    "YAML '": Format(
        "@: '%'", r": '((?:[^']|'')*)'", lambda one: one.replace("'", "''"), lambda one: one.replace("''", "'")
    ),
    "YAML": Format("@: %", r": ([^ '\"][^#\r\n]*)", str, str.rstrip, BARE + ":,[]{}&*!|>%@"),
    ".env": Format("@=%", r"=([^\s'\"][^\r\n]*)", str, str, " #'`\n"),
    '.env "': Format('@="%"', "=" + JSON_STRING, _json, _of_json, "$`"),
    "Python '": Format("@ = '%'", " = " + CODE_STRING, _code, _of_code),
    'Python "': Format('@ = "%"', " = " + JSON_STRING, _json, _of_json),
    "PHP": Format("'@' => '%',", " => " + CODE_STRING, _code, _of_code),
    "JavaScript": Format('  @: "%",', ": " + JSON_STRING, _json, _of_json),
    "XML": Format("<@>%</@>", r">([^<]*)</", lambda one: escape(one, quote=False), unescape),
    "XML attribute": Format('<set name="@" value="%"/>', r'value="([^"]*)"', _attribute, unescape),
    "INI": Format("@ = %", r" = ([^\r\n]*)", str, str, "\"'#;\n "),
    "properties": Format(
        "@=%", r"=([^\r\n]*)", lambda one: one.replace("\\", "\\\\"), lambda one: one.replace("\\\\", "\\"), " \n"
    ),
    "shell": Format("export @='%'", r"='([^']*)'", str, str, "'\n"),
}
OF_FILES = {
    ".json": ("JSON", "JSON, ASCII"),
    ".yaml": ('YAML "', "YAML '", "YAML"),
    ".yml": ('YAML "', "YAML '", "YAML"),
    ".py": ("Python '", 'Python "'),
    ".js": ("JavaScript",),
    ".xml": ("XML", "XML attribute"),
    ".ini": ("INI",),
    ".cfg": ("INI",),
    ".toml": ('Python "', "Python '"),
    ".conf": ("INI", "properties"),
    ".sh": ("shell", ".env", '.env "'),
    ".php": ("PHP",),
    ".properties": ("properties",),
    ".env": (".env", '.env "'),
    ".md": (".env", "shell"),
    ".txt": (".env", "INI"),
}
"""What is planted in a file; there are no files of PHP or .env in packages of Python: those are made of their lines."""
