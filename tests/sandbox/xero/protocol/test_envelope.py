"""The forms answers take (facts §3.1)."""

from __future__ import annotations

from tests.sandbox.xero.builders import Client


def test_envelope_has_the_recorded_keys(client: Client) -> None:
    body = client.get("Organisation")

    assert list(body) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Organisations"]
    assert body["Status"] == "OK"
    assert body["DateTimeUTC"] == "/Date(1795306500000)/"
