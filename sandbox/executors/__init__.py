"""Where units of work run. The scheduler knows nothing but :class:`concurrent.futures.Executor`."""

from sandbox.executors import cluster as cluster
from sandbox.executors.base import EXECUTORS as EXECUTORS
from sandbox.executors.base import Joining as Joining
from sandbox.executors.base import Pool as Pool
from sandbox.executors.base import SameMachine as SameMachine
from sandbox.executors.base import WorkerDied as WorkerDied
from sandbox.executors.base import check_name as check_name
from sandbox.executors.base import make_pool as make_pool
from sandbox.executors.base import shares_files as shares_files
from sandbox.executors.base import worker_host as worker_host
from sandbox.executors.local import LocalProcesses as LocalProcesses
from sandbox.executors.local import local as local
