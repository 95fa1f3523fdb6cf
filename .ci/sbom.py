"""Writes what an installation of syncd is made of as CycloneDX 1.5: `make sbom`, into dist/.

The pins of requirements.txt say what and which version, with the digest of every file that may be
picked; the installed packages say under which licence. Nothing is asked over the network.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)==([\w.]+)(?: ; (.+?))?(?: \\)?$")
DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def document() -> dict[str, Any]:
    """The whole bill."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    own = {"type": "application", "name": project["name"], "version": project["version"]}
    own["bom-ref"] = f"pkg:pypi/{project['name']}@{project['version']}"
    own["licenses"] = [{"license": {"id": project["license"]}}]
    parts = list(components((ROOT / "requirements.txt").read_text("utf-8")))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": own},
        "components": parts,
        "dependencies": [{"ref": own["bom-ref"], "dependsOn": [each["bom-ref"] for each in parts]}],
    }


def components(pins: str) -> list[dict[str, Any]]:
    """One for each pin, in their order."""
    found: list[dict[str, Any]] = []
    for line in pins.splitlines():
        if pin := PIN.match(line):
            found.append(component(*pin.groups()))
        elif digest := DIGEST.search(line):
            where = {"type": "distribution", "url": found[-1]["purl"]}
            where["hashes"] = [{"alg": "SHA-256", "content": digest.group(1)}]
            found[-1]["externalReferences"].append(where)
    return found


def component(name: str, version: str, marker: str | None) -> dict[str, Any]:
    """A package; `marker` says where it is wanted."""
    purl = f"pkg:pypi/{name.lower()}@{version}"
    made: dict[str, Any] = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": purl,
        "bom-ref": purl,
        "scope": "required" if marker is None else "optional",
        "externalReferences": [],
    }
    if licence := licence_of(name):
        made["licenses"] = [licence]
    return made


def licence_of(name: str) -> dict[str, Any] | None:
    """Its licence as it says itself; None where it is not installed here, or says nothing."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if expression := said.get("License-Expression"):
        return {"expression": expression}
    classes = [each for each in said.get_all("Classifier") or () if each.startswith("License ::")]
    text = classes[0].rpartition(" :: ")[2] if classes else (said.get("License") or "")
    words = text.splitlines()[0].strip() if text else ""
    return {"license": {"name": words}} if words else None


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document(), indent=1) + "\n", "utf-8")
    print(f"{target}: {len(document()['components'])} components")  # noqa: T201  (for a person)
