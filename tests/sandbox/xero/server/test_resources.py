"""Paths and their query parameters; wrong ones stand in test_refusals."""

from __future__ import annotations

from tests.sandbox.xero.builders import Client, new_client


def test_unknown_parameter_passes_when_not_strict() -> None:
    client = new_client(strict_queries=False)

    assert client.get("Invoices", colour="red")["Invoices"] == []


def test_paths_ignore_case(client: Client) -> None:
    assert client.get("organisation")["Organisations"]
    assert client.get("/API.XRO/2.0/Organisation")["Organisations"]
