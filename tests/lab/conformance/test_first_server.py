"""The first server of docs/pipeline-side.md meets the whole contract, as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.lab.conformance import notes
from syncd.lab.conformance.examine import Listener, examine
from syncd.lab.conformance.expectations import Verdict
from syncd.runtime.aiohttp_transport import tcp_transport

PAGE = Path(__file__).parents[3] / "docs" / "pipeline-side.md"
KEY, SECRET = "pip_key_1", "whsec_c2VjcmV0"
SHORTER = (("LIMIT, WINDOW_S, BORN = 100, 60", "LIMIT, WINDOW_S, BORN = 60, 3"),)
"""The minute of the limit is three seconds here."""


def first_server() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    for old, new in SHORTER:
        assert old in code
        code = code.replace(old, new)
    return str(code)


@pytest.fixture
def started(unused_tcp_port: int) -> Iterator[tuple[str, str]]:
    """The server running: its port, and a customer of it."""
    hook = f"http://127.0.0.1:{unused_tcp_port}/webhooks/pipeline/acme"
    command = [sys.executable, "-c", first_server(), "0", KEY, SECRET, hook]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603  (the page's own)
        try:
            assert server.stdout is not None
            port, customer = server.stdout.readline().split()
            yield port, customer
        finally:
            server.kill()


async def test_first_server_of_the_page_meets_every_expectation(
    started: tuple[str, str], unused_tcp_port: int
) -> None:
    port, customer = started
    transport = tcp_transport("pipeline")
    lines = await examine(
        transport,
        url=f"http://127.0.0.1:{port}/api/v1",
        key=KEY,
        customer=customer,
        old_cursor="0-1",
        listener=Listener(host="127.0.0.1", port=unused_tcp_port, key=notes.key_of(SECRET)),
    )
    await transport.close()

    assert {one.name: one.got for one in lines if one.verdict is not Verdict.MET} == {}


def test_first_server_is_no_longer_than_a_person_reads() -> None:
    code = [line for line in first_server().splitlines() if line.strip()]

    assert len(code) <= 170
