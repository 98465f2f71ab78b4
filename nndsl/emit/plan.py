"""The plan of a script: what its templates print, with every decision made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from nndsl.analysis.json_form import tree_to_json
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics
from nndsl.emit import layout
from nndsl.program.constants import Constant, literal
from nndsl.program.context import entries
from nndsl.program.program import Array, Equation, Loading, Program, Training, Update
from nndsl.program.sampling import LENGTH, TEMPERATURE
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train

Lines = list[str]
EQUATION_WIDTH, EQUATIONS_WIDTH, WIDEST = 15, 80, 96

KEPT = 'print(f"ended after epoch {epoch}, with the weights of epoch {train.kept}, the best")'


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    source: str
    weights: str
    states: Lines
    before: Lines
    decay: Lines
    statements: Lines


@dataclass(frozen=True, slots=True)
class TrainPlan:
    arguments: str
    given: str
    epochs: str
    begin: Lines
    start: str
    batches: str
    losses: str
    sums: Lines
    results: str
    evaluations: Lines
    watch: Lines
    finish: Lines


@dataclass(frozen=True, slots=True)
class MainPlan:
    load: str
    heading: str
    report: Lines
    end: Lines
    save: str
    test: Lines


def head(program: Program) -> Lines:
    """Return the equations of the model, and what training makes small."""
    lines = _equations(program.equations)
    if program.training is not None:
        first, *rest = program.training.terms
        loss = " + ".join([f"loss = {first}", *rest])
        wide = len(loss) > EQUATIONS_WIDTH
        lines += [f"loss = {first}", *(f"     + {term}" for term in rest)] if wide else [loss]
    return lines


def _equations(equations: Iterable[Equation]) -> Lines:
    """Return lines of equations: one has those of a layer with weights and of what follows."""
    lines: Lines = []
    block = ""
    for equation in equations:
        indent = "  " * bool(equation.block)
        starts = equation.has_weights or not lines or equation.block != block
        if equation.block and equation.block != block:
            lines.append(f"{equation.block}:")
        most = EQUATIONS_WIDTH
        for part in equation.text.split("    "):
            if starts or len(lines[-1]) + len(part) > most:
                lines.append(indent + part)
            else:
                lines[-1] = f"{lines[-1].ljust(EQUATION_WIDTH)}    {part}"
            starts, most = False, WIDEST  # of one equation as much as fits stands together
        block = equation.block
    return lines


def title(program: Program) -> str:
    """Return the network in a line: `digits -> 100 relu -> 100 relu -> 10`."""
    given = (
        program.loading.title
        if program.loading
        else " x ".join(map(str, program.graph.input.shape))
    )
    steps = [given]
    for node in program.graph.nodes:
        if node.has_weights:
            steps.append(" x ".join(map(str, node.output.shape)))
        elif node.layer.equation and len(steps) > 1:
            steps[-1] += f" {node.layer.keyword()}"
    text = f"{program.spec.name}: {' -> '.join(steps)}"
    return text if len(text) <= 96 else text[:93].rpartition(" -> ")[0] + " -> …"


def fingerprint(spec: Spec) -> str:
    """Return eight digits that are the same for all layouts of the same spec."""
    canonical = json.dumps(tree_to_json(spec.tree, Diagnostics()))
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


def settings(program: Program) -> Lines:
    """Return the constants of the script with their comments."""
    train = program.spec.train
    made: list[tuple[str, str]] = [(f"SEED = {program.spec.seed}", "")]
    if train is not None:
        length, what = (
            ("STEPS", "optimizer steps of the whole training")
            if train.steps is not None
            else ("EPOCHS", "passes over the training part")
        )
        values = f"{train.batch}, {train.steps or epochs(train)}"
        made.append((f"BATCH_SIZE, {length} = {values}", f"examples a step, {what}"))
    made += constants(program.constants)
    files = program.loading.files if program.loading else {}
    made += [
        (f"{file.constant} = Path(__file__).with_name({literal(name)})", "")
        for name, file in files.items()
    ]
    streams = program.streams
    names = ", ".join(streams) + ("," if len(streams) == 1 else "")
    made.append(
        (
            f"{names} = np.random.default_rng(SEED).spawn({len(streams)})",
            "one for each use",
        )
    )
    return [layout.settings(made)]


def constants(named: Iterable[Constant]) -> list[tuple[str, str]]:
    """Return the code of constants and their comments; neighbours of one comment are one line."""
    made = []
    for comment, group in groupby(named, key=lambda constant: constant.comment):
        same = list(group)
        names, codes = ", ".join(c.name for c in same), ", ".join(c.code for c in same)
        made.append((f"{names} = {codes}", comment))
    return made


def epochs(train: Train) -> int:
    """Return the number of epochs, also where the spec leaves it out."""
    return train.epochs or DEFAULT_EPOCHS


def arrays(made: tuple[Array, ...]) -> Lines:
    """Return the entries of a dictionary of arrays, those of one layer on a line."""
    lines: Lines = []
    for array in made:
        entry = f'"{array.name}": {array.code},'
        number = array.name.lstrip("".join(c for c in array.name if not c.isdigit()))
        previous = lines[-1] if lines else ""
        if (
            previous
            and f'{number}":' in previous
            and "#" not in previous
            and len(previous) + len(entry) < 92
            and not array.note
        ):
            lines[-1] += f" {entry}"
        else:
            lines.append(entry)
    return lines


def update_plan(update: Update, parameters: tuple[Array, ...]) -> UpdatePlan:
    weights = [array.name for array in parameters if array.is_weight]
    make = "{{name: np.{zeros}(p{value}) for name, p in params.items()}}"
    states = []
    for name, first, note in update.states:
        code = make.format(
            zeros="full_like" if first else "zeros_like",
            value=f", {literal(first)}" if first else "",
        )
        states.append(f"{name} = {code}{f'    # {note}' if note else ''}")
    return UpdatePlan(
        source=update.source,
        weights="{" + entries([literal(name) for name in weights]) + "}",
        states=states,
        before=layout.lay_out(update.before),
        decay=layout.lay_out(update.decay, 12),
        statements=layout.lay_out(update.statements, 8),
    )


def train_plan(training: Training, loading: Loading | None) -> TrainPlan:
    parts = loading.parts if loading else ("training", "validation")
    has_validation = "validation" in parts
    sums = {"loss": "loss_sum"} | ({"penalty": "penalty_sum"} if training.has_penalty else {})
    seen = "seen" if training.by_steps else "len(X)"
    means = ", ".join(f'"{name}": {total} / {seen}' for name, total in sums.items())
    evaluations = []
    if training.metrics:
        targets = [f'results["training_{metric}"]' for metric in training.metrics]
        evaluations += _unpacking(["_", *targets], "evaluate(X, t)")
    if has_validation:
        targets = [f'results["validation_{name}"]' for name in ("loss", *training.metrics)]
        evaluations += _unpacking(targets, "evaluate(*validation)")
    begin: Lines = []
    if training.by_steps:
        begin.append("    epochs = math.ceil(STEPS / math.ceil(len(X) / BATCH_SIZE))")
    watch: Lines = []
    finish: Lines = []
    stopping = training.stopping
    if stopping is not None:
        sign = "-" if stopping.higher_is_better else ""
        begin += layout.lay_out(stopping.begin)
        watch = [
            f'        value = {sign}results["{stopping.metric}"]',
            *layout.lay_out(stopping.watch, 8),
            f"        if {stopping.done}:",
            "            break",
        ]
        finish = [*layout.lay_out(stopping.finish), f"    train.kept = {stopping.kept}"]
    ends = ["seen += len(batch)", "if step == STEPS:", "    break"] if training.by_steps else []
    return TrainPlan(
        arguments="X, t, validation" if has_validation else "X, t",
        given="*training, validation" if has_validation else "*training",
        epochs="range(1, epochs + 1)" if training.by_steps else "range(1, EPOCHS + 1)",
        begin=begin,
        start=" = ".join([*sums.values(), *["seen"] * training.by_steps]) + " = 0",
        batches="np.split(batch_rng.permutation(len(X)), range(BATCH_SIZE, len(X), BATCH_SIZE))",
        losses=", ".join(sums),
        sums=[
            f"{'loss_sum += float(loss) * len(batch)':<52}# the last batch may be smaller",
            *[f"{sums[name]} += float({name}) * len(batch)" for name in list(sums)[1:]],
            *ends,
        ],
        results=f"{{{means}}}",
        evaluations=evaluations,
        watch=watch,
        finish=finish,
    )


def main_plan(program: Program, training: Training, loading: Loading) -> MainPlan:
    test = []
    if "test" in loading.parts:
        judged = ["loss", *training.metrics]
        shown = "   ".join(f"test {name.replace('_', ' ')} {{:.4f}}" for name in judged)
        test = [f'print("{shown}".format(*evaluate(*test)))']
    if program.sampling is not None:
        start = literal(program.spec.description.beginning)
        test.append(f"print(sample({start}, {LENGTH}, {TEMPERATURE}, np.random.default_rng(SEED)))")
    names = reported(training, loading)
    widths = "  ".join(["{:5d}", *(f"{{:{max(7, len(name))}.4f}}" for name in names)])
    report = [f'print("{widths}".format(epoch, *results.values()))']
    if training.due:
        last = "" if training.by_steps else " or epoch == EPOCHS"
        report = [f"if {training.due}{last}:", *(f"    {line}" for line in report)]
    kept = ["**params", *["**state"] * bool(program.states)]
    kept += ["**statistics"] * loading.standardizes
    path = 'Path(__file__).with_suffix(".weights.npz")'
    save = f'np.savez({path}, {", ".join(kept)}, network="{program.identity}")'
    if len(save) > layout.WIDTH - 4:
        save = f'np.savez({path}, {", ".join(kept)},\n             network="{program.identity}")'
    return MainPlan(
        load=f"{', '.join(loading.parts)} = load_data()",
        heading="  ".join(["epoch", *(f"{name:>7}" for name in names)]),
        report=report,
        end=[KEPT] * (training.stopping is not None),
        save=save,
        test=test,
    )


def reported(training: Training, loading: Loading | None) -> Lines:
    """Return the names of an epoch's results, in order."""
    names = ["loss"] + ["penalty"] * training.has_penalty
    names += [f"training_{metric}" for metric in training.metrics]
    if loading is None or "validation" in loading.parts:
        names += [f"validation_{name}" for name in ("loss", *training.metrics)]
    return names


def _unpacking(targets: Lines, value: str) -> Lines:
    """Return `a, b = value`, on several lines where it is long."""
    line = f"{', '.join(targets)}{',' * (len(targets) == 1)} = {value}"
    if len(line) <= layout.WIDTH - 8:
        return [line]
    return ["(", *(f"    {target}," for target in targets), f") = {value}"]
