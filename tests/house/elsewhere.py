"""Rooms without a test room of their own, each with its reason; tests/house/test_mirror.py asks.

`proved by PATH` names the test file or folder that would fail if the room broke.
"""

from __future__ import annotations

ELSEWHERE: dict[str, str] = {
    # values with a constructor, a property or a one-line conversion, proved where they decide
    "domain/errors.py": "proved by tests/xero/test_faults.py, which raises the leaves",
    "domain/model/invoice.py": "proved by tests/domain/test_threeway.py, where money forbids",
    "domain/model/snapshot.py": "proved by tests/domain/test_snapshots.py, by fingerprint",
    "engine/plan_items.py": "proved by tests/engine/test_plan_invoices.py, item by item",
    "engine/plan_judge.py": "proved by tests/engine/test_planning.py, for linked and unlinked",
    "store/rows.py": "proved by tests/store/test_jobs.py, by what comes back",
    "domain/model/brake.py": "proved by tests/domain/test_brakes.py, by what passes",
    "engine/pages.py": "proved by tests/engine/test_operations.py, by what a page shows",
    # one suite per port, run against every implementation
    "lab/inline_driver.py": "proved by tests/contracts/test_driver.py",
    "runtime/sqlite_transaction.py": "proved by tests/contracts/test_driver.py, twice",
    "lab/virtual_scheduler.py": "proved by tests/contracts/test_scheduler.py",
    # the parts of a simulated day, proved by days lived and by bugs planted in them
    "lab/checkers.py": "proved by tests/simulation/test_mutants.py, which feeds it lost edits",
    "lab/conduct.py": "proved by tests/simulation/test_mutants.py, which breaks each rule",
    "lab/consenting_person.py": "proved by tests/simulation/test_simulation.py, first of all",
    "lab/day.py": "proved by tests/simulation/test_simulation.py",
    "lab/judgement.py": "proved by tests/simulation/test_mutants.py",
    "lab/mutants.py": "proved by tests/simulation/test_mutants.py",
    "lab/player_hands.py": "proved by tests/simulation/test_simulation.py",
    "lab/reaper.py": "proved by tests/simulation/test_simulation.py, by its kills",
    "lab/simulated_daemon.py": "proved by tests/simulation/test_simulation.py",
    "lab/simulation.py": "proved by tests/simulation/test_simulation.py",
    "lab/situations.py": "proved by tests/simulation/test_simulation.py, by what it counts",
    "lab/store_reader.py": "proved by tests/simulation/test_mutants.py, at the door",
    "lab/comparing.py": "proved by tests/simulation/test_mutants.py, which lets the books differ",
    "lab/contacts_agree.py": "proved by tests/simulation/test_simulation.py, with both hands",
    "lab/money_told.py": "proved by tests/simulation/test_mutants.py, which drops payments",
    "lab/scene.py": "proved by tests/simulation/test_simulation.py, as what every judge reads",
    "lab/postman.py": "proved by tests/simulation/test_mutants.py, by an answer before its commit",
    "lab/rest.py": "proved by tests/simulation/test_simulation.py, which waits for it",
    "lab/supervision.py": "proved by tests/simulation/test_simulation.py, by its kills",
    "lab/watched_xero.py": "proved by tests/simulation/test_mutants.py, at the door",
    # the insides of an emulator, proved through its handlers
    "lab/net_policy.py": "proved by tests/lab/test_memory_net.py",
    "sandbox/clock.py": "proved by tests/sandbox/test_control.py, which moves it",
    "sandbox/http.py": "proved by tests/sandbox/test_serve.py, in bytes",
    "sandbox/pipeline/problems.py": "proved by tests/sandbox/pipeline/test_app.py",
    "sandbox/pipeline/shapes.py": "proved by tests/sandbox/pipeline/test_results.py",
    # the composition root and the program: proved by running it
    "bootstrap/machine.py": "proved by tests/journeys/test_service.py, as a process",
    "bootstrap/restoration.py": "proved by tests/cli/test_database_restore.py, and the engine's",
    "bootstrap/system.py": "proved by tests/journeys/test_books.py, as a process",
    "bootstrap/upkeep.py": "proved by tests/cli/test_database.py, command by command",
    "bootstrap/wings.py": "proved by tests/journeys/test_books.py, as a process",
    "cli/__init__.py": "proved by tests/journeys/test_service.py, command by command",
    "cli/run.py": "proved by tests/journeys/test_service.py, signals and exit codes",
    # the hall's rooms of one workflow, proved by playing it between both worlds
    "engine/case.py": "proved by tests/engine/test_decision.py",
    "engine/contact_answers.py": "proved by tests/engine/test_contacts.py",
    "engine/contact_delivery.py": "proved by tests/engine/test_contacts.py",
    "engine/contact_prober.py": "proved by tests/engine/test_prober.py, the uncertain contact",
    "engine/contact_probes.py": "proved by tests/engine/test_prober.py, the uncertain contact",
    "engine/contact_settling.py": "proved by tests/engine/test_contacts.py",
    "engine/control_entries.py": "proved by tests/engine/test_control_totals.py, cause by cause",
    "engine/control_people.py": "proved by tests/engine/test_control_totals.py, by customer",
    "store/control_totals.py": "proved by tests/engine/test_control_totals.py, row by row",
    "engine/customers.py": "proved by tests/engine/test_contacts.py",
    "engine/hall.py": "proved by tests/engine/test_delivery.py, which works in it",
    "engine/invoice_probes.py": "proved by tests/engine/test_prober.py",
    "engine/knowledge.py": "proved by tests/engine/test_delivery.py",
    "engine/open_calls.py": "proved by tests/engine/test_prober.py",
    "engine/probing.py": "proved by tests/engine/test_prober.py",
    "engine/record.py": "proved by tests/engine/test_delivery.py",
    "engine/replay.py": "proved by tests/engine/test_prober.py, the same key and bytes",
    "engine/contact_sightings.py": "proved by tests/engine/test_sweeper.py, a contact's edit",
    "engine/sightings.py": "proved by tests/engine/test_sweeper.py",
    "engine/sweep_turn.py": "proved by tests/engine/test_full_sweep.py, which goes on after one",
    "xero/wire_summaries.py": "proved by tests/xero/test_ledger_sweeps.py, row by row",
    "engine/settling.py": "proved by tests/engine/test_decision.py, end by end",
    "store/calls.py": "proved by tests/store/test_intents.py, call by call",
    # sweeps: proved by playing them between both worlds
    "domain/model/value.py": "proved by tests/domain/builders.py, field by field",
}
