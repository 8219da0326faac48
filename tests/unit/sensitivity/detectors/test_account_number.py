import pytest
from support.detecting import found

from gateway.sensitivity.detectors.account_number import AccountNumber


@pytest.mark.parametrize(
    "text",
    [
        "account number 1234567890",
        "acct 12345678",
        "employee ID: 5678901",
        "routing number 021000021",
        "SWIFT: DEUTDEFF500",
        "employee ID number 56789-TRIBAL",
        "customer ID 'CUST-12345'",
        "bank account details: 123456789",
        "IBAN 'IN60 SBK000000000000000A'",
        "his account number ending in *456",
        "account: ****6789",
        "social security number XXX-XX-2409",
        "paid from rahul.pay@oksbi",
    ],
)
def test_numbers_are_found_by_their_label(text):
    assert len(found(AccountNumber, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "1234567890",
        "account ending soon",
        "format: XXX-XX-1234",
        "mail to ann@upi.example.org",
        "loan of $25000",
        "account settings 12",
        "accounts: 3",
        "swift lang",
        "account on 2026-11-22",
    ],
)
def test_what_has_no_number_or_no_label_is_none(text):
    assert found(AccountNumber, text) == []
