"""Where units of work run. The scheduler knows nothing but :class:`concurrent.futures.Executor`."""

from sandbox.executors.base import EXECUTORS as EXECUTORS
from sandbox.executors.base import make_executor as make_executor
from sandbox.executors.local import local as local
