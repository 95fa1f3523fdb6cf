"""Rooms without a test room of their own, each with its reason; tests/house/test_mirror.py asks.

`proved by PATH` names the test file or folder that would fail if the room broke.
"""

from __future__ import annotations

ELSEWHERE: dict[str, str] = {
    # values with a constructor, a property or a one-line conversion, proved where they decide
    "domain/errors.py": "proved by tests/xero/test_faults.py, which raises the leaves",
    "domain/model/invoice.py": "proved by tests/domain/test_threeway.py, where money forbids",
    "domain/model/snapshot.py": "proved by tests/domain/test_snapshots.py, by fingerprint",
    "domain/model/statuses.py": "proved by tests/domain/test_progress.py, as an order",
    "domain/rules/cells.py": "proved by tests/domain/test_comparison.py, cell by cell",
    "store/rows.py": "proved by tests/store/test_jobs.py, by what comes back",
    # one suite per port, run against every implementation
    "lab/inline_driver.py": "proved by tests/contracts/test_driver.py",
    "runtime/sqlite_transaction.py": "proved by tests/contracts/test_driver.py, twice",
    # the insides of an emulator, proved through its handlers
    "lab/net_policy.py": "proved by tests/lab/test_memory_net.py",
    "sandbox/clock.py": "proved by tests/sandbox/test_control.py, which moves it",
    "sandbox/http.py": "proved by tests/sandbox/test_serve.py, in bytes",
    "sandbox/pipeline/books.py": "proved by tests/sandbox/pipeline/test_reading.py",
    "sandbox/pipeline/documents.py": "proved by tests/sandbox/pipeline/test_app.py",
    "sandbox/pipeline/limits.py": "proved by tests/sandbox/pipeline/test_app.py, up to the 429",
    "sandbox/pipeline/problems.py": "proved by tests/sandbox/pipeline/test_app.py",
    "sandbox/pipeline/shapes.py": "proved by tests/sandbox/pipeline/test_app.py",
}
