"""nndsl: neural networks on one page, compiled to readable numpy.

diagnostics = nndsl.check("spec.nn")     what is wrong with a spec
script      = nndsl.build("spec.nn")     the training script
picture     = nndsl.graph("spec.nn")     the computational graph, as a notebook shows it
model       = nndsl.load("spec.nn")      the same text, alive
answers     = model.answer("new.csv")    what it says of new examples
report      = nndsl.check_gradients(model)
parts       = nndsl.check_script(model)  the rest of its text, held to the spec
report      = nndsl.judge_script("spec.nn", "mine.py")     a text that a person edited
comparison  = nndsl.compare("spec.nn")   its variants, trained side by side
"""

from __future__ import annotations

TYPE_CHECKING = False  # this file imports nothing: an interrupt here would be a traceback
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    from nndsl.data import DataError
    from nndsl.diagnostics import Diagnostic, Findings, SpecError
    from nndsl.experiment.comparison.comparison import Comparison
    from nndsl.experiment.comparison.runner import compare
    from nndsl.live.answering import Answers
    from nndsl.live.gradients.check import check_gradients
    from nndsl.live.gradients.report import Report
    from nndsl.live.graph import graph
    from nndsl.live.model import History, Model, ModelError, load
    from nndsl.live.script.check import check_script
    from nndsl.live.script.judging import judge_script
    from nndsl.live.trace import trace
    from nndsl.source import SourceError

__version__ = "0.1.0"
__all__ = [
    "Answers",
    "Comparison",
    "DataError",
    "Diagnostic",
    "History",
    "Model",
    "ModelError",
    "Report",
    "SourceError",
    "SpecError",
    "build",
    "check",
    "check_gradients",
    "check_script",
    "compare",
    "graph",
    "judge_script",
    "load",
    "trace",
]

_HOMES = {
    "Answers": "nndsl.live.answering",
    "DataError": "nndsl.data",
    "Comparison": "nndsl.experiment.comparison.comparison",
    "Diagnostic": "nndsl.diagnostics",
    "SpecError": "nndsl.diagnostics",
    "History": "nndsl.live.model",
    "Model": "nndsl.live.model",
    "ModelError": "nndsl.live.model",
    "Report": "nndsl.live.gradients.report",
    "SourceError": "nndsl.source",
    "check_gradients": "nndsl.live.gradients.check",
    "check_script": "nndsl.live.script.check",
    "graph": "nndsl.live.graph",
    "compare": "nndsl.experiment.comparison.runner",
    "judge_script": "nndsl.live.script.judging",
    "load": "nndsl.live.model",
    "trace": "nndsl.live.trace",
}


def check(
    spec: str | Path,
    *,
    text: str | None = None,
    set: Mapping[str, Any] | None = None,
    words: Iterable[str | Path] = (),
) -> Findings:
    """Return everything that is wrong with a spec: each with its code, message and span.

    `text` is the spec's text where it is not in a file; `spec` is then its name. `set` overrides
    `let` values and settings, `words` are files and folders that it may import from, though they
    lie outside of its own. SourceError where the file cannot be read.
    """
    from nndsl.diagnostics import Findings
    from nndsl.displayed import display_with
    from nndsl.lints import check as check_source
    from nndsl.source import source_of

    display_with(html)
    return Findings(check_source(source_of(spec, text, words), set or {}))


def build(
    spec: str | Path,
    *,
    text: str | None = None,
    set: Mapping[str, Any] | None = None,
    optimize: bool = False,
    style: str = "flat",
    names: str = "blackboard",
    words: Iterable[str | Path] = (),
) -> str:
    """Return the text of the training script, as `nndsl build` writes it.

    `optimize` is its `--optimize`: a faster step, and a longer text. `style` is its `--style`:
    "flat", functions in reading order, or "layers", a class for each kind of layer. `names` is its
    `--names`: whose letters the script has, those of the "blackboard", the "book", or "cs231n".
    `words` is its `--words`.
    SpecError where the spec has errors, SourceError where the file cannot be read.
    """
    from nndsl.emit.build import build as build_source
    from nndsl.source import source_of

    source = source_of(spec, text, words)
    return build_source(source, set or {}, optimized=optimize, style=style, naming=names).text


def __getattr__(name: str) -> Any:
    """Import the rest of the interface when it is used: a check needs no numpy."""
    if name in _HOMES:
        from importlib import import_module

        from nndsl.displayed import display_with

        display_with(html)
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'nndsl' has no attribute {name!r}")


def html(value: object) -> str:
    """Return the element that a notebook shows of a value of this package."""
    from nndsl.report import notebook

    return notebook.html(value)


def load_ipython_extension(shell: Any) -> None:
    """Prepare a notebook: `%load_ext nndsl` gives it `%%nn`, and shows how far trainings are."""
    from nndsl.notebook import prepare

    prepare(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Undo that."""
    from nndsl.notebook import undo

    undo(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
