"""The laws of the mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import InstallationId, PipelineInvoiceId
from syncd.domain.rules.compare import ownership_mark
from tests.domain import builders

UUIDS = st.uuids().map(str)
INSTALLATIONS = st.text(min_size=1, max_size=20) | UUIDS
TEMPLATES = st.sampled_from(
    [
        "https://app.pipeline.example/invoices/{id}",
        "https://app.pipeline.example/invoices/{id}?tab=xyz",
        "https://app.pipeline.example/?invoice={id}",
        "https://app.pipeline.example/#/invoices/{id}",
        "https://app.pipeline.example/99999999-9999-4999-8999-999999999999/invoices/{id}",
    ]
)


@given(TEMPLATES, UUIDS, INSTALLATIONS)
def test_mark_is_read_back_as_it_was_written(template: str, uuid: str, installation: str) -> None:
    url = ownership_mark.mark_url(template, PipelineInvoiceId(uuid), InstallationId(installation))

    read = ownership_mark.read_mark(url)

    assert read is not None
    assert read.pipeline_id == uuid
    assert read.installation == installation


def test_mark_is_appended_to_the_query_the_address_has() -> None:
    plain = ownership_mark.mark_url(
        "https://a.example/i/{id}", builders.INVOICE_ID, builders.INSTALLATION
    )
    queried = ownership_mark.mark_url(
        "https://a.example/i?n={id}", builders.INVOICE_ID, InstallationId("s")
    )

    assert plain == f"https://a.example/i/{builders.INVOICE_ID}?syncd=s-7f3a"
    assert queried == f"https://a.example/i?n={builders.INVOICE_ID}&syncd=s"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://app.pipeline.example/invoices/11111111-1111-4111-8111-111111111111",
        "https://app.pipeline.example/invoices/17?syncd=s-7f3a",
        "https://a.example/11111111-1111-4111-8111-111111111111?syncd=",
        "https://a.example/?syncd=11111111-1111-4111-8111-111111111111",
        "http://[?syncd=1",
    ],
)
def test_address_without_both_parts_carries_no_mark(url: str) -> None:
    assert ownership_mark.read_mark(url) is None


@given(st.text(max_size=60))
def test_any_text_is_read_without_raising(url: str) -> None:
    ownership_mark.read_mark(url)
    ownership_mark.read_mark(f"{url}?syncd={url}")


def test_owner_is_told_by_uuid_and_installation_whatever_the_host() -> None:
    moved = f"https://other.example/x/{builders.INVOICE_ID.upper()}?syncd=s-7f3a"

    ours = ownership_mark.ownership_of(moved, builders.INVOICE_ID, builders.INSTALLATION)
    other = ownership_mark.ownership_of(moved, builders.OTHER_INVOICE_ID, builders.INSTALLATION)
    foreign = ownership_mark.ownership_of(moved, builders.INVOICE_ID, InstallationId("s-other"))

    assert ours.owner is ownership_mark.Owner.OURS
    assert other == ownership_mark.Ownership(
        owner=ownership_mark.Owner.OURS_OTHER, other=builders.INVOICE_ID
    )
    assert foreign.owner is ownership_mark.Owner.FOREIGN
