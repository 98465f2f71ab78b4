"""`nndsl sample`: text that a trained network generates."""

from argparse import ArgumentTypeError, Namespace

from nndsl.cli.arguments import Parser, add_shared, at_least_one
from nndsl.cli.output import print_text
from nndsl.cli.trained import add_weights_arguments, spec_and_weights_of, warn_of_doubts
from nndsl.live.prediction import load_with_data
from nndsl.program.sampling import LENGTH
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data

DESCRIPTION = """\
Let a network that has learnt what comes next in a text go on with a prompt. The
same prompt, weights and seed give the same text."""
EXAMPLE = """\
  nndsl sample runs/tiny_gpt-1 --prompt An"""


def add_arguments(parser: Parser) -> None:
    add_weights_arguments(parser)
    parser.add_argument(
        "--prompt", metavar="TEXT", help="how it begins; left out, the first word of the text"
    )
    parser.add_argument(
        "--length",
        metavar="N",
        type=at_least_one,
        default=LENGTH,
        help=f"characters to add; left out, {LENGTH}",
    )
    parser.add_argument(
        "--temperature",
        metavar="T",
        type=_number,
        help=f"1 draws as predicted, 0 takes the likeliest; left out, {_temperatures()}",
    )
    add_shared(parser, "--seed", help="of the draws; left out, the spec's")


def _temperatures() -> str:
    """Return what each kind of data that can be gone on with takes, where nobody says."""
    known = {word: registry.get(Data, word) for word in registry.names(Data.kind)}
    return ", ".join(f"{one.temperature:g} ({word})" for word, one in known.items() if one.sample)


def run(arguments: Namespace) -> int:
    source, file = spec_and_weights_of(arguments)
    trained = load_with_data(source, dict(arguments.set), file)
    text = trained.model.sample(
        arguments.prompt, arguments.length, arguments.temperature, arguments.seed
    )
    warn_of_doubts(trained)
    print_text(f"{text}\n")
    return 0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is not a number") from None
