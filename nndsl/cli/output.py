"""What commands write: files, and words about them.

What was asked for goes to stdout; what there is to say about it goes to stderr.
"""

from __future__ import annotations

import codecs
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nndsl.cli.color import painter
from nndsl.cli.failure import CommandError
from nndsl.cli.formats import full
from nndsl.cli.rendering import in_order, many, notice
from nndsl.cli.visible import visible_lines
from nndsl.diagnostics import Findings
from nndsl.files import write_text
from nndsl.interchange import command_line
from nndsl.source import Source

if TYPE_CHECKING:
    from nndsl.analysis.compile import Checked


def say(text: str) -> None:
    """Say something about what was done."""
    print(visible_lines(text), file=sys.stderr)


def warn(message: str, help: str | None = None) -> None:
    """Say that something may not be as it should."""
    print(notice("warning", message, help, painter(sys.stderr)), file=sys.stderr)


def report_findings(findings: Findings, source: Source) -> None:
    """Show the warnings about a spec; SpecError where it has errors."""
    found = in_order(findings.diagnostics, source.name)
    findings.diagnostics[:] = found
    findings.raise_if_failed()
    if found:
        print(full.render(found, [source.name], painter(sys.stderr)), file=sys.stderr)


def count_warnings(
    checked: Checked, findings: Findings, source: Source, arguments: Namespace
) -> None:
    """Say each warning in a line and what shows more; SpecError where the spec has errors.

    For commands that have more to say than what is doubtful about a spec.
    """
    findings.diagnostics[:] = in_order(findings.diagnostics, source.name)
    findings.raise_if_failed()
    from nndsl.analysis.override import as_options
    from nndsl.lints import lint

    seen = Findings()
    seen.diagnostics = list(findings.diagnostics)
    lint(checked, seen)
    if seen.diagnostics:
        from nndsl.cli.formats import concise

        settings = as_options(dict(arguments.set))
        command = command_line(["nndsl", "check", arguments.spec, *settings])
        found = in_order(seen.diagnostics, source.name)
        print("\n".join(concise.lines(found, painter(sys.stderr))), file=sys.stderr)
        say(f"{many(len(found), 'warning')}: `{command}` says more")


def print_text(text: str, stream: TextIO | None = None) -> None:
    """Write a text to stdout as it is, in UTF-8 whatever the system speaks.

    A terminal is shown it, and obeys none of its characters.
    """
    stream = stream or sys.stdout
    if stream.isatty():
        print(visible_lines(text), end="", file=stream)
        return
    stream.flush()
    stream.buffer.write(text.encode("utf-8", "backslashreplace"))
    stream.buffer.flush()


def refuse_unfit(path: Path, source: Source) -> None:
    """Refuse, before anything is written, an output that is the spec itself or cannot be."""
    if source.path and path.exists() and path.samefile(source.path):
        raise CommandError(f"{path} is the spec itself", "name another file after -o")
    if path.is_dir():
        raise CommandError(f"{path} is a folder", "name a file in it after -o")
    from nndsl.data.source_file import is_importable, shadows_module  # `fmt` has no need

    if is_importable(path.name) and shadows_module(path.name):
        raise CommandError(
            f"{path} has the name of a module: Python would import it where that is meant",
            "name another file after -o, such as train.py",
        )
    if not path.parent.is_dir():
        raise CommandError(
            f"cannot write {path}: there is no folder {path.parent}", "create it first"
        )


def write(path: Path, text: str) -> None:
    """Write a text to a file in one step, and leave the file alone if that fails."""
    try:
        write_text(path, text)
    except OSError as error:
        raise unwritable(path, error) from None


def rewrite(source: Source, text: str) -> None:
    """Put another text into the file of a source, in one step; a link to it stays one."""
    assert source.path is not None
    path = source.path.resolve()
    try:
        with path.open("rb") as file:
            mark = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        write_text(path, "\ufeff" * mark + text)
    except OSError as error:
        raise unwritable(source.path, error, help=None) from None


def unwritable(
    path: Path, error: OSError, help: str | None = "choose another place"
) -> CommandError:
    """Return what there is to say about a file that cannot be written."""
    reason = error.strerror or str(error)
    return CommandError(f"cannot write {path}: {reason[:1].lower()}{reason[1:]}", help)
