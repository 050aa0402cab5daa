"""gem5 from a Docker image (``PIE_GEM5_IMAGE``, installed by ``pie engine pull``), and the image of its agent."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import sandbox
from sandbox.engines.base import EngineContext
from sandbox.engines.gem5 import IN_IMAGES, Gem5
from sandbox.gem5.connection import decode, encode
from sandbox.isolation import make_isolation
from sandbox.toolchain import compile_source, get_root
from sandbox.types import Ending, Limits, Run, SandboxError
from tests.sandbox.gem5 import programs

LIMITS = Limits(ticks=20_000_000_000)
DOCKERFILES = str(Path(sandbox.__file__).parent)
OFFICIAL = "/usr/local/bin/gem5"
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
    return compiled(context, tmp_path_factory.mktemp("program") / "prog")


def compiled(context: EngineContext, out: Path) -> Path:
    source = programs.OPENING + programs.SHARING["stdio"]
    assert compile_source(source, context.root, context.isolation, Limits(), out).ok
    return out


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
def client(image: str) -> Any:
    docker = pytest.importorskip("docker")
    try:
        made = docker.from_env()
        made.images.get(image)
    except docker.errors.DockerException as error:
        pytest.skip(f"Docker hasn't got the image: {error}")
    return made


@contextmanager
def built(client: Any, tag: str, **what: object) -> Iterator[str]:
    """An image that is there for as long as this lasts."""
    before = untagged(client)
    try:
        client.images.build(tag=tag, network_mode="none", rm=True, forcerm=True, **what)
        yield tag
        client.images.remove(tag)
    finally:
        for stage in untagged(client) - before:
            client.images.remove(stage)


def untagged(client: Any) -> set[str]:
    """Images without a name, such as the stages of a build."""
    return {image.id for image in client.images.list(filters={"dangling": True})}


@contextmanager
def imported(client: Any, tag: str, folder: Path) -> Iterator[str]:
    """An image of a folder's files."""
    with subprocess.Popen(["tar", "--create", "--directory", folder, "."], stdout=subprocess.PIPE) as tar:
        client.api.import_image_from_stream(tar.stdout, repository=tag)
    try:
        yield tag
    finally:
        client.images.remove(tag, force=True)


def ask(client: Any, tag: str, jobs: list[Mapping[str, object]]) -> list[dict[str, Any]]:
    """Give a fresh container jobs as ``docker run --interactive`` would, with no right at all."""
    container = client.containers.create(
        tag,
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


def assert_same_runs(client: Any, tag: str, program: Path, runs: list[Run]) -> None:
    """An agent's image needs no right and gives the same ticks and outputs as the engine's ``runs``."""
    limits = {"ticks": LIMITS.ticks, "output_bytes": LIMITS.output_bytes, "wall_seconds": 600}
    described, _, *answers = ask(
        client,
        tag,
        [
            {"op": "describe"},
            {"op": "program", "program": encode(program.read_bytes()), "limits": limits},
            *({"op": "test", "input": encode(data), "alone": False} for data in programs.INPUTS),
        ],
    )
    assert len(described["gem5_sha256"]) == 64
    assert [(answer["ticks"], decode(answer["stdout"])) for answer in answers] == [
        (run.ticks, run.stdout) for run in runs
    ]


def test_the_agent_s_own_image(client: Any, image: str, program: Path, ours: list[Run]) -> None:
    with built(client, TAG, path=DOCKERFILES, buildargs={"IMAGE": image}) as tag:
        assert_same_runs(client, tag, program, ours)


def test_the_agent_s_own_image_in_the_root_paper(client: Any, image: str, tmp_path: Path) -> None:
    """The image's gem5 stands in for an official image's, which has it elsewhere."""
    try:
        context = EngineContext(get_root("paper"), make_isolation("bubblewrap"), {})
    except SandboxError as error:
        pytest.skip(str(error))
    program = compiled(context, tmp_path / "prog")
    find = f"for gem5 in {' '.join(IN_IMAGES)}; do if test -e $gem5; then break; fi; done"
    moved = f"FROM {image}\nUSER 0\nRUN {find}; test -e {OFFICIAL} || cp $gem5 {OFFICIAL}"
    with (
        built(client, f"{TAG}-gem5", fileobj=BytesIO(moved.encode())) as gem5,
        imported(client, f"{TAG}-root", context.root.path) as root,
        built(
            client,
            f"{TAG}-paper",
            path=DOCKERFILES,
            dockerfile="Dockerfile.paper",
            buildargs={"GEM5": gem5, "PAPER": root},
        ) as tag,
    ):
        assert_same_runs(client, tag, program, measure(context, program, "own", "bubblewrap"))
