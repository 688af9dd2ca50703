"""Run a program with little: a stand-alone script, standard library only.

    python -I confine.py '{"memory": …, "cpu": …, "file": …, "hide": […]}' COMMAND …

Limits of memory, processor seconds and file size are set, then, as far as the kernel
lets an ordinary process, a network without any interface and empty folders in the
place of those to hide. What cannot be had is done without; docs/documents.md says
what that means. Nothing is shown but what the program itself writes.
"""

import contextlib
import ctypes
import json
import os
import resource
import sys
from pathlib import Path

NEW_NETWORK, NEW_MOUNTS, NEW_USER = 0x40000000, 0x00020000, 0x10000000
PRIVATE, RECURSIVE = 1 << 18, 1 << 14


def limit(which: int, most: int) -> None:
    resource.setrlimit(which, (most, most))


def separate(libc: ctypes.CDLL) -> bool:
    """Away from network and mounts; as a user of one's own, who may do so."""
    user, group = os.getuid(), os.getgid()
    if libc.unshare(NEW_USER | NEW_NETWORK | NEW_MOUNTS) != 0:
        return libc.unshare(NEW_NETWORK | NEW_MOUNTS) == 0
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with contextlib.suppress(OSError):  # then without a name of one's own
            Path(f"/proc/self/{name}").write_text(text)
    return True


def hide(libc: ctypes.CDLL, folders: list[str]) -> None:
    """Empty folders in the place of these, for this program only."""
    libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None)
    for folder in folders:
        if Path(folder).is_dir():
            libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, b"size=64k")


def main() -> None:
    given, command = json.loads(sys.argv[1]), sys.argv[2:]
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_AS, given["memory"])
    limit(resource.RLIMIT_CPU, given["cpu"])
    limit(resource.RLIMIT_FSIZE, given["file"])
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if separate(libc):
            hide(libc, given["hide"])
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
