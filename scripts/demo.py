"""`make demo`: migrate, fill a new database with the demo, serve it.

`--small` leaves out most of the round of 2021, for the impatient.
`--reset` throws the demo's data away first; `--no-serve` stops before serving.
PORT, and the variables of the README, apply. Runs with DEBUG only: the demo's
passwords are public.
"""

import argparse
import os
import shutil
import socket
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

HOST = "127.0.0.1"


def main() -> None:
    options = _parser().parse_args()
    if not settings.DEBUG:
        sys.exit("The demo runs with DEBUG only; its passwords are public.")
    if not options.no_serve:
        _require_free(options.port)
    unfinished = settings.VAR_DIR / "demo-unfinished"
    if options.reset or unfinished.exists():
        print("== Throwing the demo's data away", flush=True)
        _throw_away()
        unfinished.unlink(missing_ok=True)
    started = time.monotonic()
    django.setup()
    print("== Preparing the database", flush=True)
    call_command("migrate", interactive=False, verbosity=1 if _is_new() else 0)
    if _is_empty():
        print("== Filling the demo; this takes a few minutes", flush=True)
        unfinished.touch()
        call_command("seed_demo", quiet=True, small=options.small)
        unfinished.unlink()
    print(f"== Ready after {time.monotonic() - started:.0f} s", flush=True)
    call_command("demo_accounts")
    if not options.no_serve:
        _serve(options.port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reset", action="store_true", help="start over")
    parser.add_argument(
        "--small", action="store_true", default=bool(os.environ.get("SMALL"))
    )
    parser.add_argument("--no-serve", action="store_true", help="prepare only")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    return parser


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            sys.exit(f"Port {port} is taken; try: make demo PORT={port + 1}")


def _throw_away() -> None:
    """Remove the database's contents, the documents and checkpoints of its demo."""
    if connection.vendor == "sqlite":
        name = Path(connection.settings_dict["NAME"])
        for path in name.parent.glob(f"{name.name}*"):
            path.unlink()
    else:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    shutil.rmtree(settings.CHECKPOINT_FOLDER, ignore_errors=True)


def _is_new() -> bool:
    return "django_migrations" not in connection.introspection.table_names()


def _is_empty() -> bool:
    from django.contrib.auth import get_user_model

    return not get_user_model().objects.exists()


def _serve(port: int) -> None:
    print(f"\n== Serving on http://{HOST}:{port}/ (stop with Ctrl-C)", flush=True)
    connection.close()
    os.environ.setdefault("SWEEP_THREAD", "1")
    os.environ.setdefault("SITE_URL", f"http://{HOST}:{port}")  # for links in mails
    os.execv(
        sys.executable,
        [
            sys.executable,
            *("-m", "granian", "--interface", "wsgi", "--host", HOST),
            *("--port", str(port), "--workers", "1", "--blocking-threads", "8"),
            *("--no-ws", "--log-level", "warning", "config.wsgi:application"),
        ],
    )


if __name__ == "__main__":
    main()
