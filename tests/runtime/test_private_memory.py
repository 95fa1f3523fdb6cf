"""What the kernel says of a process that keeps its memory to itself."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import ctypes, resource
from syncd.runtime.private_memory import keep_private
keep_private()
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_process_dumps_no_core_and_is_not_traced() -> None:
    """In a process of its own, for it cannot be taken back. 3 is PR_GET_DUMPABLE."""
    found = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=30
    )

    assert found.stdout.split() == ["0", "0"]
