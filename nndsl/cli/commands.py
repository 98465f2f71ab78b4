"""The commands, each a module of this package, and the page that lists them."""

from __future__ import annotations

COMMANDS = {
    "new": "write a spec to start from",
    "check": "say everything that is wrong with specs",
    "fmt": "lay specs out in the one canonical way",
    "summary": "show layers, shapes, parameters and settings",
    "diff": "say what two specs mean differently",
    "build": "write the training script",
    "gradcheck": "prove every gradient of the script",
    "trace": "show what one batch becomes, forward and back",
    "mutate": "write a script with one mistake, to find",
    "run": "train, and keep history, weights and curves",
    "compare": "train the variants of a spec, and say which is best",
    "search": "find the best values for the names of a spec",
    "predict": "ask a trained network about new examples",
    "sample": "let a trained network go on with a text",
    "evaluate": "judge saved weights on a part of the data",
    "explain": "say what a code such as NN203 means",
    "list": "show the words of the language and what they mean",
    "show": "print any stage of the compiler",
    "convert": "translate between .nn and JSON",
    "schema": "print the JSON Schema of the JSON form",
}

_PAGE = """\
nndsl compiles neural networks on one page to readable numpy.
usage: nndsl COMMAND [ARGUMENT …] | COMMAND --help | --help | --version
{commands}
first steps:
  nndsl new digits && nndsl build digits.nn -o train.py && python train.py"""


def overview() -> str:
    """Return the page of `nndsl --help`."""
    width = max(map(len, COMMANDS))
    return _PAGE.format(
        commands="\n".join(f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items())
    )
