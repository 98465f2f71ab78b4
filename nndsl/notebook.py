"""Notebooks: cells that are pages, and trainings that show how far they are."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic
from typing import Any, NoReturn

from nndsl.diagnostics import Severity, SpecError
from nndsl.displayed import display_with
from nndsl.explained import ExplainedError
from nndsl.lints import check
from nndsl.live.model import History, Model, load
from nndsl.report.notebook import described, element, history_parts, html, progress
from nndsl.source import Source

MAGIC = "nn"
OFTEN = 0.3  # seconds between two pictures of a training
_undoing = ExitStack()  # what takes away what `prepare` gave


class CellError(ExplainedError):
    """A cell that is no right page."""


EXPLAINED = (ExplainedError, SpecError)  # without a traceback


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CellError(f"%%nn: {message}\n{self.format_usage().rstrip()}")


def _parser() -> _Parser:
    parser = _Parser(prog="%%nn", add_help=False, usage="%%%%nn [NAME] [--train] [--set N=V …]")
    parser.add_argument("name", nargs="?", default="model")
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--style", default="flat")
    return parser


def prepare(shell: Any) -> None:
    """Give a notebook `%%nn`, and show how far trainings are."""

    def nn(line: str, cell: str) -> Model | None:
        """%%nn [NAME] [--train] [--set LET=VALUE …]: the cell is a page, NAME its model."""
        return _run_cell(shell, line, cell)

    undo(shell)
    _undoing.callback(_restoring(shell.magics_manager.magics["cell"], MAGIC))
    shell.register_magic_function(nn, "cell", MAGIC)
    shown = Progress(shell)
    Model.on_training = [*Model.on_training, shown]
    _undoing.callback(_overlook, shown)
    display_with(html)
    _show_errors(shell)
    formatter = shell.display_formatter.formatters["text/html"]
    _undoing.callback(_restoring(formatter.type_printers, History))
    formatter.for_type(History, shown.html)


def _overlook(shown: Progress) -> None:
    Model.on_training = [one for one in Model.on_training if one is not shown]


def _restoring(held: dict[Any, Any], key: Any) -> Callable[[], None]:
    """Return what gives a key of a dict its value of now again, or takes it away."""
    before = {key: held[key]} if key in held else {}

    def restore() -> None:
        held.pop(key, None)
        held.update(before)

    return restore


def _show_errors(shell: Any) -> None:
    """Show what is wrong with a page. What somebody else shows of other errors stays."""
    others, other = shell.custom_exceptions, shell.CustomTB

    def show(shell: Any, kind: type, error: Exception, place: Any, tb_offset: Any = None) -> Any:
        if isinstance(error, EXPLAINED):
            return _show_error(shell, kind, error)
        return other(kind, error, place, tb_offset)

    def restore() -> None:
        if shell.custom_exceptions is shown:
            shell.custom_exceptions, shell.CustomTB = others, other

    shown = (*EXPLAINED, *others)
    shell.set_custom_exc(shown, show)
    _undoing.callback(restore)


def _show_error(shell: Any, kind: type, error: Exception) -> list[str]:
    """Show what is wrong, and where in the page, and not where in this program."""
    said = described(error.diagnostics) if isinstance(error, SpecError) else str(error)
    help = getattr(error, "help", None)
    lines = [*said.splitlines(), *(f"help: {line}" for line in (help or "").splitlines())]
    shell._showtraceback(kind, error, lines)  # a public way to show lines does not exist
    return lines


def undo(shell: Any) -> None:
    """Take `%%nn` and what shows trainings away again; what was there before comes back."""
    _undoing.close()


def _run_cell(shell: Any, line: str, cell: str) -> Model | None:
    arguments = _parser().parse_args(shlex.split(line))
    name = arguments.name
    if not name.isidentifier():
        raise CellError(f"%%nn: `{name}` is no name of a variable")
    settings = dict(one.partition("=")[::2] for one in arguments.set)
    source = Source(f"{name}.nn", cell)
    found = check(source, settings)
    if any(one.severity is Severity.ERROR for one in found):
        raise CellError(described(found))
    if found:
        print(described(found), file=sys.stderr)
    model = load(source.name, text=cell, set=settings, style=arguments.style)
    shell.user_ns[name] = model
    if not arguments.train:
        return model
    if model.spec.lacks:
        raise CellError(f"%%nn: there is nothing to train: the page has no {model.spec.lacks}")
    try:
        shell.user_ns[f"{name}_history"] = model.fit()
    except FloatingPointError as error:
        raise CellError(f"training diverged: {error}") from None
    return None


class Progress:
    """Shows a training in the place where it runs: a bar and curves, and its results in the end."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.handle: Any = None
        self.last = 0.0
        self.seen: tuple[int, int] | None = None  # which history was shown by which cell

    def __call__(self, model: Model, history: History, has_ended: bool) -> None:
        """Show a training after an epoch."""
        from IPython import display  # a notebook has it

        if self.handle is not None and not has_ended and monotonic() - self.last < OFTEN:
            return
        train = model.spec.train
        epochs = train.epochs if train is not None else None
        text = element(history_parts(history)) if has_ended else progress(history, epochs)
        shown = display.HTML(text)  # type: ignore[no-untyped-call]
        if self.handle is None:
            self.handle = display.display(shown, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self.handle.update(shown)
        self.last = monotonic()
        if has_ended:
            self.handle = None
            self.seen = id(history), self.shell.execution_count

    def html(self, history: History) -> str | None:
        """Return what a cell shows of a history: nothing more where it has just been shown."""
        if self.seen == (id(history), self.shell.execution_count):
            return None
        return element(history_parts(history))
