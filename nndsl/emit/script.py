"""The script: a program laid out as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from nndsl import __version__
from nndsl.analysis.spec import Spec
from nndsl.emit import layout
from nndsl.emit.checksum import BLANK, with_checksum
from nndsl.emit.head import fingerprint, head, title
from nndsl.program.passes import drop_repeated_comments
from nndsl.program.program import File, Function, Program
from nndsl.program.sections import Section, sections
from nndsl.program.style import FLAT, LAYERS
from nndsl.program.training_loop import Report, reported, write_report
from nndsl.record import record
from nndsl.resources import read_text
from nndsl.shapes import Shape
from nndsl.source import Origin

if TYPE_CHECKING:
    from nndsl.program.descent import Descent

ONE_CORE = (
    'os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")'
    "    # before numpy: small products want one core"
)
KEEP_MEMORY = (
    "np.empty(31 * 2**20, np.uint8)    # freed at once: then the C library keeps what a step frees"
)
MAPPED = 2**15  # numbers: what is larger, the C library asks of the system, and gives it back
SMALL_PRODUCT = 2**24  # multiplications: below, waiting for a second core costs what it gains
MODULES = ("math", "os", "sys")
FROM_MODULES = {"lru_cache": "functools", "pairwise": "itertools", "Path": "pathlib"}
OPTIMIZED = """

Optimized: it computes what the plain script does, in memory that is made once, for the sizes that
its page has: change them there. The margin says what each line computes."""


@record
class Script:
    """A script, the files that it reads by the name they have beside it, and what it speaks of."""

    text: str
    files: Mapping[str, File]
    trained: tuple[str, ...]  # the parameters that have gradients
    parts: tuple[str, ...]  # of the data: what `load_data` returns
    metrics: tuple[str, ...]  # what `evaluate` returns after the loss
    results: tuple[str, ...]  # what `train` yields of an epoch
    inputs: Mapping[str, Shape]  # of the network, by name
    identity: str  # of the network: what weights belong to
    is_optimized: bool = False
    blocks: tuple[str, ...] = ()  # functions of blocks, each called in several places
    report: Report | None = None  # what `main` prints, where there is one
    style: str = FLAT
    lines: tuple[str, ...] = field(default=(), repr=False, compare=False)  # some of them ScriptLine

    @property
    def origins(self) -> tuple[Origin | None, ...]:
        """The place in the page of each of its lines."""
        return tuple(
            line.origin if isinstance(line, layout.ScriptLine) else None for line in self.lines
        )

    @property
    def input_shape(self) -> Shape:
        """The shape of the only input, or of the first of several."""
        return next(iter(self.inputs.values()))


def write_script(
    program: Program,
    *,
    name: str = "train.py",
    rewrite: Callable[[list[Section]], list[Section]] | None = None,
) -> Script:
    """Return the text of a program. `name` is the file that it will be written to.

    `rewrite` changes its sections after comments are placed; what they import stays.
    """
    made = list(_saying_once(sections(program)))
    imports = _imports(made, program)
    if rewrite is not None:
        made = rewrite(made)
    loading, training = program.loading, program.training
    usage = f"  Run: python {layout.words(name)}"
    if not training or not loading:
        usage = " It names no data to train on."
    text, lines = _frame(
        title(program),
        head(program),
        program.spec,
        usage + OPTIMIZED * (program.workspace is not None),
        made,
        imports,
    )
    return Script(
        text,
        files=program.files,
        trained=tuple(parameter.name for parameter in program.trained),
        parts=loading.parts if loading else (),
        metrics=training.metrics if training else (),
        results=tuple(reported(training, loading)) if training else (),
        inputs={
            name: value.shape
            for name, value in zip(program.inputs, program.graph.inputs.values(), strict=True)
        },
        identity=program.identity,
        is_optimized=program.workspace is not None,
        blocks=tuple(block.name for block in program.blocks),
        report=write_report(training, loading) if training and loading else None,
        style=LAYERS if program.classes else FLAT,
        lines=lines,
    )


def write_descent(descent: Descent, *, name: str = "descent.py") -> Script:
    """Return the text of a descent on a formula. `name` is the file that it will be written to."""
    from nndsl.program.descent_sections import descent_sections  # a network has no need of it

    made = list(descent_sections(descent))
    count = descent.minimizing.steps
    steps = f"{count} step{'s' * (count != 1)} of {descent.update.title} on a formula"
    usage = f"  Run: python {layout.words(name)}"
    imports = [*_modules(made), "", "import numpy as np"]
    text, lines = _frame(
        f"{descent.spec.name}: {steps}", descent.equations, descent.spec, usage, made, imports
    )
    return Script(text, {}, (), (), (), (), {}, "", lines=lines)


def _frame(
    title: str,
    head: Sequence[str],
    spec: Spec,
    usage: str,
    sections: Iterable[Section],
    imports: Sequence[str],
) -> tuple[str, tuple[str, ...]]:
    """Return the text of a script: its head, its imports and its sections; and its lines."""
    template = Template(read_text("templates", "script.py.template"))
    lines = [line for section in sections for line in ["", "", *layout.section(section)]][2:]
    text = with_checksum(
        template.substitute(
            title=title,
            head="".join(f"    {line}\n" for line in head),
            version=__version__,
            spec_file=layout.words(Path(spec.source.name).name),
            spec_hash=fingerprint(spec),
            text_hash=BLANK,
            usage=usage,
            imports="\n".join(imports),
            sections="\n".join(lines),
        )
    )
    above = text.split("\n")[: text.count("\n") - len(lines)]
    return text, (*above, *lines)


def _saying_once(sections: Iterable[Section]) -> Iterator[Section]:
    """Yield sections whose functions say each comment at the first place where it stands."""
    said: set[str] = set()
    for section in sections:
        parts = [
            _saying_new(part, said) if isinstance(part, Function) else part
            for part in section.parts
        ]
        yield replace(section, parts=tuple(parts))


def _saying_new(function: Function, said: set[str]) -> Function:
    """Return a function without the comments that were said before it."""
    return replace(function, statements=tuple(drop_repeated_comments(function.statements, said)))


def _imports(sections: Sequence[Section], program: Program) -> list[str]:
    """Return the import lines for what the sections read, and what makes numpy fast."""
    is_small = program.training is not None and program.largest_product <= SMALL_PRODUCT
    keeps = program.allocates_in_loops and (not is_small or program.largest_array > MAPPED)
    own = program.loading.modules if program.loading else ()
    found = _modules(sections, own, ["os"] * is_small)
    standard = [line for line in found if "." not in line]
    lines = [*standard, *[""] * bool(standard), *[ONE_CORE] * is_small, "import numpy as np"]
    lines += [line for line in found if "." in line]  # of an extra, and no standard library
    return [*lines, "", KEEP_MEMORY] if keeps else lines


def _modules(
    sections: Iterable[Section], more: Iterable[str] = (), needed: Iterable[str] = ()
) -> list[str]:
    """Return import lines: for what sections read, and what is needed."""
    used = {name for section in sections for name in section.reads}
    modules = {module for module in {*MODULES, *more} if module.partition(".")[0] in used}
    modules |= {*needed}
    names = [
        f"from {module} import {name}" for name, module in FROM_MODULES.items() if name in used
    ]
    return [*(f"import {name}" for name in sorted(modules)), *names]
