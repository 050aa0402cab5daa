"""A worker process of the executor ``local``: calls functions that arrive on a socket, until it closes."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from importlib import import_module
from multiprocessing.connection import Connection

from sandbox.leaving import leave_on_sigterm
from sandbox.types import SandboxError

GRACE_SECONDS = 20
"""How long a worker that is told to leave may take to end what it has under way; then it is killed."""


def serve(calls: int, lifeline: int, preload: tuple[str, ...]) -> None:
    """Answer calls until there are no more.

    Args:
        calls: Descriptor of the socket on which calls come and answers go.
        lifeline: Descriptor of a pipe that closes when the harness ends, however it ends.
        preload: Modules to import first, for what registers itself from outside this package.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the harness to handle
    leave_on_sigterm()
    threading.Thread(target=_end_with_harness, args=[lifeline], daemon=True).start()
    connection = Connection(calls)
    for module in preload:
        import_module(module)
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        try:
            answer = True, function(*arguments)
        except SandboxError as error:
            answer = False, error
        except Exception as error:
            # An unexpected one may not survive the way back; its type, words and place do.
            place = traceback.extract_tb(error.__traceback__)[-1]
            words = f"{type(error).__name__}: {error} ({place.filename}, line {place.lineno})"
            answer = False, SandboxError(words)
        connection.send(answer)


def _end_with_harness(lifeline: int) -> None:
    os.read(lifeline, 1)
    signal.alarm(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
