"""`python -m nndsl.play --static site/`: the page as a site that needs no server."""

import argparse
import sys
from pathlib import Path

from nndsl.play.static import SiteError, write_site


def main() -> int:
    """Write the site; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m nndsl.play",
        description="Write the page of `nndsl play` as a static site: check, build and graph run "
        "inside the browser. npm and pip fetch Pyodide and pydantic for it.",
    )
    parser.add_argument("--static", metavar="DIR", type=Path, required=True, help="a new folder")
    parser.add_argument(
        "--pages", metavar="DIR", type=Path, help="specs that it shows, and the data beside them"
    )
    arguments = parser.parse_args()
    try:
        write_site(arguments.static, arguments.pages)
    except (SiteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {arguments.static}: any server of files shows it", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
