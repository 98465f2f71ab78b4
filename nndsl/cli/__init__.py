"""The command line: `main`, and a module for each command."""

from nndsl.cli.dispatch import main

__all__ = ["main"]
