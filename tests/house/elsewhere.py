"""Rooms without a test room of their own, each with its reason; tests/house/test_mirror.py asks.

`proved by PATH` names the test file or folder that would fail if the room broke.
"""

from __future__ import annotations

ELSEWHERE: dict[str, str] = {}
