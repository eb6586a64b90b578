"""How much memory this process has held at the most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_bytes() -> int:
    """Bytes held at the most since the process began.

    The kernel's own count of this program is read where there is one: the one of `getrusage` also counts what the
    parent held when it started us.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return int(dict(line.split(":") for line in lines)["VmHWM"].split()[0]) * 1024
