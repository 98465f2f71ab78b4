"""`python -m nndsl` is the command `nndsl`."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the current folder, where files that are named like modules are data

from nndsl.cli import main

if __name__ == "__main__":
    sys.exit(main())
