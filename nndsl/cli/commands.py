"""The commands, each a module of this package, and the page that lists them."""

from __future__ import annotations

COMMANDS = {
    "new": "write a spec to start from",
    "check": "say everything that is wrong with specs",
    "summary": "show layers, shapes, parameters and settings",
    "build": "write the training script",
    "run": "train, and keep history, weights and curves",
    "list": "show the words of the language and what they mean",
    "show": "print any stage of the compiler",
    "convert": "translate between .nn and JSON",
    "schema": "print the JSON Schema of the JSON form",
}

_PAGE = """\
nndsl compiles neural networks on one page to readable numpy.

usage: nndsl COMMAND [ARGUMENT …]

{commands}

  --help, --version

`nndsl COMMAND --help` shows the options of a command and an example. The first steps:

  nndsl new digits.nn
  nndsl build digits.nn -o train.py
  python train.py"""


def overview() -> str:
    """Return the page of `nndsl --help`."""
    width = max(map(len, COMMANDS))
    return _PAGE.format(
        commands="\n".join(f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items())
    )
