"""The script: a program laid out as text."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nndsl import __version__
from nndsl.emit import layout, plan
from nndsl.emit.frame import render
from nndsl.emit.seal import BLANK, seal
from nndsl.emit.vector_plan import vector_plan, vector_step_plan
from nndsl.program.passes import return_value, say_once
from nndsl.program.program import File, Function, Program
from nndsl.shapes import Shape

KEPT = "@lru_cache(maxsize=2)".ljust(layout.MARGIN) + "# for full batches, and for the last one"
ONE_CORE = (
    'os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")'
    "    # before numpy: small products want one core"
)
KEEP_MEMORY = (
    "np.empty(31 * 2**20, np.uint8)    # freed at once: then the C library keeps what a step frees"
)
STATISTICS = "statistics = {}".ljust(layout.MARGIN) + "# of the inputs: see load_data"
UNCHECKED = "this script was built without that check: `nndsl build --with gradcheck` adds it"
MAPPED = 2**15  # numbers: what is larger, the C library asks of the system, and gives it back
SMALL_PRODUCT = 2**24  # multiplications: below, waiting for a second core costs what it gains
OPTIMIZED = """

Optimized: it computes what the plain script does, in memory that is made once. The margin says
what each line computes."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script, the files that it reads by the name they have beside it, and what it speaks of."""

    text: str
    files: Mapping[str, File]
    parts: tuple[str, ...]  # of the data: what `load_data` returns
    metrics: tuple[str, ...]  # what `evaluate` returns after the loss
    input_shape: Shape
    identity: str  # of the network: what weights belong to
    is_optimized: bool = False
    blocks: tuple[str, ...] = ()  # functions of blocks, each called in several places


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a section and the blank lines before it."""

    text: str
    space: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    chunks: list[Chunk]


def write_script(program: Program, *, name: str = "train.py") -> Script:
    """Return the text of a program. `name` is the file that it will be written to."""
    said: set[str] = set()
    sections = [spaced(title, chunks) for title, chunks in _sections(program, said)]
    text = render(
        "script.py.jinja",
        title=plan.title(program),
        head=plan.head(program),
        version=__version__,
        spec_file=layout.words(Path(program.spec.source.name).name),
        spec_hash=plan.fingerprint(program.spec),
        text_hash=BLANK,
        usage=_usage(program, name),
        sections=sections,
        imports=_imports(sections, program),
        run=_run(program),
    )
    loading, training = program.loading, program.training
    return Script(
        seal(text + "\n"),
        files=loading.files if loading else {},
        parts=loading.parts if loading else (),
        metrics=training.metrics if training else (),
        input_shape=program.graph.input.shape,
        identity=program.identity,
        is_optimized=program.workspace is not None,
        blocks=tuple(block.name for block in program.blocks),
    )


def _run(program: Program) -> list[str]:
    """Return what the script does when it is run, if it can train."""
    if program.training is None or program.loading is None:
        return []
    check = "check_gradients()" if program.checks else f'"{UNCHECKED}"'
    return ['if "--check-gradients" in sys.argv:', f"    sys.exit({check})", "main()"]


def _usage(program: Program, name: str) -> str:
    usage = " It names no data to train on."
    if program.training and program.loading:
        usage = f"  Run: python {layout.words(name)}"
    return usage + (OPTIMIZED if program.workspace is not None else "")


def _sections(program: Program, said: set[str]) -> list[tuple[str, list[str]]]:
    def written(function: Function) -> str:
        return layout.function(
            replace(function, statements=tuple(say_once(function.statements, said)))
        )

    training, loading = program.training, program.loading
    sections = [("Settings", plan.settings(program))]
    if loading is not None:
        kept = [STATISTICS] * loading.standardizes
        sections.append(("Data", [*kept, written(loading.function)]))
    made = [written(function) for function in program.initializers]
    parameters = render(
        "parameters.py.jinja",
        parameters=plan.arrays(program.parameters),
        states=plan.arrays(program.states),
        state_is_read=program.training is not None and program.training.stopping is not None,
    )
    network = [*program.functions, *map(written, program.blocks)]
    network.append(written(return_value(program.predict)))
    workspace = program.workspace
    if workspace is not None:
        vector = render("vector.py.jinja", vector=vector_plan(workspace, program.dtype))
        parameters = "\n\n\n".join([parameters, written(workspace.aligned), vector])
        network.append(f"{KEPT}\n{written(workspace.memory)}")
    sections.append(("Parameters", [*made, parameters]))
    if training is not None:
        if training.batch_loss is not None:
            network.append(written(training.batch_loss))
        network.append(written(training.loss_and_gradients))
    sections.append(("The network", network))
    if training is not None:
        update = training.update
        schedules = [written(schedule) for schedule in update.schedules]
        if workspace is not None and workspace.step is not None:
            rendered = render("update_vector.py.jinja", step=vector_step_plan(update, workspace))
        else:
            optimizer = plan.update_plan(update, program.parameters)
            rendered = render("update.py.jinja", optimizer=optimizer)
        sections.append((f"The optimizer: {update.title}", [*schedules, rendered]))
        train = plan.train_plan(training, loading)
        chunks = [
            written(training.evaluate),
            render("train.py.jinja", train=train),
        ]
        if program.sampling is not None:
            chunks.append(written(program.sampling))
        if loading is not None:
            main = plan.main_plan(program, training, loading)
            chunks.append(render("main.py.jinja", main=main, train=train))
        sections.append(("Training", chunks))
    if program.checks:
        sections.append(("The gradient check", [written(check) for check in program.checks]))
    return sections


def spaced(title: str, chunks: list[str]) -> Section:
    """Return a section whose functions have two blank lines around them."""
    spaced = []
    previous = ""
    for chunk in chunks:
        defines = chunk.startswith(("def ", "@")) or previous.startswith(("def ", "@"))
        spaced.append(Chunk(chunk, "\n\n" if previous and defines else "\n" * bool(previous)))
        previous = chunk
    return Section(title, spaced)


def _used(chunks: list[str], names: set[str]) -> set[str]:
    """Return those of the names that the code of the chunks reads.

    The tree of a text takes a hundred times its memory: a long one is parsed only where it holds
    a name that no shorter one uses.
    """
    used: set[str] = set()
    for chunk in sorted(chunks, key=len):
        if any(name in chunk for name in names - used):
            used |= {node.id for node in ast.walk(ast.parse(chunk)) if isinstance(node, ast.Name)}
    return used


def _imports(sections: list[Section], program: Program) -> list[str]:
    """Return the import lines for what the sections use, and what makes numpy fast."""
    modules = program.loading.modules if program.loading else ()
    imported = {"math", "lru_cache", "pairwise", "Path", *modules}
    used = _used([chunk.text for section in sections for chunk in section.chunks], imported)
    is_small = program.training is not None and program.largest_product <= SMALL_PRODUCT
    keeps = program.allocates and (not is_small or program.largest_array > MAPPED)
    needed = {"math", *modules} & used | ({"os"} if is_small else set())
    needed |= {"sys"} if _run(program) else set()
    standard = [f"import {name}" for name in sorted(needed)]
    if "lru_cache" in used:
        standard.append("from functools import lru_cache")
    if "pairwise" in used:
        standard.append("from itertools import pairwise")
    if "Path" in used:
        standard.append("from pathlib import Path")
    lines = [*standard, *[""] * bool(standard), *[ONE_CORE] * is_small, "import numpy as np"]
    return [*lines, "", KEEP_MEMORY] if keeps else lines
