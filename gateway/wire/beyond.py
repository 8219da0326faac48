"""What a request makes the vendor read beyond its own bytes: pictures, files, searches. Holds have to bound it.

Source: OpenAI API reference (content parts of chat, ``web_search_options``), Anthropic API reference (content blocks,
server tools and their ``max_uses``, MCP connector).
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from gateway.domain.facts import UNBOUNDED
from gateway.domain.files import FILE, FILE_PARTS, PDF, file_type
from gateway.wire import fields
from gateway.wire.body import Tree

MOST_USES: Final = 100
"""Uses of a tool beyond which a declared limit is none."""
_PICTURES: Final = frozenset({"image", "image_url", "input_image"})
_FILES: Final = frozenset({"file", "document", "input_file", "video_url", "audio_url", "container_upload"})
_OWN: Final = frozenset({"function", "custom", "namespace"})
"""Types of OpenAI's tools that the caller runs."""
_INLINE: Final = frozenset({"text", "content"})
_CALLERS: Final = ("bash_", "text_editor_", "computer_", "memory_")
"""Tools that Anthropic defines and the caller runs."""


def openai_beyond(tree: Tree, turns: Iterable[Tree]) -> tuple[int, int]:
    """Return the pictures, and how often more input may be fetched; :data:`UNBOUNDED` if that is unknown."""
    pictures, files = _parts(turns)
    if any(_kind(tool, "function") not in _OWN for tool in fields.objects(tree.get("tools"))):
        return pictures, UNBOUNDED
    return pictures, files + (tree.get("web_search_options") is not None)


def anthropic_beyond(tree: Tree, turns: Iterable[Tree]) -> tuple[int, int]:
    """Return the pictures, and how often more input may be fetched; :data:`UNBOUNDED` if that is unknown."""
    pictures, fetches = _parts(turns)
    if tree.get("mcp_servers"):
        return pictures, UNBOUNDED
    for tool in fields.objects(tree.get("tools")):
        kind = _kind(tool, "custom")
        if kind == "custom" or kind.startswith(_CALLERS):
            continue
        uses = tool.get("max_uses")
        if isinstance(uses, bool) or not isinstance(uses, int) or not 0 <= uses <= MOST_USES:
            return pictures, UNBOUNDED
        fetches += uses
    return pictures, fetches


def files(turns: Iterable[Tree]) -> set[str]:
    """Return which kinds of files are in turns that are not text: PDFs, others."""
    found = set()
    for turn in turns:
        if isinstance(content := turn.get("content"), list):
            for part in _each(content):
                kind = _kind(part)
                if kind in FILE_PARTS and (kind := file_type(part, kind)):
                    found.add(PDF if kind == PDF else FILE)
    return found


def _parts(turns: Iterable[Tree]) -> tuple[int, int]:
    """Return the pictures in turns, and the files: bytes do not bound what either is read as."""
    pictures = files = 0
    for turn in turns:
        if not isinstance(content := turn.get("content"), list):
            continue
        for part in _each(content):
            kind = _kind(part)
            if kind in _PICTURES:
                pictures += 1
            elif kind in _FILES:
                source = part.get("source")
                files += not (isinstance(source, dict) and _kind(source) in _INLINE)
    return pictures, files


def _each(content: list[Any]) -> Iterator[Tree]:
    """Yield the parts of a content, those inside of the results of tools too."""
    for part in fields.objects(content):
        yield part
        if part.get("type") == "tool_result":
            yield from fields.objects(part.get("content"))


def _kind(item: Tree, otherwise: str = "") -> str:
    """Return the type of a part or tool; a non-string type is unknown."""
    return str(item.get("type") or otherwise)
