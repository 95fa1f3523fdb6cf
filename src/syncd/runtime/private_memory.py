"""A process whose memory leaves no trace: no core file, and nobody but root looks into it.

Called by `syncd run` before a secret is read. The shipped unit does the same from outside; this is
for whoever starts syncd in another way.
"""

from __future__ import annotations

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4  # prctl(2)


def keep_private() -> None:
    """From here on this process dumps no core and cannot be traced by others of the same user."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
