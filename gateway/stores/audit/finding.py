"""What an audit finds: something that is not as it should be, or that is worth knowing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing, by its kind, its name and in words."""

    kind: str
    what: str
    text: str
