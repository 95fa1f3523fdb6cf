"""tap-xero's discovery and a sync of every stream the sandbox has, whose first line is on stdin.

Run by `make check-clients` in an environment of its own; it ends with the number of its records.
"""

from __future__ import annotations

import base64
import io
import json
import sys
import tempfile
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
import tap_xero
from tap_xero import client
from tap_xero.context import Context

CALLBACK = "http://localhost:5000/callback"
SCOPES = (
    "offline_access accounting.invoices accounting.payments accounting.contacts "
    "accounting.settings.read"
)
STREAMS = {
    *("accounts", "branding_themes", "contacts", "credit_notes", "currencies", "invoices"),
    *("organisations", "overpayments", "payments", "prepayments", "tax_rates"),
    "tracking_categories",
}


def config_of(at: dict) -> dict:
    """What the tap is configured with after a consent."""
    query = {"response_type": "code", "client_id": at["client_id"], "redirect_uri": CALLBACK}
    query |= {"scope": SCOPES, "state": "s"}
    back = requests.get(at["authorize_url"], params=query, allow_redirects=False, timeout=10)
    code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
    basic = base64.b64encode(f"{at['client_id']}:{at['client_secret']}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    head = {"Authorization": f"Basic {basic}"}
    url = f"{at['identity_url']}/connect/token"
    pair = requests.post(url, data=form, headers=head, timeout=10).json()
    head = {"Authorization": f"Bearer {pair['access_token']}"}
    tenants = requests.get(f"{at['api_url']}/connections", headers=head, timeout=10).json()
    return {
        "client_id": at["client_id"],
        "client_secret": at["client_secret"],
        "refresh_token": pair["refresh_token"],
        "tenant_id": tenants[0]["tenantId"],
        "start_date": "2020-01-01T00:00:00Z",
    }


def redirected(at: dict) -> None:
    """Point the tap, whose addresses are written into it, at the sandbox."""
    client.BASE_URL = f"{at['api_url']}/api.xro/2.0"
    post = requests.Session.post

    def posted(self: requests.Session, url: str, **more: object) -> requests.Response:
        return post(self, url.replace("https://identity.xero.com", at["identity_url"]), **more)

    requests.Session.post = posted


def main() -> None:
    """Discover, select what there is, sync, and count the records of each stream."""
    at = json.loads(sys.stdin.readline())["xero"]
    redirected(at)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "config.json")
        config = config_of(at)
        catalog = tap_xero.discover(Context(config, {}, {}, path))
        for stream in catalog.streams:
            for entry in stream.metadata:
                if not entry["breadcrumb"]:
                    entry["metadata"]["selected"] = stream.tap_stream_id in STREAMS
        out = io.StringIO()
        with redirect_stdout(out):
            tap_xero.sync(Context(config, {}, catalog, path))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    counts = Counter(line["stream"] for line in lines if line["type"] == "RECORD")
    assert set(counts) >= {"organisations", "invoices", "contacts", "payments"}, counts
    assert {line["stream"] for line in lines if line["type"] == "SCHEMA"} == STREAMS
    sys.stdout.write(f"tap-xero: {sum(counts.values())} records of {len(counts)} streams\n")


main()
