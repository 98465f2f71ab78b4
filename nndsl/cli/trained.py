"""Arguments and warnings of the commands that use saved weights."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from nndsl.cli.arguments import Parser, add_shared, read_spec
from nndsl.cli.errors import CommandError
from nndsl.cli.output import warn
from nndsl.source import Source

if TYPE_CHECKING:
    from nndsl.live.prediction import TrainedModel
    from nndsl.live.weights import WeightsFile


def add_weights_arguments(parser: Parser) -> None:
    """Add SPEC, `--set` and `--weights`; where these are left out, SPEC is the folder of a run."""
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument(
        "--weights",
        metavar="FILE",
        help="an .npz file of `run` or of a script, or the folder of a run; left out, SPEC is that "
        "folder",
    )


def weights_of(arguments: Namespace) -> WeightsFile:
    """Open the file of `--weights`."""
    from nndsl.live.weights import open_weights

    return open_weights(arguments.weights)


def spec_and_weights_of(arguments: Namespace) -> tuple[Source, WeightsFile]:
    """Open SPEC and the file of `--weights`, or where that is left out what a run keeps of both."""
    from nndsl.live.weights import open_run

    folder = Path(arguments.spec)
    if arguments.weights is not None or not folder.is_dir():
        source = read_spec(arguments.spec, arguments.words)
        if arguments.weights is not None:
            return source, weights_of(arguments)
        raise CommandError(
            f"which weights of {folder}?",
            "--weights names their file; the folder of a run stands for the spec and the weights",
        )
    return open_run(folder)


def warn_of_doubts(trained: TrainedModel) -> None:
    """Print the warnings about weights and inputs."""
    for doubt in trained.doubts:
        warn(doubt)
