"""Rooms without a test room of their own, each with its reason; tests/house/test_mirror.py asks.

`proved by PATH` names the test file or folder that would fail if the room broke.
"""

from __future__ import annotations

ELSEWHERE: dict[str, str] = {
    "domain/model/contact.py": "proved by tests/domain/rules/contacts/test_field_moves.py",
    "domain/model/control_totals.py": "proved by tests/domain/rules/report/test_control_totals.py",
    # values with a constructor, a property or a one-line conversion, proved where they decide
    "domain/errors.py": "proved by tests/xero/test_faults.py, which raises the leaves",
    "domain/model/invoice.py": (
        "proved by tests/domain/rules/decide/test_threeway.py, where money forbids"
    ),
    "domain/model/snapshot.py": (
        "proved by tests/domain/rules/compare/test_snapshots.py, by fingerprint"
    ),
    "engine/plans/items.py": "proved by tests/engine/plans/test_invoices.py, item by item",
    "engine/plans/evaluate.py": "proved by tests/engine/plans/test_build.py, linked and unlinked",
    "domain/model/brake.py": "proved by tests/domain/rules/limits/test_brake.py, by what passes",
    "engine/operator/pages.py": (
        "proved by tests/engine/operator/test_operations.py, by what a page shows"
    ),
    "web/public/plain_page.py": "proved by tests/web/public/test_consent.py, page by page",
    "engine/replicas/member.py": "proved by tests/engine/replicas/test_standing_by.py",
    "bootstrap/listeners.py": "proved by tests/journeys/test_service.py, door by door",
    "bootstrap/stored_tenants.py": (
        "proved by tests/bootstrap/test_added_tenants.py, which starts again on what is stored"
    ),
    # one suite per port, run against every implementation
    "runtime/guards.py": "proved by tests/contracts/test_driver.py",
    "runtime/postgresql_transaction.py": (
        "proved by tests/runtime/test_asyncpg_driver.py, commit by commit"
    ),
    "runtime/postgresql_errors.py": (
        "proved by tests/runtime/test_asyncpg_driver.py, and test_postgresql_session.py"
    ),
    "lab/virtual/virtual_scheduler.py": "proved by tests/contracts/test_scheduler.py",
    # the parts of a simulated day, proved by days lived and by bugs planted in them
    "lab/judges/conduct.py": "proved by tests/simulation/test_mutants.py, which breaks each rule",
    "lab/daemon/consenting_person.py": (
        "proved by tests/simulation/test_simulation.py, first of all"
    ),
    "lab/days/day.py": "proved by tests/simulation/test_simulation.py",
    "lab/days/verdict.py": "proved by tests/simulation/test_mutants.py",
    "lab/days/mutants.py": "proved by tests/simulation/test_mutants.py",
    "lab/days/planted_in_rules.py": "proved by tests/simulation/test_mutants.py, which finds each",
    "lab/days/planted_in_workflows.py": (
        "proved by tests/simulation/test_mutants.py, which finds each"
    ),
    "lab/people/office_people.py": "proved by tests/simulation/test_simulation.py",
    "lab/people/drawn_bookkeeping.py": "proved by tests/lab/people/test_drawn.py, deed by deed",
    "lab/people/drawn_content.py": "proved by tests/lab/people/test_drawn.py, kind by kind",
    "lab/faults/reaper.py": "proved by tests/simulation/test_simulation.py, by its kills",
    "lab/days/simulation.py": "proved by tests/simulation/test_simulation.py",
    "lab/judges/situations.py": "proved by tests/simulation/test_simulation.py, by what it counts",
    "lab/watch/comparing.py": (
        "proved by tests/simulation/test_mutants.py, which lets the books differ"
    ),
    "lab/judges/contacts_agree.py": (
        "proved by tests/simulation/test_simulation.py, with both hands"
    ),
    "lab/days/peace.py": "proved by tests/simulation/test_simulation.py, which waits for it",
    "lab/people/operator_acts.py": (
        "proved by tests/simulation/test_simulation.py, by what it counts"
    ),
    "lab/people/operator_amid.py": (
        "proved by tests/simulation/test_simulation.py, by what it counts"
    ),
    "lab/people/operator_api.py": (
        "proved by tests/simulation/test_simulation.py, by what is answered"
    ),
    "lab/people/operator_backup.py": (
        "proved by tests/simulation/test_simulation.py, by what it counts"
    ),
    "lab/people/operator_desk.py": (
        "proved by tests/simulation/test_simulation.py, by what it counts"
    ),
    "lab/days/operator.py": "proved by tests/simulation/test_simulation.py, by what it counts",
    "lab/days/tally.py": "proved by tests/simulation/test_simulation.py, day by day",
    "lab/people/webhook_sender.py": (
        "proved by tests/simulation/test_mutants.py, by an answer before its commit"
    ),
    "lab/daemon/supervision.py": "proved by tests/simulation/test_simulation.py, by its kills",
    "lab/watch/tenancy.py": (
        "proved by tests/lab/judges/test_tenants_apart.py, as whose everything is"
    ),
    "lab/judges/write_conduct.py": (
        "proved by tests/lab/judges/test_tenants_apart.py, by another's documents"
    ),
    "lab/days/trial.py": "proved by tests/simulation/test_isolation.py, which lives it",
    "lab/watch/watched_xero.py": "proved by tests/simulation/test_mutants.py, at the door",
    # the insides of an emulator, proved through its handlers
    "lab/virtual/net_policy.py": "proved by tests/lab/virtual/test_memory_net.py",
    "sandbox/clock.py": "proved by tests/sandbox/test_control.py, which moves it",
    "sandbox/http.py": "proved by tests/sandbox/test_serve.py, in bytes",
    "sandbox/pipeline/problems.py": "proved by tests/sandbox/pipeline/test_app.py",
    "sandbox/pipeline/shapes.py": "proved by tests/sandbox/pipeline/test_results.py",
    # the composition root and the program: proved by running it
    "bootstrap/machine.py": "proved by tests/journeys/test_service.py, as a process",
    "bootstrap/restoration.py": (
        "proved by tests/cli/local/test_database_restore.py, and the engine's"
    ),
    "bootstrap/trials.py": "proved by tests/cli/local/test_configuration.py, call by call",
    "cli/local/reload.py": "proved by tests/journeys/test_supervised.py, as a process",
    "config/contradictions.py": "proved by tests/config/test_wrong_configurations.py",
    "config/wording.py": "proved by tests/config/test_wrong_configurations.py, word by word",
    "telemetry/daemon_metrics.py": "proved by tests/telemetry/test_metrics.py, fact by fact",
    "bootstrap/system.py": "proved by tests/journeys/test_books.py, as a process",
    "bootstrap/opening.py": "proved by tests/bootstrap/test_copying.py, who is refused and who not",
    "store/copies.py": "proved by tests/bootstrap/test_copying.py, table by table",
    "bootstrap/upkeep.py": "proved by tests/cli/local/test_database.py, command by command",
    "bootstrap/adapters.py": "proved by tests/journeys/test_books.py, as a process",
    "cli/__init__.py": "proved by tests/journeys/test_service.py, command by command",
    "cli/local/at_work.py": "proved by tests/journeys/test_service.py, signals and reloads",
    "cli/local/run_replica.py": "proved by tests/journeys/test_replicas.py, death by death",
    "bootstrap/replicas.py": "proved by tests/journeys/test_replicas.py, death by death",
    "bootstrap/standby.py": "proved by tests/journeys/test_replicas.py, asked at the standby",
    "cli/local/foreground.py": "proved by tests/journeys/test_service.py, signals and exit codes",
    "cli/local/run.py": "proved by tests/cli/test_daemon_start.py, beside the short start",
    # the engine's rooms of one workflow, proved by playing it between both worlds
    "engine/invoices/decision_input.py": "proved by tests/engine/invoices/test_decide.py",
    "engine/contacts/answers.py": "proved by tests/engine/contacts/test_decide.py",
    "engine/invoices/batch.py": "proved by tests/engine/writes/test_push.py",
    "engine/contacts/kind.py": "proved by tests/engine/contacts/test_decide.py, call by call",
    "engine/invoices/kind.py": "proved by tests/engine/writes/test_push.py, call by call",
    "engine/writes/earlier_writes.py": "proved by tests/engine/recovery/test_prober.py",
    "engine/writes/answers.py": "proved by tests/engine/invoices/test_answers.py",
    "engine/writes/probe.py": "proved by tests/engine/recovery/test_prober.py",
    "engine/writes/send.py": "proved by tests/engine/writes/test_push.py, call by call",
    "engine/writes/settle.py": "proved by tests/engine/invoices/test_decide.py, end by end",
    "engine/contacts/probe_reads.py": (
        "proved by tests/engine/recovery/test_prober.py, the uncertain contact"
    ),
    "engine/contacts/end.py": "proved by tests/engine/contacts/test_decide.py, end by end",
    "engine/contacts/round.py": "proved by tests/engine/contacts/test_decide.py, as its settings",
    "engine/contacts/settle.py": "proved by tests/engine/contacts/test_decide.py",
    "engine/reports/control_entries.py": (
        "proved by tests/engine/reports/test_control_totals.py, cause by cause"
    ),
    "engine/reports/control_people.py": (
        "proved by tests/engine/reports/test_control_totals.py, by customer"
    ),
    "store/control_totals.py": "proved by tests/engine/reports/test_control_totals.py, row by row",
    "engine/contacts/loaded_customer.py": "proved by tests/engine/contacts/test_decide.py",
    "engine/invoices/probe_reads.py": "proved by tests/engine/recovery/test_prober.py",
    "engine/invoices/loaded_invoice.py": "proved by tests/engine/writes/test_push.py",
    "engine/writes/open_calls.py": "proved by tests/engine/recovery/test_prober.py",
    "engine/writes/probe_reads.py": "proved by tests/engine/recovery/test_prober.py",
    "engine/sweeps/contact_pages.py": (
        "proved by tests/engine/sweeps/test_sweeper.py, a contact's edit"
    ),
    "engine/sweeps/invoice_pages.py": "proved by tests/engine/sweeps/test_sweeper.py",
    "engine/sweeps/step.py": (
        "proved by tests/engine/sweeps/test_full_sweep.py, which goes on after one"
    ),
    "xero/ledger_part.py": "proved by tests/xero/test_ledger_reads.py, list by list",
    "xero/wire_summaries.py": "proved by tests/xero/test_ledger_sweeps.py, row by row",
    "engine/invoices/settle.py": "proved by tests/engine/invoices/test_decide.py, end by end",
    "store/calls.py": "proved by tests/store/test_intents.py, call by call",
    # sweeps: proved by playing them between both worlds
    "domain/model/value.py": "proved by tests/domain/builders.py, field by field",
    "web/api/handlers.py": "proved by tests/web/api/test_application.py, where a tenant is unknown",
}
