"""Forwards what libraries log to our log: redacted, one JSON object a line.

aiohttp's server logger echoes the request line of a request it cannot parse, which may carry a
code or a ticket; its tracebacks of handlers are told by our own middleware already. It is silent.
"""

from __future__ import annotations

import logging

from syncd.telemetry.logs import Logger

SILENT = ("aiohttp.server", "aiohttp.access")


class _Forward(logging.Handler):
    """Hands warnings and worse to the program's log; locals and tracebacks stay behind."""

    def __init__(self, log: Logger) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One line; what was raised is named, not shown."""
        raised = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        self._log.warning(
            "library.warned", library=record.name, text=record.getMessage(), raised=raised
        )


def forward(log: Logger) -> None:
    """From here on libraries speak through `log`."""
    logging.getLogger().handlers[:] = [_Forward(log)]
    for name in SILENT:
        logging.getLogger(name).disabled = True
