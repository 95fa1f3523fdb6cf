"""The file behind `syncd sandbox --state`: both pretend worlds, kept between two runs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio

from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.sandbox import state
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.xero.server.app import XeroWorld

EVERY_S = 5.0


@dataclass(slots=True)
class StateFile:
    """As a context: read at its start when it exists, written at its end."""

    path: Path
    xero: XeroWorld
    pipeline: PipelineWorld
    every_s: float = EVERY_S
    _is_stale: bool = False

    @property
    def is_there(self) -> bool:
        """Whether an earlier run left something."""
        return self.path.exists()

    def __enter__(self) -> Self:
        if self.is_there:
            try:
                state.given_back(json.loads(self.path.read_text("utf-8")), self.xero, self.pipeline)
            except (OSError, ValueError, KeyError) as error:
                end(Exit.USAGE, f"--state {self.path}: {error}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.write()

    def touch(self) -> None:
        """Something may have changed."""
        self._is_stale = True

    async def keep(self) -> None:
        """Write every `every_s` seconds, as long as something changes; until cancelled."""
        while True:
            await anyio.sleep(self.every_s)
            if self._is_stale:
                self.write()

    def write(self) -> None:
        """Put the worlds down whole, or leave what was there."""
        self._is_stale = False
        beside = self.path.with_name(f"{self.path.name}.part")
        beside.write_text(json.dumps(state.taken(self.xero, self.pipeline)), "utf-8")
        os.replace(beside, self.path)  # noqa: PTH105 - one call that either happens or not
