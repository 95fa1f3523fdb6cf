"""The ownership mark: says in Xero which installation made a document, and for which invoice.

It lives in the invoice's Url (shown in Xero as "Go to Pipeline"): the configured address of the
invoice in Pipeline with `syncd=<installation>` in its query. The link row is the first proof that a
document is ours, the mark the second; a bookkeeper cannot edit it by accident.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from syncd.domain.ids import InstallationId, PipelineInvoiceId
from syncd.domain.model.value import Value

PARAMETER = "syncd"
_UUID = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])"
)


class Mark(Value, frozen=True, kw_only=True):
    """What a marked address says. `ids` are its uuids in order, for a template may hold others."""

    ids: tuple[PipelineInvoiceId, ...]
    installation: InstallationId

    @property
    def pipeline_id(self) -> PipelineInvoiceId:
        """The invoice it speaks of: the last uuid, for addresses go from the general to the one."""
        return self.ids[-1]


class Owner(StrEnum):
    """Whose a document is, judged by its mark alone."""

    OURS = "ours"
    OURS_OTHER = "ours_other"
    FOREIGN = "foreign"


class Ownership(Value, frozen=True, kw_only=True):
    """Whose a document is; `other` names the Pipeline invoice an OURS_OTHER was made for."""

    owner: Owner
    other: PipelineInvoiceId | None = None


FOREIGN = Ownership(owner=Owner.FOREIGN)


def mark_url(
    invoice_url_template: str, pipeline_id: PipelineInvoiceId, installation: InstallationId
) -> str:
    """The address to write: `{id}` filled in, our parameter last in the query, fragment kept."""
    return quote(pipeline_id, safe="").join(_around_id(invoice_url_template, installation))


@lru_cache(maxsize=1024)
def _around_id(template: str, installation: InstallationId) -> tuple[str, ...]:
    """What stands before, between and after the id: the same for all invoices of a tenant."""
    place = "id"
    while place in template or place in PARAMETER or place in quote(installation, safe=""):
        place += "0"
    parts = urlsplit(template.replace("{id}", place))
    ours = f"{PARAMETER}={quote(installation, safe='')}"
    query = f"{parts.query}&{ours}" if parts.query else ours
    marked = urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))
    return tuple(marked.split(place))


def read_mark(url: str) -> Mark | None:
    """The mark in `url`, whatever the host; None when it carries no parameter or no uuid of ours.

    The installation's own name may look like a uuid, so its parameter is set aside first.
    """
    if PARAMETER not in url:
        return None
    try:
        parts = urlsplit(url.strip())
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:  # "http://[", or a query with too many fields: nothing we have written
        return None
    installation = next((value for name, value in reversed(pairs) if name == PARAMETER), "")
    others = " ".join(value for name, value in pairs if name != PARAMETER)
    found = _UUID.findall(f"{unquote(parts.path)} {others} {unquote(parts.fragment)}".lower())
    if not installation or not found:
        return None
    return Mark(
        ids=tuple(PipelineInvoiceId(each) for each in found),
        installation=InstallationId(installation),
    )


def owner_of(live_url: str, installation: InstallationId) -> PipelineInvoiceId | None:
    """For which invoice this installation made the document with `live_url`; None: it did not."""
    mark = read_mark(live_url)
    return mark.pipeline_id if mark is not None and mark.installation == installation else None


def ownership_of(
    live_url: str, pipeline_id: PipelineInvoiceId, installation: InstallationId
) -> Ownership:
    """Whose the document with `live_url` is; another installation's is FOREIGN."""
    mark = read_mark(live_url)
    if mark is None or mark.installation != installation:
        return FOREIGN
    if pipeline_id.lower() in mark.ids:
        return Ownership(owner=Owner.OURS)
    return Ownership(owner=Owner.OURS_OTHER, other=mark.pipeline_id)
