"""The output of commands: files, and messages about them.

The result goes to stdout, messages about it go to stderr.
"""

from __future__ import annotations

import codecs
import sys
from argparse import Namespace
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nndsl.cli.arguments import is_quiet, read_spec
from nndsl.cli.color import painter
from nndsl.cli.errors import CommandError
from nndsl.cli.formats import full
from nndsl.cli.printable import printable, printable_lines
from nndsl.cli.rendering import in_order, notice, plural
from nndsl.diagnostics import Diagnostics
from nndsl.languages import translated
from nndsl.source import Source

if TYPE_CHECKING:
    from nndsl.analysis.compile import Checked
    from nndsl.analysis.expectation_results import ExpectationResult
    from nndsl.analysis.spec import Spec

_OTHER_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".pdf", ".eps", ".ps")
_DIFF_STYLES = {"-": "error", "+": "good", "@": "help"}


def say(text: str) -> None:
    """Print a message about the work to stderr, unless that is to be quiet."""
    if not is_quiet():
        print(printable_lines(translated(text)), file=sys.stderr)


def warn(message: str, help: str | None = None) -> None:
    """Print a warning to stderr."""
    print(notice("warning", message, help, painter(sys.stderr)), file=sys.stderr)


def checked_spec(arguments: Namespace, *, brief: bool = False) -> tuple[Source, Checked]:
    """Read and check the spec that a command names. SpecError if it has errors.

    Its warnings are shown in full, or with `brief` in a line each, with those of lints and the
    command that shows more: for commands whose output is about something else.
    """
    from nndsl.analysis.compile import analyse

    source = read_spec(arguments.spec, arguments.words)
    checked = analyse(source, settings=dict(arguments.set))
    if brief:
        _count_warnings(checked, source, arguments)
    else:
        report_diagnostics(checked.diagnostics, source)
    return source, checked


def report_diagnostics(diagnostics: Diagnostics, source: Source) -> None:
    """Print the warnings about a spec. SpecError if it has errors."""
    found = in_order(diagnostics.diagnostics, source.name)
    diagnostics.diagnostics[:] = found
    diagnostics.raise_if_failed()
    if found:
        print(full.render(found, [source.name], painter(sys.stderr)), file=sys.stderr)


def _count_warnings(checked: Checked, source: Source, arguments: Namespace) -> None:
    diagnostics = checked.diagnostics
    diagnostics.diagnostics[:] = in_order(diagnostics.diagnostics, source.name)
    diagnostics.raise_if_failed()
    from nndsl.analysis.override import spec_arguments
    from nndsl.interchange import command_line
    from nndsl.lints import lint

    all_warnings = Diagnostics()
    all_warnings.diagnostics = list(diagnostics.diagnostics)
    lint(checked, all_warnings)
    if all_warnings.diagnostics:
        from nndsl.cli.formats import concise

        given = spec_arguments(source, dict(arguments.set))
        command = command_line(["nndsl", "check", *given])
        found = in_order(all_warnings.diagnostics, source.name)
        print("\n".join(concise.lines(found, painter(sys.stderr))), file=sys.stderr)
        say(f"{plural(len(found), 'warning')}: `{command}` says more")


def print_text(text: str, stream: TextIO | None = None, *, painted: bool = False) -> None:
    """Write a text to stdout unchanged, always in UTF-8.

    On a terminal, control characters are made visible, but for those of a painted text.
    """
    stream = stream or sys.stdout
    if stream.isatty():
        print(text if painted else printable_lines(text), end="", file=stream)
        return
    stream.flush()
    stream.buffer.write(text.encode("utf-8", "backslashreplace"))
    stream.buffer.flush()


def check_output_path(path: Path, source: Source, spec: Spec | None) -> None:
    """Reject an output path that is the spec, its data, or cannot be written. CommandError."""
    if source.path and path.exists() and path.samefile(source.path):
        raise CommandError(f"{path} is the spec itself", "name another file after -o")
    if path.is_dir():
        raise CommandError(f"{path} is a folder", "name a file in it after -o")
    if spec is not None and any(_is_of(path, file) for file in spec.files.values()):
        raise CommandError(f"{path} is data that the spec reads", "name another file after -o")
    from nndsl.data.source_file import is_importable, shadows_module  # `fmt` does not need it

    if is_importable(path.name) and shadows_module(path.name):
        raise CommandError(
            f"{path} has the name of a module: Python would import it where that is meant",
            "name another file after -o, such as train.py",
        )
    if not path.parent.is_dir():
        raise CommandError(
            f"cannot write {path}: there is no folder {path.parent}", "create it first"
        )


def require_svg(path: Path) -> None:
    """CommandError where the end of a name says that a picture is to be of another kind."""
    if path.suffix.lower() in _OTHER_PICTURES:
        wrong = f"{path} would hold no {path.suffix[1:].upper()}: what is drawn is SVG"
        raise CommandError(wrong, f"name {path.with_suffix('.svg')}; a browser shows and prints it")


def _is_of(path: Path, read: Path) -> bool:
    """Whether a path is a file that is read, in a folder that is, or what a run keeps a copy of."""
    if not path.exists() or path.resolve().is_relative_to(read.resolve()):
        return path.exists()
    from filecmp import cmp  # only where there is a file already

    return read.is_file() and path.is_file() and cmp(path, read, shallow=False)


def write(path: Path, text: str) -> None:
    """Write a text to a file in one step. CommandError if that fails, with the file unchanged."""
    from nndsl.files import write_text

    try:
        write_text(path, text)
    except OSError as error:
        raise write_error(path, error) from None


def rewrite(source: Source, text: str) -> None:
    """Replace the text in the file of a source, in one step; a link stays a link."""
    from nndsl.files import write_text

    assert source.path is not None
    path = source.path.resolve()
    try:
        with path.open("rb") as file:
            mark = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        write_text(path, "\ufeff" * mark + text)
    except OSError as error:
        raise write_error(source.path, error, help=None) from None


def write_error(
    path: Path, error: OSError, help: str | None = "choose another place"
) -> CommandError:
    """Return the error for a file that cannot be written."""
    reason = error.strerror or str(error)
    return CommandError(f"cannot write {path}: {reason[:1].lower()}{reason[1:]}", help)


def run_folder(output: str | None, name: str) -> Path:
    """Create the folder of a run. CommandError if that fails, or it is not empty."""
    from nndsl.files import create_folder
    from nndsl.live.run import new_folder

    folder = Path(output) if output is not None else Path("runs")
    try:
        if output is None:
            return new_folder(name, folder)
        create_folder(folder)
        used = any(folder.iterdir())
    except OSError as error:
        raise write_error(folder, error) from None
    if used:
        raise CommandError(f"{folder} is not empty", "name another folder after -o")
    return folder


def print_diff(before: str, after: str, name: str, new_name: str) -> None:
    """Print a unified diff of two texts, which `patch` reads unless it goes to a terminal."""
    import difflib

    paint = painter(sys.stdout)
    escape = printable_lines if sys.stdout.isatty() else str
    old, new = (StringIO(text, newline="\n").readlines() for text in (before, after))
    for line in difflib.unified_diff(old, new, printable(name), printable(new_name)):
        text, style = escape(line.removesuffix("\n")), _DIFF_STYLES.get(line[0])
        pieces = [paint(text, style) if style else text]
        pieces += ["\\ No newline at end of file"] * (not line.endswith("\n"))
        text = "".join(f"{one}\n" for one in pieces)
        if sys.stdout.isatty():
            print(text, end="")
        else:
            print_text(text)


def report_expectations(results: Iterable[tuple[str, ExpectationResult]]) -> None:
    """Report the results of expectations, each with the name of its variant, or "" without one.

    SpecError if one does not hold.
    """
    diagnostics = Diagnostics()
    for name, one in results:
        if one.holds:
            say(f"holds: {f'{name}: ' if name else ''}{one.comparison}, found {one.shown}")
        else:
            message = f"variant `{name}`: {one.message}" if name else one.message
            diagnostics.report("NN501", message, one.expectation.span)
    diagnostics.raise_if_failed()
