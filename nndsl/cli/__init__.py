"""The command line: `main`, and a module for each command."""

import sys

try:
    from nndsl.cli.dispatch import main
except KeyboardInterrupt:  # too early for a message
    sys.exit(130)

__all__ = ["main"]
