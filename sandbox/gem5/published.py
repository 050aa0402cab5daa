"""The published layout: one gem5 process a test, with the published configuration script, as the published driver
starts it.

Output is told apart from gem5's own by place: gem5 says its few words before the program starts, and after it has
ended. Time is ``final_tick``, the one statistic that a program can't reset.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from typing import Any

from sandbox.gem5.snapshot import PROGRAM, complaint, input_file

_BEFORE = re.compile(rb"\AGlobal frequency set at \d+ ticks per second\n")
_AFTER = re.compile(rb"Benchmark failed with bad exit (?:cause\.\n[^\n]*|code\.\nExit code (\d+))\n\Z")
_FINAL_TICK = re.compile(r"^final_?[tT]ick\s+(\d+)", re.MULTILINE)
_INSTRUCTIONS = re.compile(r"^sim_?[iI]nsts\s+(\d+)", re.MULTILINE)


class Published:
    """Runs one program with the published script.

    Args:
        command: gem5's path and the words that stand before it, if any.
        script: The published script; modules that it imports lie beside it in ``system``.
        limits: ``output_bytes`` and ``wall_seconds`` of one run. This layout can't limit simulated time.
    """

    def __init__(self, command: list[str], script: str, limits: dict[str, Any]) -> None:
        self._command = command
        self._script = script
        self._limits = limits

    def close(self) -> None:
        """Nothing outlives a run."""

    def run(self, data: bytes) -> dict[str, Any]:
        """Run the program on one input."""
        folder = tempfile.mkdtemp(dir="/tmp")
        try:
            return self._run(data, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, data: bytes, folder: str) -> dict[str, Any]:
        stdin = input_file(data)
        environment = {**os.environ, "PYTHONPATH": os.path.join(os.path.dirname(self._script), "system")}
        process = subprocess.Popen(
            [*self._command, "--quiet", "--listener-mode=off", "--outdir", folder, self._script, "Verbatim", PROGRAM],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        os.close(stdin)
        ending = ""
        try:
            stdout, stderr = process.communicate(timeout=self._limits["wall_seconds"])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            ending = "time_limit"
        output = _BEFORE.sub(b"", stdout)
        failure = _AFTER.search(output)
        if failure:
            output = output[: failure.start()]
        code = int(failure.group(1)) if failure and failure.group(1) else 0
        statistics = _read(os.path.join(folder, "stats.txt"))
        ticks = _FINAL_TICK.findall(statistics)
        instructions = _INSTRUCTIONS.findall(statistics)
        if not ending and process.returncode == 0:
            ending = "exited"
        elif not ending:
            ending = "exited" if code else "engine_crash"
        exited = ending == "exited" and bool(ticks)
        result: dict[str, Any] = {
            "ending": ending,
            "code": code,
            "ticks": int(ticks[-1]) if exited else None,
            "instructions": int(instructions[-1]) if exited and instructions else None,
            "message": "" if ending == "exited" else complaint(stderr),
            "stdout": output[: self._limits["output_bytes"]],
            "host_us": 0,
            "shared_ticks": 0,
        }
        if len(output) > self._limits["output_bytes"]:
            result.update(ending="output_limit", code=0, ticks=None)
        return result


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
