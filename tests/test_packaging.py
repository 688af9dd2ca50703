"""What a fresh clone relies on: licence, locks, scripts, documents."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_architecture import APPS, imports_of, python_files

pytestmark = pytest.mark.once

ROOT: Path = settings.BASE_DIR
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
READMES = ("README.md", "README.zh-CN.md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def locked(name: str) -> dict[str, str]:
    """The versions of a lock by canonical name."""
    pinned = re.findall(r"^([\w.-]+)==([^\s;\\]+)", read(name), re.MULTILINE)
    return {package.lower().replace("_", "-"): version for package, version in pinned}


def test_licence_is_the_agpl():
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in read("LICENSE")
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"
    assert json.loads(read("package.json"))["license"] == "AGPL-3.0-or-later"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_a_hash_for_everything_and_no_address(lock):
    text = read(lock)
    assert "://" not in text
    assert "index-url" not in text
    assert "find-links" not in text
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if "==" in block.splitlines()[0]:
            assert "--hash=sha256:" in block, block


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
    ],
)
def test_lock_satisfies_the_ranges(lock, wanted):
    versions = locked(lock)
    for line in wanted:
        requirement = Requirement(line)
        version = versions[requirement.name.lower().replace("_", "-")]
        assert requirement.specifier.contains(version), line


def test_dependencies_have_both_ends_of_their_range():
    dependencies = PROJECT["project"]["dependencies"]
    for line in dependencies + PROJECT["dependency-groups"]["dev"]:
        operators = {part.operator for part in Requirement(line).specifier}
        assert operators == {">=", "<"}, line


def test_development_lock_agrees_with_the_other():
    development = locked("requirements-dev.lock")
    for package, version in locked("requirements.lock").items():
        assert development[package] == version


def test_package_lock_has_hashes_and_no_addresses():
    assert "omit-lockfile-registry-resolved=true" in read(".npmrc")
    packages = json.loads(read("package-lock.json"))["packages"]
    root = packages.pop("")
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name
    ours = json.loads(read("package.json"))
    assert root["dependencies"] == ours["dependencies"]
    assert root["devDependencies"] == ours["devDependencies"]


def test_ci_starts_the_services_and_forbids_skips():
    lines = read(".ci/run").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert lines.index("make services") < lines.index("WEIGONG_NO_SKIPS=1 make test")


@pytest.mark.parametrize(
    "script",
    [".ci/run", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("scripts/*.sh"))],
)
def test_script_parses_and_may_be_run(script):
    subprocess.run(["bash", "-n", str(ROOT / script)], check=True)
    assert (ROOT / script).stat().st_mode & 0o100


def test_make_knows_its_targets():
    helped = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    targets = [line.split()[0] for line in helped.stdout.splitlines()]
    for target in ("demo", "demo-reset", "test", "services", "messages", "flows"):
        assert target in targets


def variables() -> set[str]:
    found = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', read("config/settings.py"))
    return set(found) - {"TEST_SQLITE"}


@pytest.mark.parametrize("readme", READMES)
def test_readme_explains_every_variable(readme):
    text = read(readme)
    assert [name for name in sorted(variables()) if f"`{name}`" not in text] == []
    assert "make demo" in text
    assert "make test" in text


def test_changelog_knows_the_version():
    assert f"## {PROJECT['project']['version']}" in read("CHANGELOG.md")


@pytest.mark.parametrize("record", DECISIONS, ids=lambda path: path.stem)
def test_decision_is_one_page_with_its_parts(record):
    text = record.read_text(encoding="utf-8")
    for heading in ("## Context", "## Decision", "## Consequences"):
        assert heading in text
    assert len(text.splitlines()) <= 70


def test_decisions_are_numbered_without_gaps():
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_documents_named_in_the_code_exist():
    numbers = {record.name[:4] for record in DECISIONS}
    missing = [
        f"{name}: {number}"
        for name, path in python_files()
        for number in re.findall(r"docs/decisions/(\d{4})", path.read_text("utf-8"))
        if number not in numbers
    ]
    assert missing == []


def test_every_import_is_a_declared_dependency():
    """A package that merely happens to be installed is missing in a fresh clone."""
    distributions = packages_distributions()
    declared = {
        canonicalize_name(Requirement(line).name)
        for line in PROJECT["project"]["dependencies"]
    }
    missing = [
        f"{name}: {package}"
        for name, path in python_files()
        if path.name != "testing.py"
        for package in imports_of(path) - sys.stdlib_module_names - set(APPS)
        if not {canonicalize_name(n) for n in distributions.get(package, [])} & declared
    ]
    assert missing == []
