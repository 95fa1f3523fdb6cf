"""Writes into a wheel from which commit it was built: SYNCD_COMMIT's, else that of the checkout.

Called by hatchling. An editable installation has none: its source changes without being built.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "syncd/cli/files/commit"


class CommitHook(BuildHookInterface):
    """hatchling finds it by its base class."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before a build: one more file for a wheel."""
        commit = os.environ.get("SYNCD_COMMIT") or self._checked_out()
        if version == "editable" or not commit:
            return
        file = Path(tempfile.mkdtemp()) / "commit"
        file.write_text(f"{commit}\n", "utf-8")
        build_data["force_include"][str(file)] = PLACE

    def _checked_out(self) -> str:
        words = ["git", "-C", self.root, "rev-parse", "--short=12", "HEAD"]
        try:
            return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return ""
