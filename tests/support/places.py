"""What a test needs for a moment: a place for its files, a port."""

from __future__ import annotations

import secrets
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2**30


def quick_folder(prefix: str) -> str:
    """A new folder whose files are quickly made: in memory where there is room, for what is many
    small files that nobody needs after a failure. Its path is short: a socket's is bounded."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    try:
        return tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None)
    except OSError:  # not for us to write in
        return tempfile.mkdtemp(prefix=prefix)


def free_port() -> int:
    """A port that nobody has now."""
    while True:
        # Below those that outgoing connections take: a process starts again on its own.
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            return port
