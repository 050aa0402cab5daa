"""The options that several subcommands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pie_tasks.progress import STYLES
from sandbox.scheduler import DEFAULT_ENGINE, DEFAULT_TOOLCHAIN

Command = TypeVar("Command", bound=Callable[..., Any])


def split_options(command: Command) -> Command:
    """``--split`` and ``--data-dir``."""
    command = click.option("--data-dir", metavar="DIR", help="Folder of the official files [PIE_DATA_DIR].")(command)
    return click.option("--split", metavar="NAME", help="Data set split [PIE_SPLIT, pie_mini].")(command)


def sandbox_options(command: Command) -> Command:
    """``--engine`` and those of :func:`containment_options`."""
    command = containment_options(command)
    return click.option("--engine", metavar="NAME", help=f"What measures time [PIE_ENGINE, {DEFAULT_ENGINE}].")(command)


def run_options(command: Command) -> Command:
    """``--executor``, ``--all-tests``, ``--timing-tests`` and ``--progress``, for what scores a whole run."""
    for option in (
        click.option("--progress", type=click.Choice(STYLES), help="Live line, JSON events or nothing [PIE_PROGRESS]."),
        click.option("--timing-tests", type=int, metavar="N", help="Time only N tests of each problem [all]."),
        click.option("--all-tests", is_flag=True, help="Run all tests also after a failure, for full accuracies."),
        click.option(
            "--executor",
            metavar="NAME",
            help="local, local-cluster or a Dask scheduler's address [PIE_EXECUTOR, local].",
        ),
    ):
        command = option(command)
    return command


def containment_options(command: Command) -> Command:
    """``--toolchain``, ``--isolation`` and ``--accept-no-isolation``, for what runs without a clock."""
    command = click.option(
        "--accept-no-isolation",
        is_flag=True,
        help="Let --isolation none run a model's programs as you; HF_ALLOW_CODE_EVAL=1 is needed too.",
    )(command)
    command = click.option("--isolation", metavar="NAME", help="What contains programs [PIE_ISOLATION, bubblewrap].")(
        command
    )
    return click.option(
        "--toolchain", metavar="NAME", help=f"Root that compiles and runs [PIE_TOOLCHAIN, {DEFAULT_TOOLCHAIN}]."
    )(command)
