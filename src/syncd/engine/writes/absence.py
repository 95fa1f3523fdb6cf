"""Says when what stood in Xero, and an answer lacks, is believed to be gone.

Called by the rounds of invoices and customers, and by a person's decision. Xero shows what was
voided, deleted, archived or merged, too: an answer without it is as a rule one that leaves it out.
What is deleted in Pipeline nobody would ask for again, and it would stand there for ever.
"""

from __future__ import annotations

from syncd.domain.model.job import Job
from syncd.domain.rules.queue.outcome import Transient
from syncd.engine.core.context import SyncContext

ANSWERS_WITHOUT_IT = 3
"""So many answers in a row may lack it, each some time after the one before."""
NOT_SHOWN = Transient(why="Xero did not show it; it is looked for again before that is believed.")


def is_believed(context: SyncContext, job: Job, *, is_lacking: bool) -> bool:
    """Note an answer that lacks what the job is about, or shows it; whether that is believed.

    A try that Xero failed at was no answer, though it counts as an attempt; attempts lie apart in
    time, where news that makes a job ready at once may ask thrice in a second.
    """
    place = (job.tenant, job.kind, job.key)
    if not is_lacking:
        context.lacking.pop(place, None)
        return True
    before = context.lacking.get(place, 0)
    if min(before, job.attempt) >= ANSWERS_WITHOUT_IT:
        del context.lacking[place]
        return True
    context.lacking[place] = before + 1
    return False
