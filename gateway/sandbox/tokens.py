"""Counts tokens the same way on every machine, so that usage in tests and demos can be foretold."""

TOKEN_CHARACTERS = 4


def count(text: str) -> int:
    """Count the tokens of a text: one per four characters begun."""
    return -(-len(text) // TOKEN_CHARACTERS)


def split(text: str) -> tuple[str, ...]:
    """Cut a text into its tokens; joined, they are the text again."""
    return tuple(text[at : at + TOKEN_CHARACTERS] for at in range(0, len(text), TOKEN_CHARACTERS))
