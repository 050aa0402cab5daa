"""From submissions to verdicts: one flat queue of units over any executor."""

from sandbox.scheduler.config import DEFAULT_ENGINE as DEFAULT_ENGINE
from sandbox.scheduler.config import DEFAULT_TOOLCHAIN as DEFAULT_TOOLCHAIN
from sandbox.scheduler.config import SandboxConfig as SandboxConfig
from sandbox.scheduler.config import default_store as default_store
from sandbox.scheduler.config import default_workers as default_workers
from sandbox.scheduler.scheduler import Progress as Progress
from sandbox.scheduler.scheduler import Scheduler as Scheduler
