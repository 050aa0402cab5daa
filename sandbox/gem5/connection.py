"""The harness's side of an agent: jobs out, answers in, one at a time."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Protocol

from sandbox.types import SandboxError

_COMPLAINT_BYTES = 4096


class Transport(Protocol):
    """A started agent, wherever it runs."""

    reader: IO[bytes]
    writer: IO[bytes]

    def alive(self) -> bool:
        """Whether the agent still runs."""

    def close(self) -> bytes:
        """End the agent and all that it started; returns the end of its standard error."""


class ProcessTransport:
    """An agent as a contained process of this machine."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        self._process = process
        self._stderr = process.stderr
        self.writer = process.stdin
        self.reader = process.stdout
        self._last_words: bytes | None = None

    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> bytes:
        if self._last_words is None:
            self._process.kill()
            self._process.wait()
            with contextlib.suppress(BrokenPipeError):  # a job that was never read
                self.writer.close()
            with self.reader, self._stderr:
                self._last_words = self._stderr.read()[-_COMPLAINT_BYTES:]
        return self._last_words


@dataclass(frozen=True)
class Connection:
    """An agent that takes jobs. Not for concurrent use."""

    transport: Transport

    def ask(self, op: str, **job: object) -> Mapping[str, object]:
        """Give the agent one job and wait for its answer.

        Raises:
            SandboxError: The agent failed or is gone.
        """
        line = b""
        try:
            self.transport.writer.write(json.dumps({"op": op, **job}).encode() + b"\n")
            self.transport.writer.flush()
            line = self.transport.reader.readline()
        except OSError:
            pass
        if not line.endswith(b"\n"):
            words = self.transport.close().decode(errors="replace").strip().splitlines()
            raise SandboxError(f"gem5 ended unasked: {words[-1] if words else 'without a word'}")
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise SandboxError(f"gem5's agent answered what is no answer: {line[:100]!r}")
        if "error" in answer:
            raise SandboxError(f"gem5's agent failed: {' '.join(str(answer['error']).split())}")
        return answer

    def close(self) -> None:
        self.transport.close()


def encode(data: bytes) -> str:
    """Bytes as they travel to the agent."""
    return base64.b64encode(data).decode()


def decode(text: object) -> bytes:
    """Bytes as they come from the agent."""
    return base64.b64decode(str(text))
