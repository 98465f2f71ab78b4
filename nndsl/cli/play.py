"""`nndsl play`: the page in the browser, from a server on this machine."""

import webbrowser
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from nndsl.cli.arguments import Parser
from nndsl.cli.errors import CommandError
from nndsl.cli.output import say
from nndsl.cli.paths import find_specs

DESCRIPTION = """\
Open a page in the browser: the spec on the left, on the right the script, the
graph, the proof of the gradients, and a training with its curves. It is served
on this machine alone, and reads below the current folder."""
EXAMPLE = """\
  nndsl play digits.nn
  nndsl play                       any spec in the folder"""
REDIRECT = '<meta http-equiv="refresh" content="0; url={address}">'
NEEDED = ("starlette", "uvicorn")


def add_arguments(parser: Parser) -> None:
    parser.add_argument("spec", metavar="SPEC", nargs="?", help="a .nn file, which need not exist")
    parser.add_argument("--port", type=int, metavar="N", help="instead of 8765, or a free one")
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address, and open nothing"
    )


def run(arguments: Namespace) -> int:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CommandError(f"`play` needs {missing[0]}", "pip install 'nndsl[play]'")
    from nndsl.confined.folder import Refused
    from nndsl.play.files import Pages
    from nndsl.play.server import Playground, open_socket, serve

    pages = Pages(Path(), _specs)
    try:
        first = arguments.spec and pages.path(arguments.spec).relative_to(pages.folder).as_posix()
    except Refused as error:
        raise CommandError(str(error), "start it in the folder of the spec") from None
    try:
        opened = open_socket(arguments.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandError(f"port {arguments.port}: {reason}", "leave out --port") from None
    playground = Playground(pages, first, opened.getsockname()[1])
    say(f"open {playground.new_address()}")
    say("Ctrl-C ends it; nothing is saved unless you save it")
    with TemporaryDirectory() as folder:  # of this user alone: all see how a browser was started
        if not arguments.no_browser:
            path = Path(folder, "open.html")
            path.write_text(REDIRECT.format(address=playground.new_address()), "utf-8")
            webbrowser.open(path.as_uri())
        serve(playground, opened)
    return 0


def _specs() -> list[str]:
    """Return the specs below the current folder; none where there are none."""
    try:
        return find_specs(["."])
    except CommandError:
        return []
