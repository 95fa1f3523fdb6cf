"""The report over HTTP: three forms of one reading, for whoever may read."""

from __future__ import annotations

import csv
import io
from typing import Any, cast

import pytest

from syncd.domain.errors import RemoteError, ServerTrouble, Throttled
from syncd.domain.rules.tenant.connection import ConnectionState
from tests.web.support.reports import ReportService, report
from tests.web.support.serving import Served, operators

PATH = "/api/v1/tenants/acme/report"


def reads(served: Served, **how: Any) -> None:
    cast("Any", served.desk.operations).reports = ReportService(**how)


async def test_every_form_bears_the_same_digest() -> None:
    async with operators() as served:
        reads(served)
        digest = report().digest

        plain = await served.client.get(PATH, role="Office")
        table = await served.client.get(f"{PATH}?format=csv", role="Office")
        page = await served.client.get(f"{PATH}?format=html", role="Office")

        assert plain.json["digest"] == digest
        assert plain.json["ties_out"] is True
        cells = {row["label"] for row in csv.DictReader(io.StringIO(table.body.decode()))}
        assert digest in cells
        assert digest in page.body.decode()
        assert table.headers["Content-Type"].startswith("text/csv")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_a_form_that_does_not_exist_is_refused_with_those_that_do() -> None:
    async with operators() as served:
        answer = await served.client.get(f"{PATH}?format=pdf")

        assert answer.status == 400
        assert "html" in answer.json["detail"]


async def test_without_a_connection_nothing_is_read() -> None:
    async with operators() as served:
        served.desk.column.state = ConnectionState.NOT_CONNECTED
        answer = await served.client.get(PATH)

        assert answer.status == 409
        assert "Connect to Xero" in answer.json["detail"]


@pytest.mark.parametrize(
    "error",
    [
        ServerTrouble("offline", system="xero"),
        Throttled("the day is spent", retry_after_s=90, limit="day"),
    ],
)
async def test_a_read_that_failed_is_no_report(error: RemoteError) -> None:
    async with operators() as served:
        reads(served, error=error)
        answer = await served.client.get(PATH)

        assert answer.status == 503
        assert "digest" not in answer.json
