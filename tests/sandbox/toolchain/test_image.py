"""File systems of images, unpacked as an ordinary user."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from sandbox.toolchain import get_root
from sandbox.toolchain.image import _name_and_tag, _Stream, extract, folder, install_image
from sandbox.types import SandboxError


def archive(*members: tuple[str, dict[str, object], bytes]) -> _Stream:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as made:
        for name, fields, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in fields.items():
                setattr(info, field, value)
            made.addfile(info, io.BytesIO(content))
    whole = data.getvalue()
    return _Stream(iter([whole[start : start + 700] for start in range(0, len(whole), 700)]))


def test_files_folders_and_links_arrive_without_privileges(tmp_path: Path) -> None:
    stream = archive(
        ("usr/", {"type": tarfile.DIRTYPE, "mode": 0o700}, b""),
        ("usr/tool", {"mode": 0o6755}, b"x" * 5000),
        ("lib", {"type": tarfile.SYMTYPE, "linkname": "/usr/lib"}, b""),
        ("usr/same", {"type": tarfile.LNKTYPE, "linkname": "usr/tool"}, b""),
        ("dev/null", {"type": tarfile.CHRTYPE}, b""),
    )
    extract(stream, tmp_path, lambda *_: None)
    assert (tmp_path / "usr").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "usr/tool").read_bytes() == b"x" * 5000
    assert (tmp_path / "usr/tool").stat().st_mode & 0o7777 == 0o755
    assert (tmp_path / "lib").readlink() == Path("/usr/lib")
    assert (tmp_path / "usr/same").samefile(tmp_path / "usr/tool")
    assert not (tmp_path / "dev/null").exists()


@pytest.mark.parametrize(
    "members",
    [
        [("../evil", {}, b"x")],
        [("/evil", {}, b"x")],
        [("out", {"type": tarfile.SYMTYPE, "linkname": ".."}, b""), ("out/evil", {}, b"x")],
        [("same", {"type": tarfile.LNKTYPE, "linkname": "../evil"}, b"")],
    ],
)
def test_nothing_leads_out(tmp_path: Path, members: list[tuple[str, dict[str, object], bytes]]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(SandboxError, match="the image holds"):
        extract(archive(*members), root, lambda *_: None)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("a/b:api", ("a/b", "api")),
        ("a/b", ("a/b", "latest")),
        ("localhost:5000/a/b", ("localhost:5000/a/b", "latest")),
        ("localhost:5000/a:1", ("localhost:5000/a", "1")),
    ],
)
def test_names_and_tags(image: str, parts: tuple[str, str]) -> None:
    assert _name_and_tag(image) == parts


def test_an_installed_image_is_a_toolchain_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIE_TOOLCHAINS_DIR", str(tmp_path))
    with pytest.raises(SandboxError, match="pie engine pull gem5 a/b:c"):
        get_root("image:a/b:c")
    (folder("a/b:c") / "root/usr/bin").mkdir(parents=True)
    (folder("a/b:c") / "image.json").write_text(json.dumps({"image": "a/b:c", "id": "sha256:1"}))
    with pytest.raises(SandboxError, match="no compiler"):
        get_root("image:a/b:c")
    (folder("a/b:c") / "root/usr/bin/g++").write_text("compiler")
    root = get_root("image:a/b:c")
    assert (root.name, root.flags, root.identity["image"]) == ("image:a/b:c", ("-O3", "--std=c++17"), "sha256:1")


def test_an_image_of_docker_s_becomes_a_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = pytest.importorskip("docker")
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no Docker engine: {error}")
    name = "pie-tasks-test-image:1"
    files = archive(
        ("usr/bin/g++", {"mode": 0o755}, b"compiler"), ("bin", {"type": tarfile.SYMTYPE, "linkname": "usr/bin"}, b"")
    )
    client.api.import_image_from_data(files.read(1 << 20), repository="pie-tasks-test-image", tag="1")
    try:
        monkeypatch.setenv("PIE_TOOLCHAINS_DIR", str(tmp_path))
        seen: list[int] = []
        root = install_image(name, lambda done, _: seen.append(done))
        assert (root / "bin/g++").read_bytes() == b"compiler"
        assert seen[-1] == len(b"compiler")
        assert get_root(f"image:{name}").identity["image"] == client.images.get(name).id
        assert install_image(name, lambda *_: pytest.fail("it is there")) == root
        assert not [one for one in client.containers.list(all=True) if name in one.image.tags]
    finally:
        client.images.remove(name, force=True)


def test_without_docker_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIE_TOOLCHAINS_DIR", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")
    with pytest.raises(SandboxError, match="start Docker") as caught:
        install_image("a/b:c", lambda *_: None)
    assert "\n" not in str(caught.value)
    assert not folder("a/b:c").exists()
