"""Pipeline's objects as it sends them, for the tests of this adapter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

EXACT = msgspec.json.Encoder(decimal_format="number")
AT = "2026-11-22T00:15:12.5Z"
LINE: dict[str, Any] = {
    "id": "l-1",
    "description": "Install",
    "quantity": 3,
    "unitAmount": Decimal("120.5555"),
    "discountPercent": None,
    "costCode": "LAB",
    "accountCode": None,
    "taxType": None,
    "taxRate": Decimal("0.15"),
    "tracking": [{"name": "Region", "option": "North"}],
}
INVOICE: dict[str, Any] = {
    "id": "i-1",
    "number": "INV-1",
    "reference": "JOB-7",
    "customerId": "c-1",
    "status": "Approved",
    "invoiceDate": "2026-11-20",
    "dueDate": None,
    "currencyCode": None,
    "lineAmountTypes": "Exclusive",
    "lines": [LINE],
    "nett": Decimal("361.67"),
    "tax": Decimal("54.25"),
    "total": Decimal("415.92"),
    "version": 3,
    "updatedAt": AT,
    "somethingNew": {"of": [2027]},
}
CUSTOMER: dict[str, Any] = {
    "id": "c-1",
    "ref": "ACME",
    "name": "Acme",
    "firstName": None,
    "email": "a@acme.example",
    "postalAddress": {"line1": "1 High St", "postalCode": "LS1"},
    "xeroContactId": None,
    "version": 1,
    "updatedAt": AT,
}
