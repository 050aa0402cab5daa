"""The agent: takes jobs on standard input and answers on standard output, one JSON object a line.

It is the script that gem5 runs: gem5's own Python interprets it, so nothing else has to be installed beside gem5, and
gem5's start is shared by all programs. No port, no key, no file is left behind: it ends with its standard input.

Jobs and their answers (bytes travel in base64):

    {"op": "describe"}                               -> {"gem5": version, "gem5_sha256": ..., "python": ...}
    {"op": "config", "program": bytes}               -> {"config": text of gem5's config.ini}
    {"op": "program", "program": bytes, "limits": {"ticks", "output_bytes", "wall_seconds"}}   -> {}
    {"op": "test", "input": bytes, "alone": bool}    -> {"ending", "code", "ticks", "instructions", "message", "stdout",
                                                         "host_us", "shared_ticks"}

An ending is one of ``sandbox.types.Ending`` or ``wall``: the wall-clock guard, which is never a verdict. A run in
which gem5 itself ends, or sleeps for ever, is repeated; what happens twice is the program's doing. An answer
{"error": text} is the agent's own failure.
"""

from __future__ import annotations

import base64
import ctypes
import hashlib
import json
import os
import platform
import sys
from typing import Any, BinaryIO

import _m5.core
import m5
import m5.ticks

from sandbox.gem5 import skylake
from sandbox.gem5.published import Published
from sandbox.gem5.snapshot import PROGRAM, Program, open_descriptors, set_dumpable

CONFIG = "config.ini"


class Agent:
    """Serves one program at a time.

    Args:
        command: How gem5 is started: its path, after a loader's words if it has a root of its own.
        published: The published script, or ``None`` for our own.
        own: Descriptors of gem5 itself.
    """

    def __init__(self, command: list[str], published: str | None, own: set[int]) -> None:
        self._command = command
        self._published = published
        self._own = own
        self._limits: dict[str, Any] = {}
        self._current: Program | Published | None = None

    def answer(self, job: dict[str, Any]) -> dict[str, Any]:
        """Do one job."""
        return getattr(self, "_" + job["op"])(job)  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the current program."""
        if self._current is not None:
            self._current.close()
            self._current = None

    def _describe(self, job: dict[str, Any]) -> dict[str, Any]:
        return {
            "gem5": _m5.core.gem5Version,
            "gem5_sha256": _sha256(self._command[-1]),
            "script_sha256": _sha256(self._published) if self._published else "",
            "python": platform.python_version(),
        }

    def _config(self, job: dict[str, Any]) -> dict[str, Any]:
        _write_program(job)
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            code = 1
            try:
                m5.options.dump_config = CONFIG
                m5.options.json_config = m5.options.dot_config = m5.options.dot_dvfs_config = ""
                skylake.build(PROGRAM, os.getcwd())
                m5.instantiate()
                with open(writer, "wb") as pipe, open(os.path.join(m5.options.outdir, CONFIG), "rb") as file:
                    pipe.write(file.read())
                code = 0
            finally:
                os._exit(code)
        os.close(writer)
        with open(reader, "rb") as pipe:
            text = pipe.read().decode()
        if os.waitpid(pid, 0)[1] != 0:
            raise RuntimeError("gem5 can't build the machine; see its messages")
        return {"config": text}

    def _program(self, job: dict[str, Any]) -> dict[str, Any]:
        self.close()
        _write_program(job)
        self._limits = job["limits"]
        return {}

    def _test(self, job: dict[str, Any]) -> dict[str, Any]:
        data = base64.b64decode(job["input"])
        outcome = self._run(data, job["alone"])
        if _may_be_the_host_s_doing(outcome):
            self.close()
            again = self._run(data, job["alone"])
            if again["ending"] != outcome["ending"]:
                where = f" ({outcome['asleep']})" if outcome.get("asleep") else ""
                raise RuntimeError(f"{outcome['ending']} once and not again: {outcome['message']}{where}")
            outcome = again
        return {**outcome, "stdout": base64.b64encode(outcome["stdout"]).decode()}

    def _run(self, data: bytes, alone: bool) -> dict[str, Any]:
        if alone and not self._published:
            program = Program(self._limits, shared=False, own=self._own)
            try:
                return program.run(data)
            finally:
                program.close()
        if self._current is None:
            if self._published:
                self._current = Published(self._command, self._published, self._limits)
            else:
                self._current = Program(self._limits, shared=True, own=self._own)
        return self._current.run(data)


def _may_be_the_host_s_doing(outcome: dict[str, Any]) -> bool:
    """Whether gem5 itself ended, or was ended from outside as it slept: the simulation says nothing of either."""
    return outcome["ending"] in ("engine_crash", "blocked") and outcome["instructions"] is None


def _write_program(job: dict[str, Any]) -> None:
    if os.path.exists(PROGRAM):
        os.unlink(PROGRAM)
    descriptor = os.open(PROGRAM, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o555)
    with open(descriptor, "wb") as file:
        file.write(base64.b64decode(job["program"]))


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def serve(jobs: BinaryIO, answers: BinaryIO, agent: Agent) -> None:
    """Answer jobs until there are no more."""
    for line in jobs:
        try:
            answer = agent.answer(json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
    agent.close()


def main(command: list[str], published: str | None) -> None:
    """Take standard input and output for the harness alone, then serve.

    What gem5 or a program prints must never reach the harness as an answer, and no program may open the harness's pipes
    through ``/proc``: the agent isn't dumpable, so they belong to another user.
    """
    set_dumpable(False)
    own = open_descriptors()
    jobs, answers = os.dup(0), os.dup(1)
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    # gem5 announces the frequency when it fixes it; said here, it can't get into a program's output
    m5.ticks.fixGlobalFrequency()
    ctypes.CDLL(None).fflush(None)
    with open(jobs, "rb") as source, open(answers, "wb") as sink:
        serve(source, sink, Agent(command, published, own))
    sys.stdout.flush()
    os._exit(0)
