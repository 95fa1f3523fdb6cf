"""One telling of the acceptance story for all these tests; the published files only on demand."""

from __future__ import annotations

import os

import pytest

from tests.sandbox.spec.support.published import Description, Missing, descriptions
from tests.sandbox.spec.support.telling import Told, tell


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without `-m spec` the tests that need the published files are left out, not skipped."""
    if "spec" in str(config.option.markexpr):
        return
    on_demand = [each for each in items if each.get_closest_marker("spec")]
    if on_demand:
        config.hook.pytest_deselected(items=on_demand)
        items[:] = [each for each in items if not each.get_closest_marker("spec")]


@pytest.fixture(scope="session")
def published() -> dict[str, Description]:
    try:
        return descriptions(os.environ.get("SPECS", ""))
    except Missing as missing:
        pytest.exit(f"check-spec: {missing}", returncode=2)


@pytest.fixture(scope="session")
def told() -> Told:
    return tell()
