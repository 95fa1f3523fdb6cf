"""The machine's clock is what its name says; its promises stand in tests/contracts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.runtime.system_clock import SystemClock, boot, since_boot_s


def test_system_clock_has_no_offset() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_time_since_the_boot_only_grows() -> None:
    first = since_boot_s()

    assert 0 < first <= since_boot_s()


def test_boot_is_the_same_for_every_process_of_it(tmp_path: Path) -> None:
    told = tmp_path / "boot_id"
    told.write_text("a3b4\n")

    assert boot(told) == "a3b4"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_boot_nobody_can_tell_is_unknown(tmp_path: Path, content: bytes | None) -> None:
    told = tmp_path / "boot_id"
    if content is not None:
        told.write_bytes(content)

    assert boot(told) == ""
