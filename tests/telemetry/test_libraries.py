"""Libraries speak through our log, or not at all."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from syncd.telemetry import libraries
from syncd.telemetry.logs import make_logger


class _Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = list(root.handlers)
    out = io.StringIO()
    libraries.forward(make_logger(_Clock(), stream=out, pretty=False))
    yield out
    root.handlers[:] = before
    for name in libraries.SILENT:
        logging.getLogger(name).disabled = False


def test_a_librarys_warning_is_a_redacted_line(said: io.StringIO) -> None:
    logging.getLogger("apscheduler").warning("run late, Bearer abcdefghijkl")

    line = json.loads(said.getvalue())
    assert (line["event"], line["library"]) == ("library.warned", "apscheduler")
    assert "abcdefgh" not in line["text"]


def test_the_server_never_echoes_a_request_line(said: io.StringIO) -> None:
    logging.getLogger("aiohttp.server").error("bad request line GET /oauth?code=secret")

    assert said.getvalue() == ""
