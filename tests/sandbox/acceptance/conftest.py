"""One running sandbox for all these tests; new books for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3

from tests.sandbox.acceptance.support.running import Recorder, Sandbox, started
from tests.sandbox.acceptance.support.sdk import Xero


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with started("--seed", "7") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.begin()
    return running


@pytest.fixture
def xero(sandbox: Sandbox) -> Iterator[Xero]:
    with urllib3.PoolManager() as http:
        own = Xero(sandbox, Recorder(http))
        own.connect()
        yield own
