"""Every value a metric's label can take: closed sets, so that each series exists from the start.

`tenant` is the one open set, known when the registry is made. Names of our own calls, loops and
listeners are repeated here because the observers see no other floor; a test compares them.
"""

from __future__ import annotations

from syncd.domain.model.concern import Way
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.inbox import NoticeOutcome
from syncd.domain.model.job import JobState, PublicState
from syncd.domain.model.push import PushOutcome
from syncd.domain.model.settings import Mode
from syncd.domain.model.trouble import TroubleKind
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.domain.rules.tenant.connection import ConnectionState

JOB_STATES = tuple(map(str, JobState))
INVOICE_STATES = tuple(map(str, PublicState))
PUSH_OUTCOMES = tuple(map(str, PushOutcome))
CONNECTION_STATES = tuple(state.value for state in ConnectionState)
MODES = tuple(map(str, Mode))
TROUBLES = tuple(map(str, TroubleKind))
FINDINGS = tuple(map(str, FindingKind))
PUT_OUTCOMES = ("stored", "unchanged", "stale", "conflict", "not_found", "invalid", "unreadable")
REFRESH_OUTCOMES = ("refreshed", "unsent", "doubtful", "refused")
SYSTEMS = ("xero", "pipeline")
WINDOWS = ("minute", "day", "app_minute")
VERDICTS = tuple(
    str(verdict)
    for verdict in (
        NoticeOutcome.FETCHED,
        NoticeOutcome.ECHO,
        NoticeOutcome.COVERED,
        NoticeOutcome.NOT_OURS,
        NoticeOutcome.EXPLAINED,
        NoticeOutcome.RESOLVED,
        NoticeOutcome.PURCHASE,
        NoticeOutcome.CONTACT,
        NoticeOutcome.UNSEEN,
        NoticeOutcome.FAILED,
    )
)
AT_THE_DOOR = (
    "kept", "repeated", "unknown_category", "unknown_organisation", "bad_signature", "unreadable",
    "store_failed",
)  # fmt: skip
LOOPS = (
    "intake", "worker", "prober", "write_back", "waits", "tokens", "digest", "sweeper", "restore",
)  # fmt: skip
SHARED_LOOPS = ("clock", "sampler", "rescuer", "retention", "notify")
"""Loops for all tenants."""
SWEEPS = tuple(f"sweep_{task}" for task in Task if task is not Task.REVIEW)
SWEPT_TASKS = tuple(str(task) for task in Task if task is not Task.REVIEW)
SWEPT = ("rows", "ours", "news", "enqueued", "payments", "strangers")
DEFERRED = (*LOOPS, *SWEEPS)
SUCCEEDING = ("poll", *SWEEPS)
FORGOTTEN = ("intents", "calls", "events", "gaps", "findings", "consents", "words")
WAYS = tuple(map(str, Way))
DELIVERIES = ("delivered", "failed", "given_up")
STORE_PARTS = ("file", "free", "log")
STORE_TABLES = (
    *("calls", "desired", "findings", "glances", "inbox", "intents", "jobs", "journal", "links"),
    *("results", "sights"),
)
LISTENERS = ("api", "public")
FORWARDED = ("answered", "unanswered")
SERVICES = (*LOOPS, *SHARED_LOOPS, *LISTENERS, "receiver", "reload", "replica", "tenants")
REFUSALS = ("400", "401", "403", "404", "405", "408", "409", "410", "413", "415", "429")
OPERATIONS = (
    "create_invoices", "update_invoices", "create_contacts", "update_contacts", "read_invoices",
    "read_credits", "read_contacts", "read_history", "read_organisation", "read_accounts",
    "read_tax_rates", "read_currencies", "read_tracking", "sweep_invoices", "sweep_contacts",
)  # fmt: skip
"""Calls to Xero's books."""
STATUSES = ("0", "200", "400", "401", "403", "404", "429", "500", "503")
