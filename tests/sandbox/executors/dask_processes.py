"""A real Dask cluster whose scheduler and workers are processes of their own, to be killed."""

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]


class DaskProcesses:
    """A Dask scheduler and what workers are started; a context manager.

    Args:
        folder: Where its files lie.
        env: Environment of its processes.
        preload: A module that workers import first.
    """

    def __init__(self, folder, env, preload=None):
        self._folder, self._preload = folder, preload
        self._env = {**env, "PYTHONPATH": str(ROOT)}
        self._file = folder / "dask-scheduler.json"
        self.workers = []

    def __enter__(self):
        self._scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard")
        while not self._file.exists():
            assert self._scheduler.poll() is None
            time.sleep(0.05)
        self.address = json.loads(self._file.read_text())["address"]
        return self

    def __exit__(self, *_):
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()

    def start_worker(self, **env):
        preload = ["--preload", self._preload] if self._preload else []
        self.workers.append(self._start("worker", "--nthreads", "1", "--no-dashboard", "--no-nanny", *preload, **env))

    def kill_worker(self, index):
        process = self.workers.pop(index)
        process.kill()
        process.wait()

    def kill_scheduler(self):
        self._scheduler.kill()
        self._scheduler.wait()

    def _start(self, kind, *arguments, **env):
        command = [sys.executable, "-m", "dask", kind, "--scheduler-file", self._file, *arguments]
        return subprocess.Popen(command, env={**self._env, **env}, cwd=self._folder, stderr=subprocess.DEVNULL)
