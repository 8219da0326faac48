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


@pytest.mark.parametrize(
    "text",
    [
        '{"account_number": "12345678"}',
        '{"accountNumber": "12345678"}',
        "account_no=12345678",
        '{"employee_id": "E1234567"}',
        "policyNumber: AB123456",
        "name,account number\nAnn,12345678",
        "账号12345678901请付款",
        "계좌번호: 110-234-567890",
        "口座番号は1234567です",
        "расчётный счёт 40702810500000012345",
        "số tài khoản: 0071001234567",
    ],
)
def test_names_of_fields_and_headers_of_columns_are_labels(text):
    assert len(found(AccountNumber, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"account":"47223179-9330-4259-b66c-f2db26efb20c"}',
        "account 12.8.5.14",
        "ms.acc 1.5 88/02/08",
        "account dGhpc2lzbm90aGluZ2J1dGVuY29kZWQ123456",
        '{"client_id": 12345678}',
    ],
)
def test_uuids_versions_dates_and_encodings_are_none(text):
    assert found(AccountNumber, text) == []


@pytest.mark.parametrize(
    "text", ["type Bic = 'ABNANL2A' | 'ADYBNL2A' | 'ASNBNL21'", "bic: ABNANL2A, ADYBNL2A and INGBNL2A"]
)
def test_a_list_of_banks_is_nobodys(text):
    assert found(AccountNumber, text) == []


def test_the_bank_of_one_account_is_found():
    assert found(AccountNumber, "BIC: 'ABNANL2A', Name: Anna") == ["ABNANL2A"]


def test_the_uuid_of_a_picture_is_no_number():
    assert (
        found(AccountNumber, "https://s3.example.org/account-avatar/94601d07-3205-4c60-9c2d-9b8194dbefb7/logo.png")
        == []
    )
    assert found(AccountNumber, "account-id/94601d07-3205-4c60-9c2d-9b8194dbefb7") == []
    assert found(AccountNumber, "account 12345678 / 94601d07-3205-4c60-9c2d-9b8194dbefb7") != []
