"""The report over HTTP: one row of the API's table, in three forms.

Called by `api`, which knows the tenants. Each request reads both books anew; a form is drawn from
the same shapes, so its digest is that of the JSON beside it.
"""

from __future__ import annotations

import re

from aiohttp import web

from syncd.domain.errors import RemoteError, Throttled
from syncd.domain.rules.tenant import connection
from syncd.domain.rules.text import wording
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import Role
from syncd.web.http.problems import ProblemError
from syncd.web.report import csv, page, shapes
from syncd.web.report.shapes import ControlReport

FORMATS = ("json", "csv", "html")
KINDS = ("text/csv", "text/html")
"""What a report is answered in besides JSON."""
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; "
    "frame-ancestors 'none'",
}


class Reports(Handlers):
    """The control totals."""

    async def report(self, request: web.Request) -> ControlReport | web.Response:
        """Control totals, read now."""
        tenant = self._asked(request)
        form = form_of(request)
        reporting = self._operations.reports
        closed_by = reporting.closed_by(tenant)
        if closed_by is not None:
            raise ProblemError(409, "Not read", connection.to_open(closed_by))
        try:
            found = shapes.shape(await reporting.report(tenant))
        except Throttled:
            raise
        except RemoteError as error:
            detail = (
                f"Both books have to be read whole, and that failed. {wording.what_happened(error)}"
            )
            raise ProblemError(503, "Try again later", detail) from None
        if form == "json":
            return found
        return drawn(found, form)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="report", method="GET", path=TENANT + "/report", role=Role.OFFICE,
                summary="Control totals: Pipeline = Xero + listed exceptions",
                query=("format",), answers=ControlReport, also=KINDS, call=self.report,
                refusals=(400, 404, 409, 503),
            ),
        )  # fmt: skip


def form_of(request: web.Request) -> str:
    """The form that is asked for. Raises a 400 problem."""
    form = request.query.get("format", "json")
    if form not in FORMATS:
        detail = f"format: expected {', '.join(FORMATS)}; got {form!r}."
        raise ProblemError(400, "Not understood", detail)
    return form


def drawn(report: ControlReport, form: str) -> web.Response:
    """A report as CSV or as a page that prints."""
    tenant = re.sub(r"[^A-Za-z0-9_-]", "_", report.tenant)
    name = f"control-totals-{tenant}-{report.read_to:%Y%m%dT%H%M%SZ}.{form}"
    headers = {**_HEADERS, "Content-Disposition": f'inline; filename="{name}"'}
    text = csv.render(report) if form == "csv" else page.render(report)
    kind = "text/csv" if form == "csv" else "text/html"
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)
