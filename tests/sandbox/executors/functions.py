"""What the tests call in workers."""

import os
import signal
import time
from pathlib import Path

from sandbox.scratch import scratch_folder
from sandbox.types import SandboxError


def nothing():
    pass


def refuse():
    raise SandboxError(f"worker {os.uname().nodename} is refused")


def refuse_where(marker):
    """Refuse the workers that have ``marker`` in their environment."""
    if marker in os.environ:
        raise SandboxError(f"worker marked {os.environ[marker]} measures with another clock")


def process_id():
    return os.getpid()


def double(number):
    return 2 * number


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def leave():
    os._exit(3)


def sleep(seconds, told):
    """Sleep, after a note in the file ``told``."""
    Path(told).write_text("asleep")
    time.sleep(seconds)
    return seconds


def hold_scratch(seconds, told):
    """Sleep with a scratch folder, whose name goes to the file ``told``; note in ``told``.closed that it is over."""
    folder = scratch_folder()
    (folder / "held").touch()
    try:
        partial = Path(f"{told}.partial")
        partial.write_text(str(folder))
        partial.rename(told)
        time.sleep(seconds)
    finally:
        Path(f"{told}.closed").touch()


def ignore_the_end(seconds, told):
    """Sleep, deaf to whoever wants this to end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return sleep(seconds, told)


def fail():
    raise ValueError("no such value")


def environment(name):
    return os.environ.get(name)


def loaded_modules():
    import sys

    return set(sys.modules)
