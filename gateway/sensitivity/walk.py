"""Everything that is sent is walked: each string of the body, keys and values alike, and what cannot be read."""

import re
from hashlib import sha256
from math import inf
from typing import Any, Final

from msgspec import Struct

from gateway.domain.files import FILE_PARTS, PDF, data_of, file_type, is_opaque
from gateway.sensitivity.result import NO_DOCUMENTS, Document, Documents
from gateway.sensitivity.seams import Seams, Text

READABLE: Final = frozenset(
    {
        "text",
        "message",
        "input_text",
        "output_text",
        "refusal",
        "thinking",
        "tool_use",
        "tool_result",
        "tool_reference",
        "search_result",
        "reasoning",
        "reasoning_text",
        "reasoning.text",
        "reasoning.summary",
        "summary_text",
        "function_call",
        "function_call_output",
        "server_tool_use",
        "custom_tool_call",
        "custom_tool_call_output",
        *("additional_tools", "tool_search_call", "tool_search_output", "web_search_call", "file_search_call"),
        *("local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output"),
        *("apply_patch_call", "apply_patch_call_output"),
        *("mcp_list_tools", "mcp_call", "mcp_approval_request", "mcp_approval_response"),
        "compaction",
    }
)
"""Content parts whose whole matter is in strings that are walked anyway."""

KNOWN_PARTS: Final = frozenset(
    {"document", "file", "image", "image_url", "input_audio", "input_image", "input_file", "video_url"}
)

_MEDIA: Final = frozenset(
    {
        *("audio_url", "document", "file", "file_data", "file_id", "file_url", "image", "image_embeds", "image_url"),
        *("input_audio", "video", "video_url", "images", "audio", "audios", "videos"),
    }
)
"""Keys that make a part one of media where a server takes parts without a type (vLLM does)."""

_BESIDE: Final = _MEDIA - {"document", "file", "image"}
"""Keys that no readable part has; servers that guess read them whatever the part's type says."""

CONVERSATION: Final = frozenset(
    {"messages", "system", "input", "content", "output", "summary", "reasoning_details", "thinking_blocks"}
)
"""Where typed parts are content; elsewhere (JSON schemas, say) ``type`` means something else."""

_FIELDS: Final = frozenset(
    {
        *("arguments", "content", "data", "description", "file", "function", "functions", "image_url", "input"),
        *("input_schema", "json_schema", "messages", "metadata", "model", "name", "parameters", "prediction"),
        *("instructions", "output", "summary", "call_id", "encrypted_content", "format"),
        *(
            "prompt",
            "properties",
            "reasoning_content",
            "reasoning_details",
            "response_format",
            "role",
            "schema",
            "source",
            "stop",
            "stop_sequences",
        ),
        *(
            "system",
            "text",
            "thinking",
            "thinking_blocks",
            "tool_calls",
            "tool_choice",
            "tools",
            "type",
            "url",
            "user",
            "user_id",
        ),
    }
)
"""Names of the protocols' own fields: the only ones that a path may show, for any other key is the caller's text."""

_SEALED: Final[dict[str, str]] = {
    "redacted_thinking": "data",
    "thinking": "signature",
    "reasoning": "encrypted_content",
    "compaction": "encrypted_content",
    "reasoning.encrypted": "data",
    "reasoning.text": "signature",
}
"""Type of a part of an assistant's turn → the field that only the vendor can read."""

_ELSEWHERE: Final = frozenset({"attachments", "container", "file_ids", "previous_response_id", "tool_resources"})
"""Fields of a request that refer to content which is not in it."""

_NOTHING: Final[frozenset[str]] = frozenset()
SPEAKERS: Final = frozenset({"assistant", "developer", "function", "system", "tool", "user"})
_LEAST_NUMBER: Final = 10**7
"""Shorter numbers cannot be a card, account or identity number."""


class Unscannable(Struct, frozen=True):
    """A part that holds what cannot be read: an image, a file, audio, tokens, an unknown type."""

    path: str
    part_type: str
    turn: int | None = None


class Read(Struct, frozen=True):
    """A PDF whose text was read."""

    path: str
    document: Document
    turn: int | None = None


class Sealed(Struct, frozen=True):
    """A blob that only its vendor can read, and that the vendor itself has made."""

    sha256: str
    value: str


Item = Text | Unscannable | Sealed | Read


def walk(tree: Any, documents: Documents = NO_DOCUMENTS) -> list[Item]:
    """Return each string of a request, object keys and long numbers included, and each part that cannot be read.

    ``documents``: what was read of its PDFs.
    """
    walked = _Walk(documents)
    walked.value(tree, "", None, "", "")
    return walked.found


class _Walk:
    """One walk over a body. Each value of it passes here: where it is comes as arguments, not as an object."""

    __slots__ = ("_documents", "_opaque", "_seams", "found")

    def __init__(self, documents: Documents) -> None:
        self.found: list[Item] = []
        self._documents = documents
        self._opaque: set[str] = set()
        """Contents of files that are noted as what they are: there is nothing in them to find."""
        self._seams = Seams()

    def text(self, path: str, value: str, turn: int | None, glue: str, speaker: str) -> None:
        """Note a string, and the seams between it and the ones before it."""
        if self._opaque and value in self._opaque:
            return
        text = Text(path, value, turn, glue, 0, speaker)
        self.found.append(text)
        if value and not glue and path.endswith(_CONTENT_ENDS) and _CONTENT.search(path):
            self.found += self._seams.after(text)

    def value(self, node: Any, path: str, turn: int | None, speaker: str, glue: str, *, parts: bool = False) -> None:
        """Walk a value. ``parts``: lists here hold content parts."""
        if isinstance(node, str):
            self.text(path, node, turn, glue, speaker)
        elif isinstance(node, dict):
            self.object(node, path, turn, speaker, parts=parts)
        elif isinstance(node, list):
            if node and path.startswith(("input", "prompt")) and all(type(value) is int for value in node):
                self.found.append(Unscannable(path, "tokens", turn))
            turns = path in {"messages", "input"}
            for index, value in enumerate(node):
                at = index if turns and isinstance(value, dict) else turn
                self.value(value, f"{path}[{index}]", at, speaker, "", parts=parts)
        elif isinstance(node, int | float) and not isinstance(node, bool) and _LEAST_NUMBER <= abs(node) < inf:
            # a card's number may be in a tool's input without quotes
            self.text(path, str(int(node)), turn, glue, "")

    def object(self, node: dict[str, Any], path: str, turn: int | None, speaker: str, *, parts: bool) -> None:
        """Walk an object."""
        role = node.get("role")
        if isinstance(role, str) and role in SPEAKERS:
            speaker = role
        seal = self._seal(node, path, turn, speaker) if parts else None
        inside = CONVERSATION if not _is_schema(path) else _NOTHING
        for key, value in node.items():
            if key == seal and isinstance(value, str):
                if value:
                    self.found.append(Sealed(sha256(value.encode("utf-8", "surrogatepass")).hexdigest(), value))
                continue
            if key in _FIELDS:
                below, glue = f"{path}.{key}" if path else key, ""
            else:
                self.text(f"{path}.<key>", key, turn, "", "")
                below, glue = f"{path}.*" if path else "*", '": "'
            if not path and key in _ELSEWHERE and value:
                self.found.append(Unscannable(key, "file" if key != "previous_response_id" else key))
            if type(value) is str:
                self.text(below, value, turn, glue, speaker)
            else:
                self.value(value, below, turn, speaker, glue, parts=key in inside)

    def _seal(self, node: dict[str, Any], path: str, turn: int | None, speaker: str) -> str | None:
        """Return the field of a content part that only its vendor can read; note a part that cannot be read."""
        kind = node.get("type")
        own = speaker == "assistant" or kind in ("reasoning", "compaction")
        seal = _SEALED.get(kind) if isinstance(kind, str) and own else None
        sealed = node.get(seal) if seal is not None else None
        if not isinstance(sealed, str) and (part_type := unreadable(node)):
            self.found.append(self._media(node, part_type, path, turn))
        return seal

    def _media(self, node: dict[str, Any], part_type: str, path: str, turn: int | None) -> Unscannable | Read:
        """Return what a part is that is no text."""
        data = data_of(node) if part_type == PDF or part_type in FILE_PARTS else ""
        if data and is_opaque(data):
            self._opaque.add(data)
        document = self._documents.get(data) if part_type == PDF else None
        if document is None:
            return Unscannable(path, part_type, turn)
        return Unscannable(path, f"{PDF}:{document.why}", turn) if document.why else Read(path, document, turn)


def unreadable(part: dict[str, Any]) -> str:
    """Return the type of a content part that cannot be read, as evidence may name it; empty for one that can."""
    found = _unreadable(part)
    return file_type(part, found) if found in FILE_PARTS else found


def _unreadable(part: dict[str, Any]) -> str:
    part_type = part.get("type")
    if part_type is None:  # a turn, or a part that leaves its type to be guessed
        return next((name if name in KNOWN_PARTS else "unknown" for name in part if name in _MEDIA), "")
    if isinstance(part_type, str) and part_type in READABLE:
        return next((name if name in KNOWN_PARTS else "unknown" for name in part if name in _BESIDE), "")
    return part_type if isinstance(part_type, str) and part_type in KNOWN_PARTS else "unknown"


def _is_schema(path: str) -> bool:
    """Return whether a path is in the schema of a tool or response, or in a tool's arguments: no content parts."""
    return path.startswith(_SCHEMAS) or ".input" in path or "].tools[" in path


_SCHEMAS: Final = ("tools", "functions", "response_format", "metadata", "text.format")


_CONTENT: Final = re.compile(r"(?:content|text|input|output|system|instructions|prompt)(?:\[\d+\])?$")
_CONTENT_ENDS: Final = ("content", "text", "input", "output", "system", "instructions", "prompt", "]")
"""Cheaper to look for first."""
