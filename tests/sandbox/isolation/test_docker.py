"""What only Docker's isolation has: an engine that may be missing, runtimes, containers that a kill leaves unstarted."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.isolation.base import Command
from sandbox.isolation.docker import RUNTIME_VARIABLE, Docker, _image
from sandbox.scratch import scratch_folder
from sandbox.types import SandboxError
from tests.leftovers import containers
from tests.sandbox.isolation.conftest import LIMITS, working
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def isolation():
    return working("docker")


def test_without_an_engine_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    # connections are a thread's own
    with ThreadPoolExecutor(1) as pool, pytest.raises(SandboxError, match="start Docker, or name its socket") as caught:
        pool.submit(Docker().check).result()
    assert "\n" not in str(caught.value)


def test_a_named_runtime_is_used_and_recorded(isolation, root, monkeypatch):
    command = Command(argv=("/bin/echo", "here"), root=root, limits=LIMITS)
    monkeypatch.setenv(RUNTIME_VARIABLE, "no-such-runtime")
    with pytest.raises(SandboxError, match="no-such-runtime"):
        isolation.run(command)
    monkeypatch.setenv(RUNTIME_VARIABLE, "runc")
    assert isolation.run(command).stdout == b"here\n"
    assert isolation.fingerprint() == {"isolation": "docker", "runtime": "runc"}


@pytest.mark.parametrize(("losses", "works"), [(2, True), (3, False)])
def test_a_container_lost_before_it_starts_is_made_anew(isolation, root, monkeypatch, losses, works):
    import docker
    import requests

    engine = docker.from_env().api
    start, tried = docker.APIClient.start, []

    def unlucky(self, identity, *rest, **named):
        tried.append(identity)
        if len(tried) <= losses:
            answer = requests.Response()
            answer.status_code = 500
            raise docker.errors.APIError("lost", answer, "cannot start a stopped process: unknown")
        return start(self, identity, *rest, **named)

    monkeypatch.setattr(docker.APIClient, "start", unlucky)
    command = Command(argv=("/bin/echo", "here"), root=root, limits=LIMITS)
    if works:
        assert isolation.run(command).stdout == b"here\n"
    else:
        with pytest.raises(SandboxError, match="refuses: cannot start a stopped process"):
            isolation.run(command)
    assert len(set(tried)) == 3
    # the engine removes in its own time
    wait_until(lambda: not {container["Id"] for container in engine.containers(all=True)} & set(tried))


def test_containers_of_the_dead_are_removed_and_only_those(isolation, tmp_path):
    import docker

    engine = docker.from_env().api
    owners = {"dead": tmp_path / "gone", "alive": scratch_folder()}
    made = {
        name: engine.create_container(
            _image(), ["x"], labels={"pie-tasks.owner": str(owner), "pie-tasks.host": socket.gethostname()}
        )["Id"]
        for name, owner in owners.items()
    }
    try:
        isolation.check()
        left = {container["Id"] for container in engine.containers(all=True)}
        assert made["dead"] not in left
        assert made["alive"] in left
    finally:
        engine.remove_container(made["alive"])


def test_the_image_holds_one_program_and_nothing_else(isolation):
    import docker

    engine = docker.from_env().api
    assert engine.inspect_image(_image())["Size"] < 100_000
    assert engine.inspect_image(_image())["Config"]["User"] == "65534:65534"


@pytest.mark.parametrize("end", [lambda server: server.kill(), lambda server: server.stdout.close()])
def test_a_server_that_is_ended_or_not_read_any_more_leaves_nothing(isolation, root, end):
    server = isolation.popen(Command(argv=("/bin/sh", "-c", "echo ready; sleep 1003"), root=root, limits=LIMITS))
    assert server.stdout.readline() == b"ready\n"
    assert not list(scratch_folder().parent.glob(f"{server.pid}-*"))  # it uses ours
    assert containers(scratch_folder()) and list(scratch_folder().glob("container-*"))
    end(server)
    server.wait(PATIENCE)
    wait_until(lambda: not containers(scratch_folder()))
    assert not list(scratch_folder().glob("container-*"))
