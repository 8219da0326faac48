"""Parts of a message that are not text: of which kind they are, which can be read all the same, what replaces them."""

from collections.abc import Mapping
from typing import Any, Final

UNSCANNABLE: Final = "unscannable"
_OF_TYPE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("image", "image_url", "input_image"), "image"),
    **dict.fromkeys(("audio", "input_audio"), "audio"),
    **dict.fromkeys(("document", "file", "input_file", "video_url"), "file"),
    "pdf": "pdf",
}


def kind_of(part_type: str) -> str:
    """Return the kind of a part that cannot be read: image, audio, pdf, file, or unknown.

    What stands behind a colon in its type says why it cannot.
    """
    return _OF_TYPE.get(part_type.partition(":")[0], "unknown")


def part_kind(part_type: str) -> str:
    """Return the kind of the part of a label that a part of a message adds."""
    kind = kind_of(part_type)
    return UNSCANNABLE if kind == "unknown" else f"{UNSCANNABLE}:{kind}"


def withheld(part: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the text that replaces a part which its target may not see."""
    is_item = str(part.get("type")).startswith("input_") and part.get("type") != "input_audio"
    words = f"[content of type {kind} was withheld here by the gateway, which cannot check what it shows]"
    return {"type": "input_text" if is_item else "text", "text": words}
