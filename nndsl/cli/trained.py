"""Arguments and warnings of the commands that use saved weights."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.output import warn

if TYPE_CHECKING:
    from nndsl.live.prediction import TrainedModel
    from nndsl.live.weights import WeightsFile


def add_weights_arguments(parser: Parser) -> None:
    """Add SPEC, `--set` and `--weights`."""
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument(
        "--weights",
        metavar="FILE",
        required=True,
        help="an .npz file of `run` or of a script, or the folder of a run",
    )


def weights_of(arguments: Namespace) -> WeightsFile:
    """Open the file of `--weights`."""
    from nndsl.live.weights import open_weights

    return open_weights(arguments.weights)


def warn_of_doubts(trained: TrainedModel) -> None:
    """Print the warnings about weights and inputs."""
    for doubt in trained.doubts:
        warn(doubt)
