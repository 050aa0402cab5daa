"""What every isolation promises, with real programs in real containment."""

import os
import signal
import socket
import stat
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.isolation import make_isolation, supervise
from sandbox.isolation.base import NOBODY
from sandbox.isolation.seccomp import one_process_filter
from sandbox.isolation.supervise import STDERR_BYTES
from sandbox.scratch import scratch_folder
from sandbox.toolchain import compile_source
from sandbox.toolchain.base import ToolchainRoot
from sandbox.types import Limits, SandboxError
from tests.sandbox.isolation.conftest import LIMITS, Box

contains = pytest.mark.usefixtures("contained")
"""For what only an isolation that contains promises."""

HELLO = "#include <cstdio>\nint main() { puts(__DATE__ __FILE__); }\n"


# What a command is


@contains
def test_it_is_nobody_without_privileges(box):
    said = box.sh("id -u; id -g; cat /proc/self/status").stdout.decode()
    assert said.startswith(f"{NOBODY}\n{NOBODY}\n")
    for line in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{line}:\t{0:016x}\n" in said
    assert "NoNewPrivs:\t1\n" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can see who another process really is")
@contains
def test_under_root_it_is_nobody_to_the_kernel_too(box, compiled):
    program = compiled('#include <unistd.h>\nint main() { write(1, "x", 1); pause(); }')
    process = box.isolation.popen(box.command("./prog", readonly={"/work/prog": program}))
    try:
        assert process.stdout.read(1) == b"x"
        users = {
            (entry / "status").read_text().split("Uid:")[1].split()[0]
            for entry in Path("/proc").iterdir()
            if entry.name.isdecimal() and _command_line(entry).startswith(b"./prog\0")
        }
        assert users == {str(NOBODY)}
    finally:
        _end(process)


@contains
def test_environment_and_folder_are_what_is_given(box, monkeypatch):
    monkeypatch.setenv("PIE_CANARY", "secret")
    result = box.run("/usr/bin/env", env={"A": "1", "B": "x y"})
    assert result.stdout == b"A=1\nB=x y\nPWD=/work\n"
    assert box.sh("pwd", cwd="/elsewhere").stdout == b"/elsewhere\n"


@pytest.mark.parametrize("status", [0, 1, 3, 127, 255])
def test_exit_status(box, status):
    result = box.sh(f"exit {status}")
    assert (result.exit_code, result.signal, result.limit) == (status, None, None)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGILL])
def test_signal(box, number):
    result = box.sh(f"kill -{int(number)} $$")
    assert (result.exit_code, result.signal, result.limit) == (None, number, None)


def test_what_cannot_be_started_is_the_commands_own_fault(box, tmp_path):
    text = tmp_path / "text"
    text.write_bytes(b"\x7fELF is not enough")
    text.chmod(0o755)
    for program in ("/usr/bin/no-such-program", "/work/text"):
        result = box.run(program, readonly={"/work/text": text})
        assert (result.exit_code, result.limit) == (127, None)


def test_environment_is_what_is_given_and_nothing_of_the_harnesss(box, monkeypatch):
    monkeypatch.setenv("PIE_CANARY", "secret")
    assert set(box.run("/usr/bin/env", env={"A": "1"}).stdout.split()) <= {b"A=1", b"PWD=/work"}


# Streams


def test_input_is_a_regular_file_that_nobody_can_change(box, compiled):
    program = compiled(
        """
        #include <stdio.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <fcntl.h>
        #include <unistd.h>
        int main() {
            struct stat s;
            fstat(0, &s);
            char *p = mmap(0, s.st_size, PROT_READ, MAP_PRIVATE, 0, 0);
            int again = open("/proc/self/fd/0", O_WRONLY);
            printf("%d %ld %ld %c %d %d", S_ISREG(s.st_mode), s.st_size, lseek(0, 0, SEEK_CUR), p[1],
                   (int)write(0, "x", 1), again < 0 ? -1 : (int)write(again, "x", 1));
        }"""
    )
    assert box.limited(program, stdin=b"abc").stdout == b"1 3 0 b -1 -1"


def test_no_input_is_an_empty_input(box):
    assert box.run("/bin/cat").stdout == b""
    assert box.run("/bin/cat", stdin=b"").stdout == b""


def test_input_from_a_file(box, tmp_path):
    (tmp_path / "input").write_bytes(b"from a file\n")
    assert box.run("/bin/cat", stdin=tmp_path / "input").stdout == b"from a file\n"


def test_output_comes_whole_and_apart_from_errors(box):
    result = box.sh("head -c 3000000 /dev/zero | tr '\\0' y; echo error >&2")
    assert result.stdout == b"y" * 3_000_000
    assert result.stderr == b"error\n"


def test_of_errors_the_end_is_kept(box):
    result = box.sh("head -c 300000 /dev/zero | tr '\\0' y >&2; printf end >&2; exit 4")
    assert result.stderr == b"y" * (STDERR_BYTES - 3) + b"end"
    assert result.exit_code == 4


def test_what_an_isolation_says_of_the_end_cannot_be_forged(box):
    result = box.sh("printf '\\0\\0\\0\\0\\0' >&2; exit 5")
    assert (result.exit_code, result.stderr) == (5, b"\0\0\0\0\0")
    result = box.sh("printf '{\"exit-code\": 0}\\n' >&2; exit 6")
    assert result.exit_code == 6


# What it sees


@contains
def test_there_is_no_network_and_no_way_to_the_hosts_loopback(box, compiled):
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as abstract:
        listener.settimeout(0)
        abstract.bind("\0pie-canary")
        abstract.listen()
        abstract.settimeout(0)
        program = compiled(
            """
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            #include <netinet/in.h>
            #include <arpa/inet.h>
            int main(int n, char **a) {
                struct sockaddr_in in = {AF_INET, htons(atoi(a[1]))};
                struct sockaddr_un un = {AF_UNIX, "\\0pie-canary"};
                in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                int one = socket(AF_INET, SOCK_STREAM, 0), two = socket(AF_UNIX, SOCK_STREAM, 0);
                printf("%d %d", connect(one, (void *)&in, sizeof in), connect(two, (void *)&un, 2 + 11));
            }"""
        )
        assert box.limited(program, str(listener.getsockname()[1])).stdout == b"-1 -1"
        for canary in (listener, abstract):
            with pytest.raises(BlockingIOError):
                canary.accept()
    assert box.sh("cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '").stdout == b"lo\n"


@contains
def test_host_files_are_not_there(box, tmp_path):
    canary = tmp_path / "canary"
    canary.write_text("secret")
    canary.chmod(0o644)
    places = [canary, scratch_folder(), "/etc/passwd", "/etc/shadow", "/etc/hostname", "/root", "/home", "/var"]
    places += ["/proc/1/root/etc/passwd", "/proc/1/environ", "/proc/1/mem"]
    script = "for place in {}; do head -c 9 $place >/tmp/got 2>/dev/null && test -s /tmp/got && echo $place; done"
    # the first process may be the command's own shell, whose environment is nobody's secret
    found = set(box.sh(script.format(" ".join(map(str, places)))).stdout.decode().split())
    assert found <= {"/proc/1/environ"}


@contains
def test_other_processes_are_not_there(box):
    processes = box.sh("ls /proc | grep -c '^[0-9]'").stdout
    assert int(processes) <= 5


@contains
def test_host_name_and_system_folders_tell_nothing_of_the_host(box):
    result = box.sh("uname -n; cat /etc/hosts /etc/resolv.conf /etc/hostname; ls -A /sys; hostname -f")
    assert result.stdout.splitlines()[:1] == [b"sandbox"]
    assert socket.gethostname().encode() not in result.stdout.replace(b"sandbox", b"")
    assert b"nameserver" not in result.stdout


@contains
def test_only_temporary_and_working_folder_can_be_written_and_both_are_gone(box):
    script = "for place in / /usr /usr/bin /etc /lib /proc /proc/sys/kernel /sys /dev /run /tmp /work; do\n"
    script += "(echo x >$place/new) 2>/dev/null && echo $place; done"
    assert box.sh(script).stdout == b"/tmp\n/work\n"
    assert box.sh("ls -A /tmp /work").stdout == b"/tmp:\n\n/work:\n"


@contains
def test_debug_files_are_hidden(box):
    assert box.sh("ls -A /usr/lib/debug 2>/dev/null").stdout == b""


@contains
def test_readonly_files_and_folders_are_shown_and_kept(box):
    folder = scratch_folder() / f"readonly-{box.isolation.name}"
    folder.mkdir()
    (folder / "file").write_text("kept")
    for path in (folder, folder / "file"):
        path.chmod(0o777)
    readonly = {"/shown": folder, "/work/file": folder / "file"}
    result = box.sh(
        "cat /shown/file /work/file; echo x >/shown/file; echo x >/work/file; rm -f /shown/file", readonly=readonly
    )
    assert result.stdout == b"keptkept"
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert (folder / "file").read_text() == "kept"


def test_a_file_that_nobody_can_reach_is_shown_all_the_same(box, tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "prog").write_bytes(Path("/bin/true").read_bytes())
    (hidden / "prog").chmod(0o755)
    hidden.chmod(0o700)
    assert box.run("./prog", readonly={"/work/prog": hidden / "prog"}).exit_code == 0


@contains
def test_writable_files_and_folders_come_back(box, tmp_path):
    place = scratch_folder() / f"{tmp_path.name}-{box.isolation.name}"
    place.mkdir()
    (place / "out").mkdir()
    (place / "counts").write_bytes(b"before")
    result = box.sh(
        "cat /counts; echo made >/out/made; chmod 700 /out/made; ln -s /etc/passwd /out/link; echo after >/counts",
        writable={"/out": place / "out", "/counts": place / "counts"},
    )
    assert (result.exit_code, result.stdout) == (0, b"before")
    assert (place / "out" / "made").read_text() == "made\n"
    assert (place / "counts").read_text() == "after\n"
    link = place / "out" / "link"
    assert link.is_symlink() or not link.exists()


@contains
def test_another_root_is_seen_as_the_system(box, tmp_path, compiled):
    program = compiled('#include <stdio.h>\nint main() { puts(fopen("/usr/only", "r") ? "yes" : "no"); }', "-static")
    folder = scratch_folder() / f"root-{box.isolation.name}"
    (folder / "usr" / "bin").mkdir(parents=True)
    (folder / "bin").symlink_to("usr/bin")
    (folder / "usr" / "bin" / "hello").write_bytes(program.read_bytes())
    (folder / "usr" / "bin" / "hello").chmod(0o755)
    (folder / "usr" / "only").write_text("here")
    other = Box(box.isolation, ToolchainRoot("other", folder, "", (), {}))
    assert other.run("/bin/hello").stdout == b"yes\n"
    assert other.run("/bin/sh", "-c", "true").exit_code == 127


def test_what_arguments_say_is_written_where_they_say(box):
    place = scratch_folder() / f"arguments-{box.isolation.name}"
    place.mkdir()
    assert box.run("/bin/cp", "/bin/true", "/out/made", writable={"/out": place}).exit_code == 0
    assert (place / "made").read_bytes() == Path("/bin/true").read_bytes()


# Limits


def test_processor_time(box):
    result = box.sh("while :; do :; done", limits=replace(LIMITS, cpu_seconds=1))
    assert result.limit == "cpu"


def test_processor_time_of_a_command_that_ignores_the_signal(box):
    result = box.sh("trap '' XCPU; while :; do :; done", limits=replace(LIMITS, cpu_seconds=1))
    assert result.limit == "cpu"


def test_sleeping_for_ever(box):
    assert box.sh("sleep 1000", limits=replace(LIMITS, idle_seconds=1)).limit == "idle"


def test_waiting_for_us_to_read_is_not_idle(box, monkeypatch):
    read = supervise._Streams.read

    def read_slowly(streams, seconds):
        time.sleep(0.2)
        read(streams, seconds)

    monkeypatch.setattr(supervise._Streams, "read", read_slowly)
    result = box.sh("head -c 1500000 /dev/zero >&2; exit 3", limits=replace(LIMITS, idle_seconds=1))
    assert (result.exit_code, result.limit) == (3, None)


def test_napping_is_idle_also_with_a_word_now_and_then(box, compiled):
    program = compiled('#include <unistd.h>\nint main() { for (;;) { write(2, "here I am\\n", 10); usleep(50000); } }')
    started = time.monotonic()
    assert box.limited(program, idle_seconds=0.5).limit == "idle"
    assert time.monotonic() - started > supervise._PATIENCE * 0.5


def test_wall_clock(box):
    assert box.sh("while sleep 0.01; do :; done", limits=replace(LIMITS, wall_seconds=2)).limit == "wall"


def test_output(box):
    result = box.sh("exec cat /dev/zero", limits=replace(LIMITS, output_bytes=100_000))
    assert (result.limit, len(result.stdout)) == ("output", 100_000)


def test_output_just_under_the_limit(box):
    result = box.sh("head -c 100000 /dev/zero", limits=replace(LIMITS, output_bytes=100_000))
    assert (result.limit, len(result.stdout), result.exit_code) == (None, 100_000, 0)


def test_flood_of_errors_is_no_fault(box):
    result = box.sh("head -c 50000000 /dev/zero >&2; exit 2")
    assert (result.exit_code, len(result.stderr)) == (2, STDERR_BYTES)


def test_memory_of_a_process(box, compiled):
    program = compiled(
        """
        #include <stdlib.h>
        #include <string.h>
        int main() { for (;;) { void *p = malloc(1 << 20); if (!p) return 9; memset(p, 1, 1 << 20); } }"""
    )
    assert box.limited(program, memory_bytes=64 << 20).exit_code == 9


def test_memory_that_no_catch_handles(box, tmp_path):
    out = tmp_path / "prog"
    source = "#include <vector>\nint main() { std::vector<std::vector<int>> v; for (;;) v.emplace_back(1 << 20); }\n"
    assert compile_source(source, box.root, box.isolation, Limits(), out).ok
    assert box.limited(out, memory_bytes=64 << 20).limit == "memory"


def test_memory_of_all_processes_together(box, compiled):
    if not box.isolation.limits_tree:
        pytest.skip("this isolation can't make memory cgroups here")
    program = compiled(
        """
        #include <stdlib.h>
        #include <unistd.h>
        #include <sys/wait.h>
        int main() {
            for (int i = 0; i < 6; i++)
                if (fork() == 0) {
                    volatile char *p = malloc(50 << 20);
                    for (int j = 0; j < 50 << 20; j += 4096) p[j] = 1;
                    sleep(1);
                    return 0;
                }
            int status, killed = 0;
            while (wait(&status) > 0) killed += WIFSIGNALED(status);
            return killed ? 7 : 0;
        }"""
    )
    assert box.limited(program, memory_bytes=60 << 20).exit_code in (7, None)
    assert box.limited(program, memory_bytes=400 << 20).exit_code == 0


@contains
def test_processes(box, compiled):
    program = compiled(
        """
        #include <stdio.h>
        #include <unistd.h>
        int main() {
            int made = 0;
            while (made < 100) { int p = fork(); if (p == 0) { pause(); } if (p < 0) break; made++; }
            printf("%d", made);
            fflush(stdout);
            _exit(0);
        }"""
    )
    result = box.limited(program, processes=5)
    assert (result.exit_code, result.limit) == (0, None)
    assert 1 <= int(result.stdout) <= 5
    # the limit is each command's own, not all of a user's
    with ThreadPoolExecutor(4) as pool:
        several = list(pool.map(lambda _: box.limited(program, processes=5).stdout, range(4)))
    assert set(several) == {result.stdout}


@contains
def test_threads_count_as_processes(box, compiled):
    program = compiled(
        """
        #include <pthread.h>
        #include <stdio.h>
        #include <unistd.h>
        void *wait_for_ever(void *x) { pause(); }
        int main() {
            pthread_t t;
            int made = 0;
            while (made < 100 && pthread_create(&t, 0, wait_for_ever, 0) == 0) made++;
            printf("%d", made);
            fflush(stdout);
            _exit(0);
        }"""
    )
    assert 1 <= int(box.limited(program, processes=5).stdout) <= 5


def test_open_files_file_size_core_and_stack(box):
    limits = replace(LIMITS, open_files=32, file_bytes=1 << 20, stack_bytes=16 << 20)
    said = box.sh("ulimit -n; ulimit -c; ulimit -s; ulimit -f", limits=limits).stdout.decode().split()
    assert said[:3] == ["32", "0", str(16 << 10)]
    assert int(said[3]) * 512 == 1 << 20
    result = box.sh("head -c 2000000 /dev/zero >file; stat -c %s file", limits=limits)
    assert int(result.stdout) <= 1 << 20


@contains
def test_a_scratch_folder_is_limited_as_a_whole(box):
    script = "for i in 1 2 3 4 5; do head -c 500000 /dev/zero >/tmp/$i; done 2>/dev/null; du -sb /tmp | cut -f1"
    result = box.sh(script, limits=replace(LIMITS, file_bytes=1 << 20))
    assert int(result.stdout) < 1_200_000


# Its end


def test_children_that_outlive_it_are_killed(box):
    started = time.monotonic()
    result = box.sh("(trap '' HUP TERM; sleep 1000) & setsid sleep 1000 & echo done")
    assert (result.exit_code, result.stdout) == (0, b"done\n")
    assert time.monotonic() - started < 60
    _no_process_of(b"sleep\x001000\0")


def test_a_command_that_closes_its_streams_is_waited_for(box):
    result = box.sh("exec >&- 2>&-; sleep 1; exit 3")
    assert result.exit_code == 3


def test_many_at_once_do_not_mix(box):
    def echo(number):
        return box.run("/bin/cat", stdin=b"%d" % number).stdout

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(echo, range(24))) == [b"%d" % number for number in range(24)]


def test_nothing_is_left(box):
    box.sh("echo x >x; sleep 1000 &")
    left = [path.name for path in scratch_folder().iterdir() if path.name.startswith(("container-", "uncontained-"))]
    assert left == []
    _no_process_of(b"sleep\x001000\0")
    if box.isolation.name == "docker":
        import docker

        engine = docker.from_env().api
        ours = {"label": f"pie-tasks.owner={scratch_folder()}"}
        _until(lambda: not engine.containers(all=True, filters=ours))


# System-call filters


def test_a_filter_is_in_force_from_the_start(box, compiled):
    program = compiled(
        """
        #include <stdio.h>
        #include <sys/stat.h>
        #include <unistd.h>
        int main() { printf("%d %d", fork(), chmod("/work", 0700)); }"""
    )
    filtered = box.run("./prog", readonly={"/work/prog": program}, seccomp=one_process_filter([]))
    assert (filtered.exit_code, filtered.stdout) == (0, b"-1 -1")


def test_a_broken_filter_is_a_fault_of_ours(box):
    with pytest.raises(SandboxError):
        box.run("/bin/true", seccomp=b"\0" * 8)


# Servers


def test_a_server_talks_and_ends_as_a_process(box):
    process = box.isolation.popen(box.command("/bin/sh", "-c", "echo ready; cat; echo bye >&2; exit 9"))
    assert process.stdout.readline() == b"ready\n"
    data = os.urandom(1 << 20)
    out, err = process.communicate(data)
    assert (out, err, process.returncode) == (data, b"bye\n", 9)


def test_a_servers_signal_is_its_exit_status_as_shells_give_it(box):
    process = box.isolation.popen(box.command("/bin/sh", "-c", "kill -SEGV $$"))
    process.communicate()
    assert process.returncode == 128 + signal.SIGSEGV


def test_killing_a_server_kills_its_tree(box):
    process = box.isolation.popen(box.command("/bin/sh", "-c", "sleep 1001 & echo ready; wait"))
    assert process.stdout.readline() == b"ready\n"
    _end(process)
    _until(lambda: not _processes_of(b"sleep\x001001\0"))


def test_a_server_that_reads_nothing_does_not_block_its_end(box):
    process = box.isolation.popen(box.command("/bin/sh", "-c", "echo ready; sleep 1002"))
    assert process.stdout.readline() == b"ready\n"
    feeder = threading.Thread(target=_feed, args=[process], daemon=True)
    feeder.start()
    time.sleep(0.5)
    process.kill()
    process.wait()
    feeder.join(30)
    assert not feeder.is_alive()
    _until(lambda: not _processes_of(b"sleep\x001002\0"))


# Compilation


def test_programs_are_the_same_bytes_under_every_isolation(box, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    assert compile_source(HELLO, box.root, box.isolation, Limits(), first).ok
    assert compile_source(HELLO, box.root, make_isolation("bubblewrap"), Limits(), second).ok
    assert first.read_bytes() == second.read_bytes()
    assert stat.S_IMODE(first.stat().st_mode) == 0o755


def test_an_isolation_says_its_name(box):
    assert box.isolation.fingerprint()["isolation"] == box.isolation.name


def _feed(process: subprocess.Popen[bytes]) -> None:
    try:
        for _ in range(64):
            process.stdin.write(b"x" * (1 << 20))
    except OSError:
        return


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


def _command_line(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


def _processes_of(command_line: bytes) -> list[str]:
    return [
        entry.name
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and _command_line(entry) == command_line
    ]


def _no_process_of(command_line: bytes) -> None:
    assert _processes_of(command_line) == []


def _until(condition) -> None:
    """Wait for what the kernel or the engine does in its own time."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "still not so after 30 seconds"
        time.sleep(0.05)
