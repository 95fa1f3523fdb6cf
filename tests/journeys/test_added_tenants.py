"""A tenant added to a running daemon works, goes and comes again, and nothing is doubled."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from tests.journeys.support.harness import SETTINGS, Daemon, Worlds, call, wait_until
from tests.support import stores

HERE, COMES = "demo", "demo-2"
LINE = {
    "description": "Call-out",
    "quantity": 2,
    "unitAmount": 10.5,
    "costCode": "LAB",
    "taxRate": 0.15,
}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon whose configuration names the first of two tenants, started and connected."""
    worlds = Worlds(tmp_path, "--organisations", "2", "--country", "NZ")
    worlds.xero(switches={"minute_limit": 6000, "day_limit": 1_000_000})
    made = Daemon(worlds, tmp_path, tenants=[HERE])
    try:
        made.start().connect(HERE)
        yield made
    finally:
        made.close()
        worlds.close()


def key_of(daemon: Daemon, tenant: str) -> str:
    return str(daemon.worlds.told["pipeline"]["tenants"][tenant]["key"])


def wanted(daemon: Daemon, **besides: Any) -> dict[str, Any]:
    return {
        "id": COMES,
        "pipeline_url": daemon.worlds.told["pipeline"]["url"],
        "pipeline_key": key_of(daemon, COMES),
        "invoice_url": "https://app.pipeline.example/invoices/{id}",
        "mode": "live",
        "due_days": SETTINGS.due_days,
        "cost_codes": {code: {"account": to} for code, to in SETTINGS.cost_codes.items()},
        "tax_types": dict(SETTINGS.tax_types),
        **besides,
    }


def invoiced(daemon: Daemon, tenant: str, number: str) -> str:
    user = daemon.worlds.user
    customer = user("create_customer", tenant=tenant, ref=number, name=f"{number} Ltd")["id"]
    given = {"number": number, "status": "Approved", "lines": [LINE]}
    return str(user("create_invoice", tenant=tenant, customerId=customer, **given)["id"])


def synced(daemon: Daemon, tenant: str, invoice: str) -> None:
    def told() -> bool:
        results = daemon.worlds.pipeline_tenants()[tenant]["results"]["invoice"]
        return results.get(invoice, {}).get("state") == "synced"

    wait_until(told, 20, lambda: f"{invoice} of {tenant} is synced\n{daemon.tail()}")


def copies(daemon: Daemon, organisation: int, invoice: str) -> int:
    rows = daemon.worlds.xero_books()["organisations"][organisation]["invoices"]
    return sum(invoice in (each["Url"] or "") for each in rows)


def served(daemon: Daemon) -> dict[str, str]:
    listed = daemon.get("/api/v1/tenants").json()["items"]
    return {each["id"]: each["named_in"] for each in listed}


def test_added_tenant_works_goes_and_comes_again_without_a_second_copy(daemon: Daemon) -> None:
    neighbour = invoiced(daemon, HERE, "N-1")
    synced(daemon, HERE, neighbour)
    assert daemon.get(f"/api/v1/tenants/{COMES}").status == 404

    added = daemon.post("/api/v1/tenants", wanted(daemon))
    assert added.status == 201, added.body
    assert (added.json()["mode"], added.json()["status"]) == ("live", "Not Connected")
    assert served(daemon) == {HERE: "configuration", COMES: "store"}
    daemon.connect(COMES, org=2)
    first = invoiced(daemon, COMES, "A-1")
    synced(daemon, COMES, first)
    assert f'syncd_invoices{{state="synced",tenant="{COMES}"}}' in daemon.metrics()

    # It survives a restart, and works on.
    assert daemon.end(signal.SIGTERM) == 0
    daemon.start()
    assert served(daemon) == {HERE: "configuration", COMES: "store"}
    second = invoiced(daemon, COMES, "A-2")
    synced(daemon, COMES, second)

    removed = daemon.run("tenants", "remove", COMES)
    assert removed.returncode == 0, removed.stderr
    assert "Links, queue and history are kept" in removed.stdout
    assert served(daemon) == {HERE: "configuration"}
    assert [name for name in daemon.metrics() if COMES in name] == []
    meanwhile = invoiced(daemon, COMES, "A-3")
    synced(daemon, HERE, invoiced(daemon, HERE, "N-2"))

    assert daemon.end(signal.SIGTERM) == 0
    daemon.start()
    assert served(daemon) == {HERE: "configuration"}
    again = daemon.post("/api/v1/tenants", wanted(daemon))
    assert again.status == 201, again.body
    daemon.connect(COMES, org=2)
    synced(daemon, COMES, meanwhile)
    daemon.worlds.user("edit_invoice", tenant=COMES, id=first, set={"reference": "PO 7"})
    synced(daemon, COMES, first)

    assert [copies(daemon, 1, one) for one in (first, second, meanwhile)] == [1, 1, 1]
    journal = daemon.get(f"/api/v1/tenants/{COMES}/events?since=0").json()["items"]
    told = [each["description"] for each in journal if each["object_type"] == "Tenant"]
    assert sum(said.startswith("Added to the tenants served") for said in told) == 2
    assert sum(said.startswith("Removed from the tenants served") for said in told) == 1
    log = daemon.log.read_text("utf-8")
    assert key_of(daemon, COMES) not in log
    assert key_of(daemon, COMES).encode() not in stores.every_byte(daemon.folder / "syncd.db")
    assert "tenant.added" in log
    assert "tenant.removed" in log


def test_what_cannot_be_served_is_refused_with_its_keys_and_nothing_changes(
    daemon: Daemon,
) -> None:
    def refusal(**besides: Any) -> tuple[int, str]:
        answer = daemon.post("/api/v1/tenants", wanted(daemon, **besides))
        return answer.status, answer.json()["detail"]

    status, several = refusal(pipeline_url="x", due_days=-1, xero_edits="perhaps")
    assert status == 400
    assert all(
        f"tenants.{COMES}.{key}" in several for key in ("pipeline_url", "due_days", "xero_edits")
    )
    assert refusal(pipeline_kee="k")[0] == 400
    assert refusal(pipeline_key="unknown") == (
        400,
        f"tenants.{COMES}.pipeline_key: Pipeline at {wanted(daemon)['pipeline_url']} refuses it",
    )
    assert "a key of its own" in refusal(pipeline_key=key_of(daemon, HERE))[1]
    assert "a name of letters" in refusal(id="a b/c")[1]
    assert "whsec_" in refusal(pipeline_webhook_secret="whsec_!")[1]
    assert "https" in refusal(pipeline_url="http://books.example.com/api/v1")[1]
    status, said = refusal(id=HERE)
    assert (status, "The configuration names demo" in said) == (409, True)

    of_the_file = daemon.run("tenants", "remove", HERE)
    unknown = daemon.run("tenants", "remove", COMES)

    assert (of_the_file.returncode, unknown.returncode) == (1, 1)
    assert "[tenants.demo]" in of_the_file.stderr
    assert served(daemon) == {HERE: "configuration"}
    assert key_of(daemon, HERE) not in daemon.log.read_text("utf-8")


def test_command_adds_from_a_section_and_secret_files(daemon: Daemon, tmp_path: Path) -> None:
    section, key = tmp_path / "section.toml", tmp_path / "key"
    section.write_text(
        f'pipeline_url = "{wanted(daemon)["pipeline_url"]}"\nstart_date = 2026-01-01\n'
        'invoice_url = "https://app.pipeline.example/{id}"\n'
        'cost_codes = { LAB = { account = "200" } }\n',
        "utf-8",
    )
    key.write_text(key_of(daemon, COMES), "utf-8")

    lacking = daemon.run("tenants", "add", COMES, "--section", str(section))
    added = daemon.run(
        "tenants",
        "add",
        COMES,
        "--section",
        str(section),
        "--pipeline-key-file",
        str(key),
        "--json",
    )
    twice = daemon.run(
        "tenants", "add", COMES, "--section", str(section), "--pipeline-key-file", str(key)
    )

    assert lacking.returncode == 1
    assert f"tenants.{COMES}.pipeline_key: is needed" in lacking.stderr
    assert (added.returncode, json.loads(added.stdout)["mode"]) == (0, "observe"), added.stderr
    assert (twice.returncode, "is served already" in twice.stderr) == (1, True)
    settings = daemon.get(f"/api/v1/tenants/{COMES}/settings").json()["items"]
    (start,) = [one for one in settings if one["key"].endswith(".start_date")]
    assert (start["value"], start["source"]) == ("2026-01-01", "added")


def noted(daemon: Daemon) -> int:
    """What Pipeline's webhook for the tenant is answered."""
    secret = daemon.worlds.told["pipeline"]["tenants"][COMES]["webhook_secret"]
    body, sent_at = '{"type": "changes.available"}', datetime.now(UTC)
    headers = {
        "webhook-id": str(uuid4()),
        "webhook-timestamp": str(int(sent_at.timestamp())),
    }
    headers["webhook-signature"] = Webhook(secret).sign(headers["webhook-id"], sent_at, body)
    url = f"http://127.0.0.1:{daemon.ports[1]}/webhooks/pipeline/{COMES}"
    return call("POST", url, json.loads(body), **headers).status


def test_webhooks_of_an_added_tenant_are_taken_while_it_is_served(daemon: Daemon) -> None:
    secret = daemon.worlds.told["pipeline"]["tenants"][COMES]["webhook_secret"]
    before = noted(daemon)
    daemon.post("/api/v1/tenants", wanted(daemon, pipeline_webhook_secret=secret))
    served_now = noted(daemon)
    daemon.run("tenants", "remove", COMES)

    assert (before, served_now, noted(daemon)) == (401, 204, 401)
    assert secret not in daemon.log.read_text("utf-8")
