"""Numbers of patients and of their records, by label: health data of a person who can be found."""
# ruff: noqa: E501 -- a table

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.labelled import labelled


class MedicalRecord:
    """``MRN 00123456``, ``patient id``, ``NHC``, health plan and beneficiary numbers."""

    kind = "medical_record"
    data_class = DataClass.CONFIDENTIAL
    likely_class = DataClass.CONFIDENTIAL
    categories = frozenset({Category.PII, Category.PHI})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers."""
        self.triggers = (
            labelled(
                (
                    r"mrns?\b", r"(?:medical[_-]?)?record[_-]?(?:number|num|no)(?:\b|_)", r"patient[_-]?(?:id|number|no)(?:\b|_)", r"medical[ _-](?:records?|files?)\b", r"patient[ _-](?:id|no|num|number|#|identifier)", "patientenn",
                    r"nhc\b", r"episodio\b", r"episode (?:no|num|id)", r"historia cl[ i]", r"num(?:ero)? de historia", r"health[ _-](?:plan|insurance|card|record)",
                    r"medicare\b", r"medicaid\b", r"beneficiary (?:no|num|id)", r"hospital (?:no|num|id)",
                    r"chart (?:no|num|#)", r"ihi\b", r"prescription (?:no|num|id)", r"npi\b", r"dea (?:no|num|reg)",
                ),
                digits=5,
            ),
        )  # fmt: skip
