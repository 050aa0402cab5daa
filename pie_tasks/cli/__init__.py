"""The ``pie`` command; one subcommand a file."""

from __future__ import annotations

import sys

import click

from pie_tasks.cli.compare import compare
from pie_tasks.cli.data import data
from pie_tasks.cli.doctor import doctor
from pie_tasks.cli.engine import engine
from pie_tasks.cli.leaderboard import leaderboard
from pie_tasks.cli.report import report
from pie_tasks.cli.reward import reward
from pie_tasks.cli.score import score
from pie_tasks.cli.selfplay import selfplay
from pie_tasks.cli.store import store
from pie_tasks.cli.submit import submit
from pie_tasks.cli.toolchain import toolchain
from pie_tasks.cli.train import train
from sandbox.types import SandboxError

EXIT_FAULT = 2
"""Exit code for wrong input and for faults outside the candidates."""

EXIT_INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="pie-tasks", prog_name="pie")
def cli() -> None:
    """The PIE benchmark: make slow C++ programs faster, scored by simulated time."""


for _command in (
    score,
    report,
    compare,
    submit,
    leaderboard,
    doctor,
    data,
    store,
    toolchain,
    train,
    engine,
    selfplay,
    reward,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line; a fault is one line on standard error."""
    try:
        sys.exit(cli(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        print("pie: interrupted; what is measured is kept, run the same command again to go on", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except SandboxError as error:
        print(f"pie: {error}", file=sys.stderr)
        sys.exit(EXIT_FAULT)
