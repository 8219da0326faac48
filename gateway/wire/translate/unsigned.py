"""Thinking that nobody signed, in a conversation that moves to a vendor which takes back only its own.

A translated answer, or one of a local server, has thinking with an empty signature. Anthropic refuses a request that
holds such a block, so it stays behind.
"""

from typing import Any, Final

from gateway.wire.body import Tree

MARK: Final = b'"signature":""'
"""What is in the bytes of a request that may hold such a block."""


def without_unsigned(tree: Tree) -> tuple[Tree, bool]:
    """Return a Messages request without blocks of thinking that nobody signed, and whether there were any."""
    turns = tree.get("messages")
    if not isinstance(turns, list):
        return tree, False
    kept = [_turn(turn) for turn in turns]
    if all(new is old for new, old in zip(kept, turns, strict=True)):
        return tree, False
    return {**tree, "messages": kept}, True


def _turn(turn: Any) -> Any:
    content = turn.get("content") if isinstance(turn, dict) and turn.get("role") == "assistant" else None
    if not isinstance(content, list) or not any(map(_is_unsigned, content)):
        return turn
    rest = [block for block in content if not _is_unsigned(block)]
    return {**turn, "content": rest} if rest else turn


def _is_unsigned(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "thinking" and block.get("signature") == ""
