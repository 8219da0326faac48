"""Writes the replies: plausible, labelled, and always the same for the same prompt."""

import hashlib
from random import Random

from gateway.sandbox.tokens import TOKEN_CHARACTERS

_SENTENCES = (
    "The short answer is yes, with two things to watch.",
    "Start with the smallest change that can be undone.",
    "The figures of last week and this week agree to within one percent.",
    "Most of the time goes into the first step, so that is where to look.",
    "A table with three columns would show the difference at a glance.",
    "If the input is empty, the function returns an empty list.",
    "Please check the date before you send the letter.",
    "The customer asked for a refund and should hear back today.",
    "There are three options; the second one is the cheapest to try.",
    "In the café example the total comes to 12.50 €, tip included.",
    "Nothing in the log points to the network, so the cause is local.",
    "The test fails only when two workers start at the same time.",
    "I would keep the old name for one more release.",
    "Both readings are possible, but the first fits the context better.",
    "Round once, at the end, and always in the same direction.",
    "The meeting notes mention the deadline twice → treat it as firm.",
    "A cache would help here only if the prefix stays the same.",
    "Ask the owner of the data before you copy it.",
    "The regression goes back to a change in the default value.",
    "That covers the question; the details are in the appendix ✓.",
)


def randomness(*seeds: str) -> Random:
    """Make a source of choices that depends on the seeds alone."""
    return Random(hashlib.sha256("\x00".join(seeds).encode("utf-8", "replace")).digest())


def compose(label: str, random: Random, tokens: int | None = None) -> str:
    """Write a reply that starts with the label.

    Args:
        label: Says what the text is, so that nobody takes it for a model's.
        random: Chooses the sentences.
        tokens: The exact length. None: two to five sentences.
    """
    if tokens is None:
        return " ".join([label, *random.sample(_SENTENCES, random.randint(2, 5))])
    words = [label]
    length = len(label)
    while length < tokens * TOKEN_CHARACTERS:
        words.append(random.choice(_SENTENCES))
        length += 1 + len(words[-1])
    return " ".join(words)[: tokens * TOKEN_CHARACTERS]
