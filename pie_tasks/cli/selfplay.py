"""``pie selfplay``: new training pairs from two models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from pie_tasks.cli.choices import containment_options, sandbox_options
from pie_tasks.cli.progress import count_bar
from pie_tasks.dataset import Split, load_split
from pie_tasks.dataset.tags import PUBLISHED
from pie_tasks.options import Options
from pie_tasks.prompts import STRATEGIES
from pie_tasks.selfplay import export as exporting
from pie_tasks.selfplay import generate as generating
from pie_tasks.selfplay import novel as sifting
from pie_tasks.selfplay import optimise as optimising
from pie_tasks.selfplay import select as selecting
from pie_tasks.selfplay.ask import ModelChoice, Request, ask
from pie_tasks.selfplay.funnel import FunnelStep
from pie_tasks.selfplay.funnel import funnel as funnel_of
from pie_tasks.selfplay.inputs import generator_prompt, run_generator
from pie_tasks.selfplay.inputs.choose import MIN_TESTS
from pie_tasks.selfplay.seeds import Seed, choose_seeds, fastest_programs
from pie_tasks.selfplay.workspace import Workspace
from pie_tasks.training.export import ExportOptions, export
from pie_tasks.training.formats import FORMATS
from sandbox.programs import Programs
from sandbox.types import SandboxError
from scorers.extract import extract_code

Command = TypeVar("Command", bound=Callable[..., Any])

_run = click.argument("run", type=click.Path(path_type=Path))
_data_dir = click.option("--data-dir", metavar="DIR", help="Folder of the official files [PIE_DATA_DIR].")


def _model_options(temperature: float, top_p: float | None) -> Callable[[Command], Command]:
    """``--model``, ``-M`` and how to sample."""

    def add(command: Command) -> Command:
        command = click.option("--max-tokens", type=int, help="Longest answer, in tokens.")(command)
        command = click.option("--top-p", type=float, default=top_p, show_default=True)(command)
        command = click.option("--temperature", type=float, default=temperature, show_default=True)(command)
        command = click.option(
            "-M", "arguments", multiple=True, metavar="NAME=VALUE", help="The model's own argument, repeatable."
        )(command)
        return click.option(
            "--model",
            required=True,
            help="Any model of Inspect: openai/gpt-4, vllm/…; pie/replay -M path=FILE replays.",
        )(command)

    return add


@click.group()
def selfplay() -> None:
    """Make new training pairs: one model writes programs, another makes them faster.

    Stages: generate, novel, optimise, select, export. Each goes on where it was stopped; funnel shows the counts.
    """


@selfplay.command()
@_run
@_model_options(temperature=1.0, top_p=0.9)
@click.option("--split", default="pie_train", show_default=True, help="Split of the seed problems; it needs tests.")
@_data_dir
@click.option("--count", type=click.IntRange(min=1), default=10_000, show_default=True, help="Programs to sample.")
@click.option("--seeds", type=click.IntRange(min=1), default=10, show_default=True, help="Seed problems.")
@click.option("--inputs", type=click.IntRange(min=2), default=20, show_default=True, help="Inputs a seed problem.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides problems, examples and inputs.")
def generate(run: Path, count: int, **chosen: Any) -> None:
    """Sample programs from a model, into the folder RUN. A greater --count goes on with the same run."""
    workspace = Workspace(run)
    choice = _choice(chosen)
    workspace.start(
        "generate",
        generating.generation_options(choice, **{name: chosen[name] for name in ("split", "seeds", "inputs", "seed")}),
    )
    split = load_split(chosen["split"], _folder(chosen["data_dir"]))
    with count_bar("generate", count) as advance:
        generating.generate(
            workspace,
            choice,
            seeds=_seeds(workspace, split),
            examples=list(fastest_programs(split).values()),
            count=count,
            seed=chosen["seed"],
            advance=advance,
        )
    _print(workspace)


@selfplay.command()
@_run
@_data_dir
@click.option(
    "--against",
    multiple=True,
    metavar="SPLIT",
    help="Split whose programs aren't new, repeatable [the seeds' and its training pairs].",
)
@click.option(
    "--tests", type=click.IntRange(min=1), default=MIN_TESTS, show_default=True, help="Fewest tests a program."
)
@click.option("--generator", metavar="MODEL", help="Let this model write input generators too.")
@click.option("-G", "generator_arguments", multiple=True, metavar="NAME=VALUE", help="That model's own argument.")
@containment_options
def novel(
    run: Path,
    *,
    data_dir: str | None,
    against: tuple[str, ...],
    tests: int,
    generator: str | None,
    generator_arguments: tuple[str, ...],
    **chosen: Any,
) -> None:
    """Keep the programs of RUN that compile, run, and print what no other program prints."""
    workspace = Workspace(run)
    options = Options.resolve(chosen)
    split = load_split(workspace.options("generate")["split"], _folder(data_dir))
    others = [load_split(name, _folder(data_dir)) for name in against] or [split, split.train]
    names = [other.name for other in others]
    workspace.start("novel", {"against": names, "tests": tests, "generator": generator, "toolchain": options.toolchain})
    seeds = _seeds(workspace, split)
    with options.programs() as programs:
        fastest = {f"{s.name}, problem {name}": code for s in others for name, code in fastest_programs(s).items()}
        reference = sifting.Reference(_programs(others), sifting.run_reference(fastest, seeds, programs))
        further = _generated_inputs(generator, generator_arguments, seeds, programs)
        with count_bar("novel", len(workspace.read("generate"))) as advance:
            sifting.novel(workspace, seeds, reference, programs, tests=tests, further_inputs=further, advance=advance)
    _print(workspace)


@selfplay.command()
@_run
@_model_options(temperature=0.7, top_p=None)
@_data_dir
@click.option("--strategy", type=click.Choice(STRATEGIES.names()), default="perf_tag", show_default=True)
@click.option("--samples", type=click.IntRange(min=1), default=8, show_default=True, help="Proposals a program.")
def optimise(run: Path, data_dir: str | None, strategy: str, samples: int, **chosen: Any) -> None:
    """Let a model propose faster versions of RUN's new programs."""
    workspace = Workspace(run)
    choice = _choice(chosen)
    split = load_split(workspace.options("generate")["split"], _folder(data_dir))
    workspace.start("optimise", generating.generation_options(choice, strategy=strategy))
    total = samples * len(optimising.new_programs(workspace))
    with count_bar("optimise", total) as advance:
        optimising.optimise(workspace, choice, split, strategy=strategy, samples=samples, advance=advance)
    _print(workspace)


@selfplay.command()
@_run
@click.option("--min-speedup", type=float, default=selecting.MIN_SPEEDUP, show_default=True, help="Least speedup kept.")
@click.option(
    "--max-duplicates",
    type=click.IntRange(min=1),
    default=selecting.MAX_DUPLICATES,
    show_default=True,
    help="Most pairs whose programs print the same.",
)
@sandbox_options
def select(run: Path, min_speedup: float, max_duplicates: int, **chosen: Any) -> None:
    """Keep RUN's proposals that print the same and are fast enough by an engine."""
    workspace = Workspace(run)
    options = Options.resolve(chosen)
    workspace.start(
        "select",
        {
            "engine": options.engine,
            "toolchain": options.toolchain,
            "min_speedup": min_speedup,
            "max_duplicates": max_duplicates,
        },
    )
    with (
        options.environment() as environment,
        count_bar("select", len(optimising.new_programs(workspace))) as advance,
    ):
        selecting.select(workspace, environment, min_speedup, max_duplicates, advance)
    _print(workspace)


@selfplay.command("export")
@_run
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(FORMATS.names()), help="Write a training file in this format too."
)
@click.option("--tags/--no-tags", default=True, show_default=True, help="Put performance tags into its prompts.")
@click.option(
    "--against", multiple=True, metavar="SPLIT", help="Held-out split it must give nothing away of, repeatable."
)
@click.option("--deciles", is_flag=True, help="Tags are tenths of these pairs, not bins of the published scale.")
@_data_dir
def export_(
    run: Path,
    folder: Path,
    *,
    format_: str | None,
    tags: bool,
    against: tuple[str, ...],
    deciles: bool,
    data_dir: str | None,
) -> None:
    """Write RUN's selected pairs, with tags and tests, into FOLDER in the official layout (split pie_train)."""
    pairs = exporting.export_run(Workspace(run), folder, None if deciles else PUBLISHED)
    click.echo(f"{folder / exporting.ROWS_FILE}: {len(pairs.rows)} pairs")
    if format_ is None:
        return
    held_out = [load_split(name, _folder(data_dir)) for name in against]
    report = export(pairs, held_out, folder / format_, ExportOptions(format=format_, tags=tags))
    click.echo(f"{folder / format_ / report.file}: {report.examples} examples of {report.rows} pairs")
    for reason, number in sorted(report.left_out.items()):
        click.echo(f"  {number} left out: {reason}")


@selfplay.command()
@_run
def funnel(run: Path) -> None:
    """Print how many programs each stage of RUN let through, and why the others fell."""
    workspace = Workspace(run)
    workspace.options("generate")
    table = Table("stage", "left", "the paper's", "dropped", title=str(run))
    for step in funnel_of(workspace):
        paper = "" if step.paper is None else f"{step.paper:,}"
        table.add_row(step.name, str(step.count), paper, _dropped(step))
    Console().print(table)


def _choice(chosen: dict[str, Any]) -> ModelChoice:
    return ModelChoice(
        chosen["model"],
        _arguments(chosen["arguments"]),
        chosen["temperature"],
        chosen["top_p"],
        chosen["max_tokens"],
    )


def _arguments(given: Sequence[str]) -> dict[str, str]:
    for text in given:
        if "=" not in text:
            raise SandboxError(f"a model's argument is NAME=VALUE, not {text!r}")
    return {name: value for name, _, value in (text.partition("=") for text in given)}


def _seeds(workspace: Workspace, split: Split) -> list[Seed]:
    options = workspace.options("generate")
    return choose_seeds(split, options["seeds"], options["inputs"], options["seed"])


def _programs(splits: Sequence[Split]) -> dict[str, str]:
    return {
        f"{split.name}, problem {row.problem_id}, program {program}": code
        for split in splits
        for row in split.rows
        for program, code in ((row.src_id, row.src_code), (row.tgt_id, row.tgt_code))
    }


def _generated_inputs(
    model: str | None, arguments: Sequence[str], seeds: Sequence[Seed], programs: Programs
) -> Callable[[str, str], Sequence[bytes]]:
    """What asks ``model`` for an input generator of a program and runs it; nothing where no model is named."""
    if model is None:
        return lambda _, __: ()
    choice = ModelChoice(model, _arguments(arguments))
    examples = [data for seed in seeds for data in seed.inputs[:1]]

    def make(name: str, code: str) -> Sequence[bytes]:
        answers: list[str] = []
        request = Request(f"inputs_{name}", 0, generator_prompt(code, examples))
        ask(choice, [request], lambda _, answer: answers.append(answer))
        generator = extract_code(answers[0])
        return run_generator(generator, 2 * MIN_TESTS, programs) if generator else ()

    return make


def _folder(data_dir: str | None) -> Path | None:
    return Options.resolve({"data_dir": data_dir}).folder


def _print(workspace: Workspace) -> None:
    for step in funnel_of(workspace):
        click.echo(f"{step.count:>8}  {step.name}" + (f" (dropped: {_dropped(step)})" if step.dropped else ""))


def _dropped(step: FunnelStep) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in step.dropped.items())
