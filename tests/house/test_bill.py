"""The bill of materials names every library of an installation, its licence and its files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.house.support.source import ROOT
from tests.house.test_project import PIN, lines_of


def test_bill_has_every_pin_with_its_digests_and_its_licence(tmp_path: Path) -> None:
    file = tmp_path / "new" / "syncd.cdx.json"
    subprocess.run([sys.executable, ROOT / ".ci/sbom.py", file], check=True)  # noqa: S603 - our own

    bill = json.loads(file.read_text("utf-8"))

    pins = [
        match.group(1, 2) for line in lines_of("requirements.txt") if (match := PIN.match(line))
    ]
    digests = [line for line in lines_of("requirements.txt") if "--hash=" in line]
    parts = bill["components"]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert [(each["name"], each["version"]) for each in parts] == pins
    assert sum(len(each["externalReferences"]) for each in parts) == len(digests)
    assert bill["metadata"]["component"]["name"] == "syncd"
    needed = [each for each in parts if each["scope"] == "required"]
    assert [each["name"] for each in needed if "licenses" not in each] == []
