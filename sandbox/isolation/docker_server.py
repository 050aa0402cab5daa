"""Passes a contained server's streams on: the process that ``Docker.popen`` returns. Not for people.

    python -m sandbox.isolation.docker_server DESCRIPTOR

DESCRIPTOR is an inherited file with the pickled command. When this process dies, the container ends with its connection.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import threading
from typing import BinaryIO

from sandbox.isolation.base import Command
from sandbox.isolation.docker import Container, Relay, start
from sandbox.types import SandboxError

_NO_CONTAINER = 1


def main() -> int:
    """Serve one command; the exit status is its own, as shells give it."""
    with open(int(sys.argv[1]), "rb") as file:  # noqa: PTH123  (a descriptor)
        command: Command = pickle.load(file)
    with start(command, sent=True) as container:
        ended_read, ended_write = os.pipe()
        relay = Relay(container, os.dup(sys.stdout.fileno()), os.dup(sys.stderr.fileno()), ended_write)
        relay.start()
        threading.Thread(target=_feed, args=[container, sys.stdin.buffer], daemon=True).start()
        os.read(ended_read, 1)
        relay.join()
    if relay.status is None:
        return _NO_CONTAINER
    return 128 + os.WTERMSIG(relay.status) if os.WIFSIGNALED(relay.status) else os.WEXITSTATUS(relay.status)


def _feed(container: Container, stdin: BinaryIO) -> None:
    with contextlib.suppress(OSError):
        while data := os.read(stdin.fileno(), 1 << 16):
            container.send(data)
        container.send(b"")


if __name__ == "__main__":
    try:
        status = main()
    except SandboxError as error:
        print(error, file=sys.stderr)
        status = _NO_CONTAINER
    sys.stdout.flush()
    os._exit(status)  # a thread may still wait for input
