"""asyncpg is an extra: without it syncd starts on a file, and says what PostgreSQL needs."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = """
import sys
sys.modules["asyncpg"] = None
import anyio
import syncd.bootstrap, syncd.cli
from syncd.runtime.postgresql_store import open_driver
anyio.run(open_driver, "postgresql://role@host/database")
"""


def test_library_that_is_not_installed_is_named_and_nothing_else_needs_it() -> None:
    ended = subprocess.run(  # noqa: S603 - our own words above
        [sys.executable, "-c", WITHOUT], check=False, capture_output=True, text=True
    )

    assert "pip install 'syncd[postgresql]'" in ended.stderr.splitlines()[-1]
