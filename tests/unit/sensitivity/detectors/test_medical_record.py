import pytest
from support.detecting import found

from gateway.sensitivity.detectors.medical_record import MedicalRecord


@pytest.mark.parametrize(
    "text", ["MRN: 00123456", "patient id 7168569", "NHC: 7168569", "medical record number is 12-34567"]
)
def test_numbers_are_found_by_their_label(text):
    assert len(found(MedicalRecord, text)) == 1


@pytest.mark.parametrize("text", ["7168569", "MRN is missing", "patient identified 3 times"])
def test_what_has_no_number_or_no_label_is_none(text):
    assert found(MedicalRecord, text) == []
