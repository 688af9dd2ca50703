"""The house stands as docs/decisions/0001-the-ladder.md says."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from attachments.storage import get_incoming

pytestmark = pytest.mark.once

ROOT: Path = settings.BASE_DIR
APPS = (
    "config",
    "desk",
    "workflows",
    "grants",
    "organisations",
    "attachments",
    "outbox",
    "audit",
)

# A file above 400 lines is a question (600 in tests, which are stories to be read
# one by one); here are the answers.
LONG_FILES = {
    "audit/standalone/verify_dossier.py": "one file, so that it can be handed over",
}

# Which files may name which package (the contracts of pyproject.toml see imports
# by their graph; this sees also those inside functions and in tests of ours).
HOMES = {
    "viewflow": ("workflows/*.py",),
    "celery": ("*/tasks.py", "config/celery.py"),
    "minio": ("attachments/storage/*.py",),
}

# Split, so that this file does not name them either.
REGISTRY_HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "deb.debian" + ".org",
    "docker" + ".io",
    "ghcr" + ".io",
)

PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "k7QxPzWm" * 8,
    "AUDIT_KEY": "m3ZpRtYv" * 8,
    "ALLOWED_HOSTS": "grants.example.org",
}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the project in an environment of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name
        not in {
            "DATABASE_URL",
            "REDIS_URL",
            "MINIO_ENDPOINT",
            "CLAMD_URL",
            "DJANGO_ALLOW_ASYNC_UNSAFE",
        }
    }
    return subprocess.run(
        command,
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def committed_files() -> list[Path]:
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    assert listed.returncode == 0, listed.stderr
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def python_files() -> Iterator[tuple[str, Path]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path


def imports_of(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_imports_keep_the_contracts():
    linted = run(str(Path(sys.executable).parent / "lint-imports"), "--no-logo")
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("package", sorted(HOMES))
def test_package_is_imported_at_home_only(package):
    strays = [
        name
        for name, path in python_files()
        if package in imports_of(path)
        and not any(fnmatch(name, home) for home in HOMES[package])
    ]
    assert strays == []


def test_apps_are_installed_from_the_top_of_the_ladder():
    ours = [app for app in settings.INSTALLED_APPS if app in APPS]
    assert ours == list(APPS[1:])


def test_services_never_see_a_request():
    strays = []
    for name, path in python_files():
        if "/services" not in name:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.Lambda):
                arguments = node.args.posonlyargs + node.args.args
                arguments += node.args.kwonlyargs
                if "request" in {argument.arg for argument in arguments}:
                    strays.append(f"{name}:{node.lineno}")
    assert strays == []


def test_no_file_is_long_without_a_reason():
    long = {
        path.relative_to(ROOT).as_posix()
        for path in committed_files()
        if path.suffix in {".py", ".js", ".html", ".css", ".sh"}
        and "migrations" not in path.parts
        and path.exists()
        and len(path.read_text(encoding="utf-8").splitlines())
        > (600 if "tests" in path.parts else 400)
    }
    assert long - set(LONG_FILES) == set()
    assert [name for name in LONG_FILES if not (ROOT / name).exists()] == []


def test_committed_files_name_no_registry():
    strays = []
    for path in committed_files():
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        strays += [f"{path}: {host}" for host in REGISTRY_HOSTS if host in text]
    assert strays == []


def test_nothing_of_third_parties_is_committed():
    strays = [
        path
        for path in committed_files()
        if ".min." in path.name or "node_modules" in path.parts
    ]
    assert strays == []


def test_deployment_check_has_nothing_to_say(tmp_path):
    checked = run(
        sys.executable,
        *("-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        WEIGONG_VAR=str(tmp_path),
        **PRODUCTION,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("kept", ["SECRET_KEY", "AUDIT_KEY"])
def test_development_secret_is_refused_in_production(tmp_path, kept):
    environment = PRODUCTION | {"WEIGONG_VAR": str(tmp_path)}
    del environment[kept]
    checked = run(sys.executable, "manage.py", "check", **environment)
    assert checked.returncode != 0
    assert "must be set without DEBUG" in checked.stderr


def test_no_request_is_one_transaction():
    """A flow's lock inside an outer transaction would wait differently."""
    assert settings.DATABASES["default"].get("ATOMIC_REQUESTS", False) is False


def compose() -> dict:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["services"]


def test_compose_has_the_processes_of_a_larger_house():
    wanted = {"web", "worker", "beat", "db", "redis", "minio", "clamav"}
    assert wanted <= set(compose())


def test_compose_pins_what_it_takes_from_others():
    taken = {name: each["image"] for name, each in compose().items()}
    for name in ("db", "redis", "minio", "clamav"):
        assert re.fullmatch(r"[a-z/]+:\d+(\.\d+)*", taken[name]), taken[name]


@pytest.mark.parametrize("service", ["web", "worker", "beat", "migrate"])
def test_compose_keeps_documents_in_its_s3_server(service):
    environment = compose()[service]["environment"]
    server = compose()["minio"]["environment"]
    assert "http://minio:9000" in environment["MINIO_ENDPOINT"]
    for ours, theirs in (
        ("MINIO_ACCESS_KEY", "RUSTFS_ACCESS_KEY"),
        ("MINIO_SECRET_KEY", "RUSTFS_SECRET_KEY"),
    ):
        assert environment[ours] == server[theirs]
        assert environment[ours].startswith("${" + ours + ":?")


def test_compose_has_a_scanner_that_says_what_it_skips():
    """Its limits are those that larger files are refused by; check_scanner tries it."""
    lines = (ROOT / "scripts/clamd.conf").read_text(encoding="utf-8").splitlines()
    conf = dict(line.split() for line in lines if line and not line.startswith("#"))
    assert conf["AlertExceedsMax"] == "yes"
    mounted = "./scripts/clamd.conf:/etc/clamav/clamd.conf:ro"
    assert mounted in compose()["clamav"]["volumes"]
    given = compose()["web"]["environment"]["CLAMD_MAX_BYTES"]
    most = int(given.removeprefix("${CLAMD_MAX_BYTES:-").removesuffix("}"))
    for limit in ("StreamMaxLength", "MaxFileSize", "MaxScanSize"):
        assert int(conf[limit].removesuffix("M")) * 1024**2 == most, limit
    assert conf["TCPSocket"] == "3310"


def test_compose_takes_large_files_as_it_is_shipped(settings):
    """Browsers do not reach `minio`; the drop zone is there all the same."""
    environment = compose()["web"]["environment"]
    assert "ports" not in compose()["minio"]
    for name in ("MINIO_ENDPOINT", "MINIO_PUBLIC_ENDPOINT", "MINIO_BUCKETS"):
        given = re.fullmatch(r"\$\{\w+:-(.*)\}", environment[name])
        assert given is not None, name
        setattr(settings, name, given.group(1))
    settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = "name", "password"
    way = get_incoming().way("incoming/2026/" + "a" * 32, "mark", 2 * 1024**3)
    assert way["kind"] == "own"
    assert way["part_size"] >= 5 * 1024**2  # S3 takes no smaller parts


@pytest.mark.parametrize("service", ["web", "worker", "beat", "checkpoints", "migrate"])
def test_compose_runs_production_without_secrets_of_its_own(service):
    environment = compose()[service]["environment"]
    assert environment["DEBUG"] == "0"
    for secret in ("SECRET_KEY", "AUDIT_KEY"):
        assert environment[secret].startswith("${" + secret + ":?")


def test_compose_runs_beat_once_and_from_the_same_image():
    services = compose()
    assert "beat" in services["beat"]["command"]
    assert services["web"]["image"] == services["worker"]["image"]


def test_compose_gives_the_key_of_checkpoints_to_one_service_alone():
    keepers = {
        name
        for name, service in compose().items()
        for volume in service.get("volumes", ())
        if volume.split(":")[0] in {"key", "checkpoints"}
        or "CHECKPOINT_KEY_FILE" in service.get("environment", {})
    }
    assert keepers == {"checkpoints"}
    command = compose()["checkpoints"]["command"]
    assert command[command.index("--queues") + 1] == "checkpoints"
    assert "--queues" not in compose()["worker"]["command"]


def test_image_installs_from_the_hashed_lock_and_is_not_root():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in dockerfile
    assert "npm ci --omit=dev" in dockerfile
    assert "\nUSER weigong\n" in dockerfile
    assert "DEBUG=0" in dockerfile
