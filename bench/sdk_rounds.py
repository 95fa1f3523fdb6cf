"""The same work by the official `xero-python`: new invoices, so many at a time, measured.

Started by `bench/drain.py` as a process of its own, so that its CPU is its own. The first line of
stdin says where Xero is, each further one asks for a round: `{"count", "batch"}`, answered with
`{"cpu_s", "took_s", "count"}`. Measured is what an application does: build the models, call, get
models back.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from datetime import date
from typing import Any

from xero_python.accounting import (
    AccountingApi,
    Contact,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
)
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token

Json = Mapping[str, Any]


def api_of(told: Json) -> AccountingApi:
    """The SDK's client with a token it was given."""
    token = {
        "access_token": told["access_token"],
        "token_type": "Bearer",
        "expires_in": 1800,
        "expires_at": time.time() + 1800,
        "scope": told["scope"],
    }
    configuration = Configuration(
        oauth2_token=OAuth2Token(client_id=told["client_id"], client_secret="unused")  # noqa: S106 - no secret: never refreshed
    )
    client = ApiClient(
        configuration, oauth2_token_getter=lambda: token, oauth2_token_saver=lambda _: None
    )
    return AccountingApi(client, base_url=f"{told['api_url']}/api.xro/2.0")


def model_of(invoice: Json, contact_id: str) -> Invoice:
    """One invoice in the SDK's models, as Pipeline's JSON says it."""
    lines = [
        LineItem(
            description=line["description"],
            quantity=float(line["quantity"]),
            unit_amount=float(line["unitAmount"]),
            account_code=line["account"],
            tax_type=line["tax"],
            discount_rate=line["discountPercent"],
        )
        for line in invoice["lines"]
    ]
    return Invoice(
        type="ACCREC",
        status="AUTHORISED",
        invoice_number=invoice["number"],
        reference=invoice["reference"],
        contact=Contact(contact_id=contact_id),
        date=date.fromisoformat(invoice["invoiceDate"]),
        due_date=date.fromisoformat(invoice["dueDate"]),
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        url=f"https://app.pipeline.example/invoices/{invoice['number']}",
        line_items=lines,
    )


def round_of(api: AccountingApi, told: Json, first: int, count: int, batch: int) -> Json:
    """Create `count` invoices, `batch` to a call; CPU and wall seconds of this process."""
    patterns = told["patterns"]
    wanted = [
        {**patterns[at % len(patterns)], "number": f"{told['prefix']}-{at}"}
        for at in range(first, first + count)
    ]
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, count, batch):
        models = [model_of(each, told["contact_id"]) for each in wanted[start : start + batch]]
        answer = api.create_invoices(
            told["tenant_id"], Invoices(invoices=models), summarize_errors=False, unitdp=4
        )
        bad = [each for each in answer.invoices if each.has_errors]
        if len(answer.invoices) != len(models) or bad:
            raise SystemExit(f"xero-python: {len(bad)} refused of {len(models)}: {bad[:1]}")
    return {
        "cpu_s": time.process_time() - cpu,
        "took_s": time.perf_counter() - began,
        "count": count,
    }


def main() -> None:
    """Rounds as asked, until stdin ends."""
    told = json.loads(sys.stdin.readline())
    api = api_of(told)
    made = 0
    for line in sys.stdin:
        asked = json.loads(line)
        answer = round_of(api, told, made, asked["count"], asked["batch"])
        made += asked["count"]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
