"""No secret in a log line: keys that name secrets, and values that look like them, are masked."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

MASK = "[redacted]"
_SECRET_KEYS = re.compile(
    r"(token|secret|password|authorization|verifier|cookie|signature|code_challenge|ticket)$",
    re.IGNORECASE,
)
_SECRET_VALUES = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JWT
    r"|(Bearer|Basic)\s+[\w.~+/-]{8,}=*"
    r"|pip_key_\w+"
    r"|whsec_[\w+/=]+"
    r"|(?<=refresh_token=)[^&\s]+|(?<=client_secret=)[^&\s]+|(?<=code=)[^&\s]+"
)


def masked(text: str) -> str:
    """`text` with everything that looks like a secret replaced."""
    return _SECRET_VALUES.sub(MASK, text)


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: masks by name and by look, one level of nesting included."""
    for key, value in event.items():
        if _SECRET_KEYS.search(key):
            event[key] = MASK
        elif isinstance(value, str):
            event[key] = masked(value)
        elif isinstance(value, (list, tuple)):
            event[key] = [masked(item) if isinstance(item, str) else item for item in value]
    return event
