"""docs/api.md names every operation with its role, and every field of what it answers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from syncd.web.api import shapes
from syncd.web.api.application import endpoints
from syncd.web.http import listing, problems
from syncd.web.http.guard import ROLE_NAMES
from tests.engine.support.operating import desk

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")


async def test_page_lists_every_operation_with_its_role() -> None:
    names = {value: name for name, value in ROLE_NAMES.items()}
    async with desk() as at:
        expected = {
            (f"`{one.method} {one.path}`", names[one.role]) for one in endpoints(at.operations)
        }

    rows = [line.split(" | ") for line in PAGE.splitlines() if "/api/v1/" in line]
    assert {(row[0].removeprefix("| "), row[1]) for row in rows} == expected


def test_page_names_every_parameter() -> None:
    assert [name for name in listing.PARAMETERS if f"| `{name}` |" not in PAGE] == []


@pytest.mark.parametrize("shape", [shapes.Tenant, shapes.InvoiceInFull, problems.Problem])
def test_page_names_every_field_that_does_not_explain_itself(
    shape: type[msgspec.Struct],
) -> None:
    plain = {
        "id", "number", "changed_at", "changed_by", "paused", "organisation", "organisation_id",
        "connected_at", "token_expires_at", "refresh_token_expires_at",
    }  # fmt: skip
    names = {field.encode_name for field in msgspec.structs.fields(shape)} - plain

    assert sorted(name for name in names if f"`{name}`" not in PAGE) == []
