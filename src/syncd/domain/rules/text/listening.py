"""Why an address cannot be listened on and what to do: the setting, the address, the remedy.

Called by whoever listens or tries to: `web.http.listener`, `runtime.kept_address`, and
`bootstrap.preflight`.
"""

from __future__ import annotations

import errno

_WHY = {
    errno.EADDRINUSE: "another program listens there: end it, or set another port",
    errno.EADDRNOTAVAIL: "this machine has no such address: set one of its own",
    errno.EACCES: "a port below 1024 is root's alone: set a higher one",
}
_UNKNOWN = "the name is unknown here: set an address of this machine"


def cannot_listen(key: str, address: str, error: OSError | UnicodeError) -> str:
    """What a person reads when `address`, set by `key`, cannot be listened on for this error."""
    code = getattr(error, "errno", None) or 0
    why = _WHY.get(code) or (_UNKNOWN if code <= 0 else getattr(error, "strerror", ""))
    return f"{key}: {address} cannot be listened on: {why}"
