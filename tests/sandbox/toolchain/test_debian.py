"""Packages fetched from mirrors and unpacked as an ordinary user; the mirrors are folders, the packages real archives."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from sandbox.toolchain.debian import Package, fetch, unpack
from sandbox.types import SandboxError, sha256


def member(name: str, content: bytes = b"", mode: int = 0o644, **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def deb(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    made = b"!<arch>\n"
    for name, content in ((b"debian-binary", b"2.0\n"), (b"control.tar.xz", b"x"), (b"data.tar.xz", data.getvalue())):
        made += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name, 0, 0, 0, b"100644", len(content))
        made += content + b"\n" * (len(content) % 2)
    return made


def unpacked(tmp_path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    package, root = tmp_path / "package.deb", tmp_path / "root"
    package.write_bytes(deb(*members))
    unpack(package, root)
    return root


def test_programs_libraries_and_links_arrive(tmp_path: Path) -> None:
    root = unpacked(
        tmp_path,
        member("./usr/bin/tool", b"#!", mode=0o4755),
        member("./lib/x86_64-linux-gnu/libx.so.1", b"ELF"),
        member("./usr/lib/libx.so", type=tarfile.SYMTYPE, linkname="x86_64-linux-gnu/libx.so.1"),
        member("./usr/bin/same", type=tarfile.LNKTYPE, linkname="./usr/bin/tool"),
    )
    assert (root / "usr/bin/tool").stat().st_mode & 0o7777 == 0o755  # no set-user-id bit survives
    assert (root / "lib").readlink() == Path("usr/lib")
    assert (root / "usr/lib/x86_64-linux-gnu/libx.so.1").read_bytes() == b"ELF"
    assert (root / "usr/lib/libx.so").resolve() == root / "usr/lib/x86_64-linux-gnu/libx.so.1"
    assert (root / "usr/bin/same").samefile(root / "usr/bin/tool")


def test_all_users_can_read_what_was_unpacked(tmp_path: Path, strict_umask: None) -> None:
    root = unpacked(
        tmp_path, member("./usr/lib/deep/er/libx.so", b"ELF"), member("./usr/include/new", type=tarfile.DIRTYPE)
    )
    for path in (root, *root.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


def test_what_programs_do_not_see_stays_away(tmp_path: Path) -> None:
    root = unpacked(tmp_path, member("./etc/shadow", b"x"), member("./usr/share/doc/y", b"y"), member("./var/z", b"z"))
    assert not any((root / name).exists() for name in ("etc", "usr/share", "var"))


def test_a_name_that_leads_out_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="leads out of the root"):
        unpacked(tmp_path, member("./usr/lib/../../../evil", b"x"))
    assert not (tmp_path / "evil").exists()


def test_something_else_is_no_package(tmp_path: Path) -> None:
    (tmp_path / "page.deb").write_bytes(b"<html>not found</html>")
    with pytest.raises(SandboxError, match="not a Debian package"):
        unpack(tmp_path / "page.deb", tmp_path / "root")


CONTENTS = {"a": b"first" * 1000, "b": b"second" * 1000}
PACKAGES = tuple(Package(name, "1", f"pool/{name}.deb", len(data), sha256(data)) for name, data in CONTENTS.items())


def mirror(folder: Path, **contents: bytes) -> str:
    (folder / "pool").mkdir(parents=True)
    for name, data in contents.items():
        (folder / "pool" / f"{name}.deb").write_bytes(data)
    return folder.as_uri()


def test_an_interrupted_download_goes_on_and_keeps_what_it_has(tmp_path: Path) -> None:
    half, rest = mirror(tmp_path / "half", a=CONTENTS["a"]), mirror(tmp_path / "rest", b=CONTENTS["b"])
    with pytest.raises(SandboxError, match=r"can't download b 1 .*PIE_DEBIAN_MIRROR"):
        fetch(PACKAGES, [half], tmp_path / "kept", lambda *_: None)
    seen: list[tuple[int, int, str]] = []
    paths = fetch(PACKAGES, [rest], tmp_path / "kept", lambda *now: seen.append(now))  # a mirror without the first one
    assert [path.read_bytes() for path in paths] == list(CONTENTS.values())
    assert seen[-1] == (11000, 11000, "b")
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)


def test_another_content_than_pinned_is_never_used(tmp_path: Path) -> None:
    wrong = mirror(tmp_path / "wrong", a=b"another", b=CONTENTS["b"])
    with pytest.raises(SandboxError, match="another content than pinned"):
        fetch(PACKAGES, [wrong], tmp_path / "kept", lambda *_: None)
    right = mirror(tmp_path / "right", a=CONTENTS["a"])
    paths = fetch(PACKAGES, [wrong, right], tmp_path / "kept", lambda *_: None)
    assert paths[0].read_bytes() == CONTENTS["a"]
