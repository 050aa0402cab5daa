"""gem5 with PIE's Skylake: the benchmark's own clock.

A gem5 is reached as a binary on this machine or in a container, by our own configuration script, which forks the
simulator at a program's first look at its input, or by the published one, which simulates every test from the start.
See ``docs/gem5.md``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.engines import ENGINES
from sandbox.engines.base import EngineContext
from sandbox.gem5 import AGENT_SHA256
from sandbox.gem5.binary import Binary
from sandbox.gem5.connection import Connection, decode, encode
from sandbox.paths import default_cache
from sandbox.toolchain import fingerprint
from sandbox.toolchain.image import image_folder
from sandbox.types import Ending, Limits, Run, SandboxError, sha256

OPTIONS = {
    "gem5": "PIE_GEM5",
    "image": "PIE_GEM5_IMAGE",
    "root": "PIE_GEM5_ROOT",
    "script": "PIE_GEM5_SCRIPT",
    "layout": "PIE_GEM5_LAYOUT",
    "start_up": "PIE_GEM5_START_UP",
    "audit": "PIE_GEM5_AUDIT",
}
"""This engine's options and the environment variables that stand in for them."""

AUDIT_RATE = 0.01
"""Share of the tests that are simulated a second time, from the start, in a process of their own."""

PUBLISHED_WALL_SECONDS = 120.0
"""The published driver's time limit, by the wall clock. Our own layout has a limit in simulated time instead."""

_SLOWEST = 1_000_000
"""Ticks a second that the slowest host simulates: 100 times slower than what was measured."""

IN_IMAGES = ("/home/gem5/build/X86/gem5.opt", "/usr/local/bin/gem5", "/gem5/build/X86/gem5.opt")
"""Where images have their gem5: the published evaluation's, the official ones."""

PUBLISHED_SCRIPT = "/home/gem5-skylake-config/gem5-configs/run-se.py"
"""The configuration script in the published evaluation's image."""

_GET_IT = (
    "engine gem5 needs a gem5: set PIE_GEM5 to the path of an X86 gem5 (and PIE_GEM5_ROOT to the root file system that "
    "it was built in, if that isn't this machine's), or take one from a Docker image: pie engine pull gem5, then set "
    "PIE_GEM5_IMAGE; docs/gem5.md says more"
)


@ENGINES.register("gem5")
class Gem5:
    """Runs programs in gem5.

    Args:
        context: Root, isolation, and the options of :data:`OPTIONS`: ``gem5`` is the binary, ``root`` the file system
            in which it runs; or ``image`` is an installed Docker image that has it; ``layout`` is ``own`` or
            ``published``, ``script`` the published script; ``start_up`` is ``shared`` or ``alone`` (a simulation from
            the start for each test); ``audit`` is a rate.

    Raises:
        SandboxError: An option is unknown or has no meaning.
    """

    name = "gem5"
    native_first = True

    def __init__(self, context: EngineContext) -> None:
        self._context = context
        for option in context.options:
            if option not in OPTIONS:
                raise SandboxError(f"engine gem5 has no option {option!r}; choose from: {', '.join(OPTIONS)}")
        self._layout = self._option("layout") or "own"
        self._start_up = self._option("start_up") or "shared"
        if self._start_up not in ("shared", "alone"):
            raise SandboxError(f"gem5's start_up is {self._start_up!r}; choose shared or alone")
        self._audit = _rate(self._option("audit"))
        self._idle: list[tuple[Connection, str]] = []  # with a hash of the program that each has at its first look
        self._description: Mapping[str, str] | None = None

    def _option(self, name: str) -> str:
        return self._context.options.get(name) or os.environ.get(OPTIONS[name], "")

    def _binary(self) -> Binary:
        path, root, script = self._option("gem5"), self._option("root"), self._option("script")
        if image := self._option("image"):
            if path or root:
                raise SandboxError("both an image and a binary of gem5 are named; unset PIE_GEM5_IMAGE, or the others")
            folder = image_folder(image)
            inside = next((one for one in IN_IMAGES if (folder / one.lstrip("/")).is_file()), None)
            if inside is None:
                raise SandboxError(f"the image {image} has no gem5 at {', '.join(IN_IMAGES)}; choose another image")
            path, root = str(folder / inside.lstrip("/")), str(folder)
            script = script or str(folder / PUBLISHED_SCRIPT.lstrip("/"))
        if not path:
            raise SandboxError(_GET_IT)
        if self._layout not in ("own", "published"):
            raise SandboxError(f"gem5's layout is {self._layout!r}; choose own or published")
        if self._layout == "published" and not script:
            raise SandboxError("gem5's published layout needs its script run-se.py; set PIE_GEM5_SCRIPT to its path")
        published = Path(script).absolute() if self._layout == "published" else None
        return Binary(Path(path).absolute(), Path(root or "/").absolute(), published)

    def check(self) -> None:
        self._binary().check()
        self._context.isolation.check()
        self._describe()

    def _describe(self) -> Mapping[str, str]:
        """What the agent says of its gem5."""
        if self._description is None:
            connection = self._connect()
            try:
                self._description = {name: str(value) for name, value in connection.ask("describe").items()}
            finally:
                connection.close()
        return self._description

    def fingerprint(self) -> Mapping[str, str]:
        description = self._describe()
        own = self._layout == "own"
        shared = own and self._start_up == "shared"
        return {
            "engine": self.name,
            "gem5": description["gem5"],
            "gem5_sha256": description["gem5_sha256"],
            "layout": self._layout,
            "script_sha256": AGENT_SHA256 if own else description["script_sha256"],
            "start_up": "shared up to the first look at standard input" if shared else "one process a test",
            "limit": "simulated time" if own else f"{PUBLISHED_WALL_SECONDS:.0f} s by the wall clock",
            "process": "./prog in /work, no environment",
            "toolchain": self._context.root.name,
            "toolchain_sha256": fingerprint(self._context.root),
        }

    def config(self, program: Path) -> str:
        """gem5's own record, ``config.ini``, of every parameter that takes effect when our script runs ``program``."""
        connection = self._connect()
        try:
            return str(connection.ask("config", program=encode(program.read_bytes()))["config"])
        finally:
            connection.close()

    def run(self, program: Path, inputs: Sequence[bytes], limits: Limits) -> Iterator[Run]:
        code = program.read_bytes()
        job = {"program": encode(code), "limits": self._limits(limits)}
        key = sha256(json.dumps(job).encode())
        connection, loaded = self._take(key)
        healthy = False
        try:
            if loaded != key:
                connection.ask("program", **job)
            for data in inputs:
                run = self._test(connection, data, alone=self._start_up == "alone")
                if self._layout == "own" and self._start_up == "shared" and _audited(code, data, self._audit):
                    _compare(run, self._test(connection, data, alone=True), program)
                healthy = True
                yield run
                healthy = False
            healthy = True
        finally:
            if healthy:
                self._idle.append((connection, key))
            else:
                connection.close()

    def close(self) -> None:
        """End the agents that wait for further programs."""
        while self._idle:
            self._idle.pop()[0].close()

    def _limits(self, limits: Limits) -> Mapping[str, float]:
        wall = PUBLISHED_WALL_SECONDS if self._layout == "published" else 600 + limits.ticks / _SLOWEST
        return {"ticks": limits.ticks, "output_bytes": limits.output_bytes, "wall_seconds": wall}

    def _connect(self) -> Connection:
        return Connection(self._binary().start(self._context.root, self._context.isolation))

    def _take(self, wanted: str) -> tuple[Connection, str]:
        """An agent and the program that it has; one that has the program ``wanted``, which runs on, comes first."""
        self._idle.sort(key=lambda idle: idle[1] == wanted)
        while self._idle:
            connection, loaded = self._idle.pop()
            if connection.transport.alive():
                return connection, loaded
            connection.close()
        return self._connect(), ""

    def _test(self, connection: Connection, data: bytes, alone: bool) -> Run:
        answer = connection.ask("test", input=encode(data), alone=alone)
        if answer["ending"] == "wall":
            raise SandboxError("gem5 still made progress after hours; is the machine overloaded?")
        ticks, instructions = answer["ticks"], answer["instructions"]
        return Run(
            Ending(str(answer["ending"])),
            int(str(answer["code"])),
            decode(answer["stdout"]),
            ticks=None if ticks is None else int(str(ticks)),
            instructions=None if instructions is None else int(str(instructions)),
            message=str(answer["message"]),
            detail={
                "host_microseconds": int(str(answer["host_us"])),
                "shared_ticks": int(str(answer["shared_ticks"])),
            },
        )


def _rate(text: str) -> float:
    if not text:
        return AUDIT_RATE
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise SandboxError(f"gem5's audit rate is {text!r}; give a share of the tests from 0 to 1")
    return rate


def _audited(code: bytes, data: bytes, rate: float) -> bool:
    """Whether a test is one of those that are audited: by its content, so the same on every machine."""
    return int(sha256(code + b"\0" + data)[:8], 16) < rate * 2**32


def _compare(shared: Run, alone: Run, program: Path) -> None:
    """Raise :class:`SandboxError`, and keep the program, where a run from a shared start-up isn't what it is alone."""
    if replace(shared, detail={}) == replace(alone, detail={}):
        return
    code = program.read_bytes()
    kept = default_cache() / "audit" / sha256(code)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(code)
    raise SandboxError(
        f"audit: a shared start-up changed a run: {_words(shared)} shared, {_words(alone)} alone; please report it with "
        f"the program {kept}, and set PIE_GEM5_START_UP=alone meanwhile"
    )


def _words(run: Run) -> str:
    return f"{run.ending.value} {run.code}, {run.ticks} ticks, output {sha256(run.stdout)[:12]}"
