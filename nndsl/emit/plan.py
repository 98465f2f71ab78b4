"""The plan of a script: what its templates print, with every decision made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from nndsl.emit import layout
from nndsl.program.constants import literal
from nndsl.program.program import Array, Function, Loading, Program, Training, Update
from nndsl.statements import parse_text
from nndsl.syntax.printer import print_tree
from nndsl.vocabulary.sections.train import Train

Lines = list[str]


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
    epochs: str
    begin: Lines
    zeros: str
    losses: str
    sums: Lines
    record: str
    evaluations: Lines
    watch: Lines
    finish: Lines


@dataclass(frozen=True, slots=True)
class MainPlan:
    load: str
    report: Lines
    test: Lines


def head(program: Program) -> Lines:
    """Return the equations of the model, and what training makes small."""
    lines = list(program.equations)
    train = program.spec.train
    if train is not None and program.training is not None:
        output = program.training.measure.arguments.partition(",")[0]
        loss = train.loss.equation
        names = {"x": output}
        words = "".join(names.get(part, part) for part in _words(loss))
        penalty = ""
        if train.regularize is not None and program.training.has_penalty:
            known = {field: train.regularize.constants.get(field, field) for field in type(train.regularize).model_fields}
            penalty = " + " + "".join(known.get(part, part) for part in _words(train.regularize.equation))
        lines.append(f"loss = {words}{penalty}")
    return lines


def title(program: Program) -> str:
    """Return the network in a line: `digits -> 100 relu -> 100 relu -> 10`."""
    given = program.loading.title if program.loading else " x ".join(map(str, program.graph.input.shape))
    steps = [given]
    for node in program.graph.nodes:
        if any(parameter.is_weight for parameter in node.parameters.values()):
            steps.append(" x ".join(map(str, node.output.shape)))
        elif node.layer.equation and len(steps) > 1:
            steps[-1] += f" {node.layer.word()}"
    text = f"{program.spec.name}: {' -> '.join(steps)}"
    return text if len(text) <= 96 else text[:93].rpartition(" -> ")[0] + " -> …"


def fingerprint(program: Program) -> str:
    """Return eight digits that are the same for all layouts of the same spec."""
    canonical = print_tree(replace(program.spec.tree, comments=()))
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


def settings(program: Program) -> Lines:
    """Return the constants of the script with their comments."""
    train = program.spec.train
    entries: list[tuple[str, str]] = [(f"SEED = {train.seed if train else 0}", "")]
    if train is not None:
        entries.append((f"BATCH_SIZE = {train.batch}", "examples a step"))
        entries.append(
            (f"STEPS = {train.steps}", "optimizer steps of the whole training")
            if train.steps is not None
            else (f"EPOCHS = {epochs(train)}", "passes over the training part")
        )
        entries.append(("CHUNK = 1000", "rows at a time where no gradient is needed"))
    entries += [(f"{c.name} = {c.code}", c.comment) for c in program.constants]
    streams = program.streams
    names = ", ".join(streams) + ("," if len(streams) == 1 else "")
    return [
        layout.settings(entries),
        "# One stream of random numbers for each use of chance, so that changing one leaves the others alone.\n"
        f"{names} = np.random.default_rng(SEED).spawn({len(streams)})",
    ]


def epochs(train: Train) -> int:
    """Return the number of epochs, also where the spec leaves it out."""
    from nndsl.program.training import DEFAULT_EPOCHS

    return train.epochs or DEFAULT_EPOCHS


def arrays(made: tuple[Array, ...]) -> Lines:
    """Return the entries of a dictionary of arrays, those of one layer on a line."""
    lines: Lines = []
    for array in made:
        entry = f'"{array.name}": {array.code},'
        number = array.name.lstrip("".join(c for c in array.name if not c.isdigit()))
        previous = lines[-1] if lines else ""
        if previous and f'{number}":' in previous and "#" not in previous and len(previous) + len(entry) < 92 and not array.note:
            lines[-1] += f" {entry}"
        else:
            lines.append(entry)
    return lines


def update_plan(update: Update, parameters: tuple[Array, ...]) -> UpdatePlan:
    weights = [array.name for array in parameters if array.is_weight]
    make = "{{name: np.{zeros}(p{value}) for name, p in params.items()}}"
    states = []
    for name, first, note in update.states:
        code = make.format(zeros="full_like" if first else "zeros_like", value=f", {literal(first)}" if first else "")
        states.append(f"{name} = {code}{f'    # {note}' if note else ''}")
    return UpdatePlan(
        source=update.source,
        weights="{" + ", ".join(map(literal, weights)) + "}",
        states=states,
        before=layout.lay_out(update.before),
        decay=layout.lay_out(update.decay, 12),
        statements=layout.lay_out(update.statements, 8),
    )


def train_plan(training: Training, loading: Loading | None) -> TrainPlan:
    parts = loading.parts if loading else ("training", "validation")
    has_validation = "validation" in parts
    sums = {"loss": "loss_sum"} | ({"penalty": "penalty_sum"} if training.has_penalty else {})
    means = ", ".join(f'"{name}": {total} / seen' for name, total in sums.items())
    evaluations = []
    if training.metrics:
        targets = ", ".join(f'record["training_{metric}"]' for metric in training.metrics)
        evaluations.append(f"_, {targets} = evaluate(X, t)")
    if has_validation:
        targets = ", ".join(f'record["validation_{name}"]' for name in ("loss", *training.metrics))
        evaluations.append(f"{targets}{',' * (not training.metrics)} = evaluate(*validation)")
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
            f'        value = {sign}record["{stopping.metric}"]',
            *layout.lay_out(stopping.watch, 8),
            f"        if {stopping.done}:",
            "            break",
        ]
        finish = layout.lay_out(stopping.finish)
    ends = ["if step == STEPS:", "    break"] if training.by_steps else []
    return TrainPlan(
        arguments="training, validation" if has_validation else "training",
        epochs="range(1, epochs + 1)" if training.by_steps else "range(1, EPOCHS + 1)",
        begin=begin,
        zeros=" = ".join([*sums.values(), "seen"]) + " = 0",
        losses=", ".join(sums),
        sums=[
            *(f"{total} += float({name}) * len(batch)" for name, total in sums.items()),
            "seen += len(batch)",
            *ends,
        ],
        record=f'{{"epoch": epoch, {means}}}',
        evaluations=evaluations,
        watch=watch,
        finish=finish,
    )


def main_plan(training: Training, loading: Loading) -> MainPlan:
    test = []
    if "test" in loading.parts:
        names = ", ".join(f'"test_{name}"' for name in ("loss", *training.metrics))
        test = [
            f"result = dict(zip([{names}], evaluate(*test), strict=True))",
            'print(f"\\n{heading(result)}\\n{row(result)}")',
        ]
    report = ["print(row(record))"]
    if training.due:
        last = "" if training.by_steps else ' or record["epoch"] == EPOCHS'
        report = [f"if {training.due}{last}:", "    print(row(record))"]
    return MainPlan(f"{', '.join(loading.parts)} = load_data()", report, test)


def _words(text: str) -> Lines:
    import re

    return re.findall(r"\w+|\W+", text)


def save(has_state: bool) -> Function:
    """Return the function that keeps the weights."""
    arrays = "**params, **state" if has_state else "**params"
    return Function(
        "save",
        'path=Path(__file__).with_suffix(".weights.npz")',
        "Keep the weights beside the script.",
        parse_text(f"np.savez(path, {arrays})"),
    )
