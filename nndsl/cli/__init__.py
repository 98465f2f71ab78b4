"""The command line: `main`, and a module for each command."""

import sys

try:
    from nndsl.cli.dispatch import main
except KeyboardInterrupt:  # nothing is there yet that could say so
    sys.exit(130)

__all__ = ["main"]
