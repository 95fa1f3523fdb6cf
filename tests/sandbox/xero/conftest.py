"""A connected app in a pretend Xero, driven without sockets."""

from __future__ import annotations

import pytest

from tests.sandbox.xero.builders import Client, new_client


@pytest.fixture
def client() -> Client:
    return new_client()
