"""Makes a running sandbox ready for old clients: XML where they ask for it, and money to read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import requests

at = json.loads(Path(sys.argv[1]).read_text("utf-8").splitlines()[0])["xero"]
commands = [
    ("faults", {"switches": {"answers_xml": True, "strict_queries": False, "minute_limit": 1000}}),
    ("bookkeeper", {"do": "create_invoice", "InvoiceNumber": "PAID-1"}),
    ("bookkeeper", {"do": "credit", "invoice": "PAID-1", "amount": "10"}),
    ("bookkeeper", {"do": "credit", "invoice": "PAID-1", "amount": "10", "kind": "Overpayment"}),
    ("bookkeeper", {"do": "credit", "invoice": "PAID-1", "amount": "10", "kind": "Prepayment"}),
    ("bookkeeper", {"do": "pay", "invoice": "PAID-1"}),
]
for path, body in commands:
    requests.post(f"{at['control_url']}/{path}", json=body, timeout=10).raise_for_status()
