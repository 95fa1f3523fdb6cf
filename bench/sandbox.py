"""What the pretend Xero costs: its start, its memory and its lists with many invoices in the books.

    python bench/sandbox.py [--invoices 100000] [--json FILE]

Starts `syncd sandbox` as a process of its own, creates the invoices over HTTP (500 to a call, three
lines each, Xero's limits off) and asks for lists as clients do. Told are medians of nine calls.
Exit 1 when it starts in more than a second, needs more than 500 MB, or a page of 100 takes longer
than 50 ms.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

PER_CALL = 500
ROUNDS = 9
OK = 200
MOST_START_S = 1.0
MOST_MB = 500
MOST_PAGE_S = 0.050
PAGE_OF_100 = "page of 100 in the middle"


class Client:
    """A custom connection to the sandbox: no consent, one organisation."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._http = urllib3.PoolManager()
        self._told = told
        form = {
            "grant_type": "client_credentials",
            "client_id": told["client_id"],
            "client_secret": told["client_secret"],
        }
        answer = self._http.request(
            "POST", f"{told['identity_url']}/connect/token", fields=form, encode_multipart=False
        )
        self._headers = {
            "Authorization": f"Bearer {answer.json()['access_token']}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }

    def control(self, verb: str, command: Any) -> None:
        """One command of `/_sandbox/`."""
        answer = self._http.request("POST", f"{self._told['control_url']}/{verb}", json=command)
        if answer.status != OK:
            raise SystemExit(f"{verb}: {answer.status} {answer.data[:200]!r}")

    def ask(self, method: str, path: str, body: Any = None, since: str = "") -> Any:
        """One call, as JSON."""
        headers = {**self._headers, **({"If-Modified-Since": since} if since else {})}
        url = f"{self._told['api_url']}/api.xro/2.0/{path}"
        answer = self._http.request(method, url, headers=headers, json=body)
        if answer.status != OK:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.data[:200]!r}")
        return answer.json()


@contextmanager
def sandbox() -> Iterator[tuple[subprocess.Popen[bytes], Mapping[str, str], float]]:
    """The program, what it said, and how long until it said it."""
    program = str(Path(sys.executable).with_name("syncd"))
    began = time.perf_counter()
    process = subprocess.Popen([program, "sandbox", "--json"], stdout=subprocess.PIPE)  # noqa: S603 - our own program
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield process, told["xero"], time.perf_counter() - began
    finally:
        process.kill()
        process.wait()


def memory_mb(pid: int, kind: str = "VmRSS") -> float:
    """What the process holds, or held at most (`VmHWM`), in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(rf"{kind}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def fill(client: Client, invoices: int) -> tuple[float, str]:
    """Put the invoices in; seconds, and one id from the middle."""
    contacts = [{"Name": f"Customer {at}"} for at in range(200)]
    made = client.ask("PUT", "Contacts", {"Contacts": contacts})["Contacts"]
    began, middle = time.perf_counter(), ""
    for start in range(0, invoices, PER_CALL):
        rows = [
            invoice(at, made[at % len(made)]["ContactID"])
            for at in range(start, min(start + PER_CALL, invoices))
        ]
        path = "Invoices?summarizeErrors=false&unitdp=4"
        answer = client.ask("PUT", path, {"Invoices": rows})
        if start <= invoices // 2:
            middle = answer["Invoices"][0]["InvoiceID"]
    return time.perf_counter() - began, middle


def invoice(at: int, contact_id: str) -> dict[str, Any]:
    """An ordinary invoice of three lines."""
    lines = [
        {
            "Description": f"Job {at}, part {part}: labour and materials as agreed",
            "Quantity": 1 + part,
            "UnitAmount": 45.25 + at % 100,
            "AccountCode": "200",
            "TaxType": "OUTPUT2",
        }
        for part in range(3)
    ]
    return {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "InvoiceNumber": f"PL-{at:06}",
        "Reference": f"pipeline:{at}",
        "Contact": {"ContactID": contact_id},
        "Date": "2026-11-20",
        "DueDate": "2026-12-20",
        "LineItems": lines,
    }


def lists(invoices: int, middle: str) -> dict[str, str]:
    """What is asked, by what it is called in the report."""

    def asked(**query: Any) -> str:
        return "Invoices?" + urlencode(query)

    return {
        "one by id": f"Invoices/{middle}",
        "one by number": f"Invoices/PL-{invoices // 2:06}",
        "40 by number": asked(InvoiceNumbers=",".join(f"PL-{at:06}" for at in range(40))),
        PAGE_OF_100: asked(page=max(1, invoices // 200), pageSize=100, unitdp=4),
        "page of 1,000": asked(page=1, pageSize=1000, unitdp=4),
        "where Reference==": asked(where=f'Reference=="pipeline:{invoices // 2}"', page=1),
        "statuses, last page": asked(Statuses="AUTHORISED", page=max(1, invoices // 100)),
        "where Date>=": asked(where="Date>=DateTime(2026,11,1)", page=1),
        "order by InvoiceNumber": asked(order="InvoiceNumber DESC", page=1),
    }


def timed_s(client: Client, path: str, since: str = "") -> float:
    """The median of some calls, in seconds."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.ask("GET", path, since=since)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> int:
    """Measure, tell, and say whether it is within bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with sandbox() as (process, told, start_s):
        client = Client(told)
        client.control("faults", {"switches": {"limits": False}})
        empty_mb = memory_mb(process.pid)
        took_s, middle = fill(client, options.invoices)
        since = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
        full_mb = memory_mb(process.pid)
        calls = {
            name: timed_s(client, path) for name, path in lists(options.invoices, middle).items()
        }
        calls["changed since just now"] = timed_s(client, "Invoices?page=1", since)
        most_mb = memory_mb(process.pid, "VmHWM")
    print(f"starts in {start_s:.2f} s with {empty_mb:.0f} MB")
    print(f"{options.invoices} invoices in {took_s:.0f} s: {options.invoices / took_s:.0f}/s")
    print(f"holds {full_mb:.0f} MB, at most {most_mb:.0f} MB")
    for name, call_s in calls.items():
        print(f"  {name:28}{call_s * 1000:8.1f} ms")
    if options.json:
        told_json = {"start_s": start_s, "mb": full_mb, "most_mb": most_mb, "calls_s": calls}
        options.json.write_text(json.dumps(told_json, indent=1), "utf-8")
    is_within = start_s <= MOST_START_S and most_mb <= MOST_MB and calls[PAGE_OF_100] <= MOST_PAGE_S
    return 0 if is_within else 1


if __name__ == "__main__":
    sys.exit(main())
