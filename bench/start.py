"""What a start costs and what the daemon holds at rest.

    python bench/start.py [--rounds 5] [--json FILE]

Starts `syncd run` as units do, over a store that is there already, with one tenant that nobody has
connected, and asks /readyz until it answers. Told are medians over the rounds: CPU of the process
until then, divided by that of `python -c "import aiohttp.web"` in the same rounds, and the memory
it holds a second later. Where PYTHONDONTWRITEBYTECODE is set, every start compiles our own sources
as well, which an installation does once.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.journeys.support.harness import free_ports  # noqa: E402 - after the path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LONGEST_S = 60.0


def import_s() -> float:
    """CPU of importing aiohttp's server, and nothing else."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def configuration(folder: Path, port: int, public: int) -> Path:
    """A configuration of one tenant."""
    path = folder / "syncd.toml"
    path.write_text(
        f"""
[server]
listen = "127.0.0.1:{port}"
public_listen = "127.0.0.1:{public}"
public_url = "http://127.0.0.1:{public}"
[store]
url = "sqlite://{folder / "syncd.db"}"
[security]
encryption_key = "{urlsafe_b64encode(b"k" * 32).decode()}"
operator_token = "an operator of this bench"
[xero]
client_id = "bench"
client_secret = "a secret of this bench, nobody else's"
[tenants.acme]
pipeline_url = "http://127.0.0.1:9"
pipeline_key = "a key of this bench, nobody else's"
invoice_url = "https://app.pipeline.example/invoices/{{id}}"
due_days = 20
""",
        "utf-8",
    )
    return path


def start(folder: Path) -> tuple[float, float]:
    """CPU seconds until ready, and megabytes a second later."""
    port, public = free_ports(2)
    config = configuration(folder, port, public)
    program = "from syncd.cli import main; main()"
    command = [sys.executable, "-c", program, "run", "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own
        try:
            until = time.monotonic() + LONGEST_S
            while not is_ready(port):
                assert process.poll() is None, "the daemon ended"
                assert time.monotonic() < until, "the daemon was not ready in time"
                time.sleep(0.02)
            place = Path(f"/proc/{process.pid}")
            words = (place / "stat").read_text().rpartition(")")[2].split()
            cpu_s = (int(words[11]) + int(words[12])) / TICKS
            time.sleep(1)
            pages = int((place / "statm").read_text().split()[1])
            return cpu_s, pages * PAGE / 2**20
        finally:
            process.terminate()


def is_ready(port: int) -> bool:
    """Whether it takes work."""
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's word
    return False


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start(folder)  # makes the store, and what Python keeps of the sources
        rounds = [(import_s(), *start(folder)) for _ in range(options.rounds)]
    imported_s, ready_s, held_mb = (statistics.median(each) for each in zip(*rounds, strict=True))
    found = {
        "ratio_start": round(ready_s / imported_s, 2),
        "ready_cpu_ms": round(1000 * ready_s),
        "import_aiohttp_web_cpu_ms": round(1000 * imported_s),
        "rss_idle_mb": round(held_mb, 1),
    }
    for key, figure in found.items():
        print(f"{key:>26} {figure:>8}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
