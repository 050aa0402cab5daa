"""Passes a contained server's streams on: the process that ``Docker.popen`` returns. Not for people.

    python -m sandbox.isolation.docker_server DESCRIPTOR FOLDER

DESCRIPTOR is an inherited file with the pickled command, FOLDER the scratch folder of the process that wants it. When
nobody reads standard output any more, or by SIGTERM, this process removes the container and ends; when it is killed, the
container ends with its connection, and what it leaves in FOLDER goes with that.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from sandbox import scratch
from sandbox.isolation.base import Command
from sandbox.isolation.docker import Container, Relay, start
from sandbox.leaving import leave_on_sigterm
from sandbox.types import SandboxError

_NO_CONTAINER = 1


def main() -> int:
    """Serve one command; the exit status is its own, as shells give it."""
    with open(int(sys.argv[1]), "rb") as file:  # noqa: PTH123  (a descriptor)
        command: Command = pickle.load(file)
    scratch.borrow(Path(sys.argv[2]))
    leave_on_sigterm()
    threading.Thread(target=_end_with_reader, args=[sys.stdout.fileno()], daemon=True).start()
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


def _end_with_reader(stdout: int) -> None:
    reader = select.poll()
    reader.register(stdout, 0)  # errors alone: the other end is closed
    reader.poll()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    try:
        status = main()
    except SandboxError as error:
        print(error, file=sys.stderr)
        status = _NO_CONTAINER
    except SystemExit:
        status = _NO_CONTAINER
    sys.stdout.flush()
    os._exit(status)  # a thread may still wait for input
