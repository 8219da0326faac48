"""The built-in detectors; all of them always run, policy changes their class or switches one off by name."""

from typing import Final

from gateway.sensitivity.detectors.account_number import AccountNumber
from gateway.sensitivity.detectors.credit_card import CreditCard
from gateway.sensitivity.detectors.email import Email
from gateway.sensitivity.detectors.iban import Iban
from gateway.sensitivity.detectors.ip_address import IpAddress
from gateway.sensitivity.detectors.medical_record import MedicalRecord
from gateway.sensitivity.detectors.national_id import NationalId
from gateway.sensitivity.detectors.passport import Passport
from gateway.sensitivity.detectors.phone import Phone
from gateway.sensitivity.detectors.secret import Secret
from gateway.sensitivity.detectors.us_ssn import UsSsn
from gateway.sensitivity.finding import Detector

DETECTORS: Final[tuple[Detector, ...]] = (
    Secret(),
    CreditCard(),
    Iban(),
    UsSsn(),
    NationalId(),
    Passport(),
    Email(),
    Phone(),
    MedicalRecord(),
    AccountNumber(),
    IpAddress(),
)
