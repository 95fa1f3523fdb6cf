"""Reports over real HTTP: kept by their digest, drawn in every form, noted as reviewed by name."""

from __future__ import annotations

from syncd.store import journal, settings
from tests.engine.support.operating import SYNCED, _settings
from tests.store.build import ACME
from tests.web.api.running.test_works import TENANT, ended, working


async def test_a_report_is_ordered_kept_and_noted_as_reviewed() -> None:
    async with working() as served:
        await served.desk.seed({"a": SYNCED})
        await served.desk.store.run(settings.put(ACME, _settings()))

        ordered = await served.client.post(f"{TENANT}/jobs/report", role="Admin")
        job = await ended(served, ordered.json)
        kept = f"{TENANT}/reports/{job['result']}"
        report = await served.client.get(kept, role="Office")
        page = await served.client.get(f"{kept}?format=html", role="Office")
        refused = await served.client.post(f"{kept}/review", role="Office")
        reviewed = await served.client.post(f"{kept}/review", role="Admin")
        listed = (await served.client.get(f"{TENANT}/reports")).json["items"]
        told = await served.desk.store.fetch(journal.of_object(ACME, "Report", job["result"]))

    assert ordered.status == 202
    assert (job["kind"], job["state"], job["asked_by"]) == ("report", "done", "admin")
    assert report.json["digest"] == job["result"]
    assert page.headers["Content-Type"].startswith("text/html")
    assert refused.status == 403
    assert (reviewed.status, reviewed.json["reviewed_by"]) == (200, "admin")
    assert [one["digest"] for one in listed] == [job["result"]]
    assert [(one.entry.description, one.entry.who) for one in told] == [
        (f"Report reviewed: {job['result']}", "admin")
    ]
