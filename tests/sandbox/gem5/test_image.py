"""gem5 from a Docker image (``PIE_GEM5_IMAGE``, installed by ``pie engine pull``), and the image of its agent."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import sandbox
from sandbox.engines.base import EngineContext
from sandbox.engines.gem5 import Gem5
from sandbox.gem5.connection import decode, encode
from sandbox.isolation import make_isolation
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Ending, Limits, Run, SandboxError
from tests.sandbox.gem5 import programs

LIMITS = Limits(ticks=20_000_000_000)
DOCKERFILE = Path(sandbox.__file__).parent
TAG = "pie-tasks-test-agent"


@pytest.fixture(scope="module")
def image() -> str:
    name = os.environ.get("PIE_GEM5_IMAGE")
    if not name:
        pytest.skip("PIE_GEM5_IMAGE names no image with a gem5")
    return name


@pytest.fixture(scope="module")
def context(image: str) -> EngineContext:
    try:
        return EngineContext(get_root(f"image:{image}"), make_isolation("bubblewrap"), {})
    except SandboxError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def program(context: EngineContext, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("program") / "prog"
    source = programs.OPENING + programs.SHARING["stdio"]
    assert compile_source(source, context.root, context.isolation, Limits(), made).ok
    return made


def measure(context: EngineContext, program: Path, layout: str, isolation: str) -> list[Run]:
    own = EngineContext(context.root, make_isolation(isolation), {"layout": layout, "audit": "0"})
    engine = Gem5(own)
    try:
        engine.check()
        runs = list(engine.run(program, programs.INPUTS, LIMITS))
    except SandboxError as error:
        pytest.skip(str(error))
    finally:
        engine.close()
    assert [(run.ending, run.stdout) for run in runs] == [
        (Ending.EXITED, printed) for printed in programs.FIXED_EXPECTATIONS["stdio"]
    ]
    return runs


@pytest.fixture(scope="module")
def ours(context: EngineContext, program: Path) -> list[Run]:
    return measure(context, program, "own", "bubblewrap")


@pytest.mark.parametrize(
    ("layout", "isolation"), [("published", "bubblewrap"), ("own", "docker"), ("published", "docker")]
)
def test_layouts_and_isolations_give_the_same_ticks(
    layout: str, isolation: str, context: EngineContext, program: Path, ours: list[Run]
) -> None:
    runs = measure(context, program, layout, isolation)
    assert [(run.ticks, run.instructions) for run in runs] == [(run.ticks, run.instructions) for run in ours]


@pytest.fixture(scope="module")
def agent(image: str) -> Iterator[Any]:
    """An image of ``sandbox/Dockerfile`` on the image with the gem5."""
    docker = pytest.importorskip("docker")
    try:
        client = docker.from_env()
        client.images.get(image)
    except docker.errors.DockerException as error:
        pytest.skip(f"Docker hasn't got the image: {error}")
    client.images.build(
        path=str(DOCKERFILE), tag=TAG, buildargs={"IMAGE": image}, network_mode="none", rm=True, forcerm=True
    )
    yield client
    client.images.remove(TAG, force=True)


def ask(client: Any, jobs: list[Mapping[str, object]]) -> list[dict[str, Any]]:
    """Give a fresh container jobs as ``docker run --interactive`` would, with no right at all."""
    container = client.containers.create(
        TAG,
        stdin_open=True,
        network_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        pids_limit=64,
        tmpfs={"/tmp": "", "/work": ""},
    )
    try:
        attached = container.attach_socket(params={"stdin": 1, "stream": 1})
        container.start()
        attached._sock.sendall(b"".join(json.dumps(job).encode() + b"\n" for job in jobs))
        attached._sock.shutdown(socket.SHUT_WR)
        assert container.wait(timeout=600)["StatusCode"] == 0, container.logs(stdout=False)
        return [json.loads(line) for line in container.logs(stderr=False).splitlines()]
    finally:
        container.remove(force=True)


def test_the_agent_s_own_image_needs_no_right_and_gives_the_same_ticks(
    agent: Any, program: Path, ours: list[Run]
) -> None:
    limits = {"ticks": LIMITS.ticks, "output_bytes": LIMITS.output_bytes, "wall_seconds": 600}
    described, _, *answers = ask(
        agent,
        [
            {"op": "describe"},
            {"op": "program", "program": encode(program.read_bytes()), "limits": limits},
            *({"op": "test", "input": encode(data), "alone": False} for data in programs.INPUTS),
        ],
    )
    assert len(described["gem5_sha256"]) == 64
    assert [(answer["ticks"], decode(answer["stdout"])) for answer in answers] == [
        (run.ticks, run.stdout) for run in ours
    ]
