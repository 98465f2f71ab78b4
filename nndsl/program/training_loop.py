"""The training loop of a script, and the `main` that runs it."""

from __future__ import annotations

from collections.abc import Sequence

from nndsl.ir import (
    ExpressionStatement,
    Name,
    Operation,
    Statement,
    assign,
    block,
    name_tuple,
    names_of,
    parse_text,
    parse_value,
    reads,
    renamed,
    statement,
)
from nndsl.ir.printer import WIDTH, expression, on_lines
from nndsl.ir.tree import Expression
from nndsl.program.constants import literal
from nndsl.program.context import Context
from nndsl.program.evaluation import higher_is_better
from nndsl.program.program import Function, Loading, Program, Stopping, Training
from nndsl.program.sampling import LENGTH, TEMPERATURE
from nndsl.record import record
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train

BEST = "ended after epoch {epoch}, with the weights of epoch {train.kept}, the best"
INTERRUPTED = "interrupted: the weights so far are kept"
MAX_REPORTS = 20  # lines of a run, where the spec does not say
WITHOUT_CHECK = "this script was built without that check: `nndsl build --with gradcheck` adds it"


def write_train(training: Training, loading: Loading | None) -> Function:
    """Write the function that trains; it yields the number and the results of each epoch."""
    validation = ["validation"] * _has_validation(loading)
    stopping, by_steps = training.stopping, training.by_steps
    sums = {"loss": "loss_sum"} | ({"penalty": "penalty_sum"} if training.has_penalty else {})
    counters = [*sums.values(), *["seen"] * by_steps]
    last = _last_epoch(training)
    epochs = f"{last} = math.ceil(STEPS / math.ceil(len(X) / BATCH_SIZE))"
    if training.due is not None:
        epochs += "   # main reads it, to report the last one"
    epoch = [
        *parse_text(f"{' = '.join(counters)} = 0"),
        *parse_text(_batches(sums, by_steps=by_steps)),
        *_results(training, sums, validation, "seen" if by_steps else "len(X)"),
        *parse_text("yield epoch, results"),
    ]
    if stopping is not None:
        sign = "-" if stopping.higher_is_better else ""
        watched = parse_text(f'value = {sign}results["{stopping.metric}"]')
        epoch += [
            *watched,
            *stopping.watch,
            block(f"if {expression(stopping.done)}:", parse_text("break")),
        ]
    body = [*parse_text("step = 0"), *parse_text(epochs) * by_steps]
    body += stopping.begin if stopping is not None else ()
    body.append(block(f"for epoch in range(1, {last} + 1):", epoch))
    if stopping is not None:
        kept = Operation(".kept", (Name("train"),))
        body += [*stopping.finish, assign(kept, stopping.kept)]
    return Function(
        "train",
        ("X", "t", *validation),
        "Visit every example once per epoch, in a new order; yield the epoch and its results.",
        tuple(body),
    )


def _last_epoch(training: Training) -> str:
    """Return how the script has the number of the last epoch. `main` reads it where it reports."""
    if not training.by_steps:
        return "EPOCHS"
    return "epochs" if training.due is None else "train.epochs"


def _batches(sums: dict[str, str], *, by_steps: bool) -> str:
    """Return the loop over the batches of an epoch."""
    adds = [f"    {total} += float({name}) * len(batch)" for name, total in sums.items()]
    adds[0] += "   # the last batch may be smaller"
    ends = ["    seen += len(batch)", "    if step == STEPS:", "        break"]
    lines = f"""
for batch in np.split(batch_rng.permutation(len(X)), range(BATCH_SIZE, len(X), BATCH_SIZE)):
    step += 1
    {", ".join(sums)}, gradients = loss_and_gradients(X[batch], t[batch])
    if not math.isfinite(loss):
        wrong = [name for name, p in params.items() if not math.isfinite(p.sum())]
        raise FloatingPointError(f"epoch {{epoch}}: {{[*wrong, 'the loss'][0]}} is not finite")
    update(gradients, step)"""
    return "\n".join([lines, *adds, *ends * by_steps])


def _results(
    training: Training, sums: dict[str, str], validation: Sequence[str], count: str
) -> list[Statement]:
    """Return the statements that gather what an epoch reports."""
    means = ", ".join(f'"{name}": {total} / {count}' for name, total in sums.items())
    made = [*parse_text(f"results = {{{means}}}")]
    if training.metrics:
        names = (f"training_{metric}" for metric in training.metrics)
        made.append(_unpacking(["_", *map(_result, names)], "evaluate(X, t)"))
    if validation:
        names = (f"validation_{name}" for name in ("loss", *training.metrics))
        made.append(_unpacking([*map(_result, names)], "evaluate(*validation)"))
    return made


def _result(name: str) -> str:
    return f'results["{name}"]'


def _unpacking(targets: list[str], value: str) -> Statement:
    """Return `a, b = value`, each target on a line of its own where it is long."""
    made = Operation("tuple", tuple(map(parse_value, targets)))
    if len(f"{expression(made)} = {value}") > WIDTH:
        made = Operation("tuple", made.operands, lines=(*[1] * len(targets), 0))
    return assign(made, parse_value(value))


@record
class Report:
    """What a training prints: a heading, a row for each epoch that is due, and the test part.

    `row` and `test` are formats of numbers, `test` is empty where there is no such part. `due` is
    an expression over `epoch` and the constants of the script; None: after every epoch.
    """

    heading: str
    row: str
    test: str
    due: Expression | None


def write_report(training: Training, loading: Loading) -> Report:
    """Return what a training prints."""
    names = reported(training, loading)
    judged = (name.replace("_", " ") for name in ("loss", *training.metrics))
    due = training.due
    if due is not None:
        due = Operation("or", (due, parse_value(f"epoch == {_last_epoch(training)}")))
    return Report(
        "  ".join(["epoch", *(f"{name:>7}" for name in names)]),
        "  ".join(["{:5d}", *(f"{{:{max(7, len(name))}.4f}}" for name in names)]),
        "   ".join(f"test {name} {{:.4f}}" for name in judged if "test" in loading.parts),
        due,
    )


def write_main(program: Program) -> Function:
    """Write the function that loads the data, trains, prints the report and saves the weights."""
    training, loading = program.training, program.loading
    assert training is not None
    assert loading is not None
    report = write_report(training, loading)
    row = parse_text(f'print("{report.row}".format(epoch, *results.values()))')
    if report.due is not None:
        row = (block(f"if {expression(report.due)}:", row),)
    given = "*training, validation" if _has_validation(loading) else "*training"
    epochs = block(f"for epoch, results in train({given}):", row)
    best = parse_text(f'print(f"{BEST}")') * (training.stopping is not None)
    interrupted = f'except KeyboardInterrupt:\n    print("{INTERRUPTED}")'
    test = f'print("{report.test}".format(*evaluate(*test)))' if report.test else ""
    return Function(
        "main",
        (),
        "",
        (
            assign(_parts(loading), parse_value("load_data()")),
            *parse_text(f'print("{report.heading}")'),
            block("try:", [epochs, *best], interrupted),
            _save(program, loading),
            *parse_text(test),
            *_sample(program),
        ),
    )


def _parts(loading: Loading) -> Expression:
    return name_tuple(loading.parts) if len(loading.parts) > 1 else Name(loading.parts[0])


def _save(program: Program, loading: Loading) -> Statement:
    kept = ["**params", *["**state"] * bool(program.states)]
    kept += ["**statistics"] * loading.standardizes
    path = 'Path(__file__).with_suffix(".weights.npz")'
    save = parse_value(f'np.savez({path}, {", ".join(kept)}, network="{program.identity}")')
    assert isinstance(save, Operation)
    is_long = len(expression(save)) > WIDTH + 4
    return statement(ExpressionStatement(on_lines(save) if is_long else save))


def _sample(program: Program) -> tuple[Statement, ...]:
    if program.sampling is None:
        return ()
    start = literal(program.spec.description.beginning)
    given = f"{start}, {LENGTH}, {TEMPERATURE}, np.random.default_rng(SEED)"
    return parse_text(f"print(sample({given}))")


def write_guard(program: Program) -> tuple[Statement, ...]:
    """Return what the script does when it is run, if it can train."""
    if program.training is None or program.loading is None:
        return ()
    check = "check_gradients()" if program.checks else f'"{WITHOUT_CHECK}"'
    check = f'if "--check-gradients" in sys.argv:\n    sys.exit({check})\nmain()'
    return (block('if __name__ == "__main__":', parse_text(check)),)


def reported(training: Training, loading: Loading | None) -> list[str]:
    """Return the names of an epoch's results, in order."""
    names = ["loss"] + ["penalty"] * training.has_penalty
    names += [f"training_{metric}" for metric in training.metrics]
    if _has_validation(loading):
        names += [f"validation_{name}" for name in ("loss", *training.metrics)]
    return names


def _has_validation(loading: Loading | None) -> bool:
    """Is there a validation part? Where the spec names no data, whoever trains gives one."""
    return loading is None or "validation" in loading.parts


# --- Early stopping, and when a line is printed ----------------------------------------


def write_stopping(context: Context, train: Train) -> Stopping | None:
    """Return the statements that may end training early, or None."""
    stop = train.stop
    if stop is None:
        return None
    texts = {name: parse_text(getattr(stop, name)) for name in ("begin", "watch", "finish")}
    done, kept = parse_value(stop.done), parse_value(stop.kept)
    read = reads([*texts["begin"], *texts["watch"], *texts["finish"]])
    read |= {*names_of(done), *names_of(kept)}
    roles = context.constants.of_fields(stop, read)
    return Stopping(
        metric="loss" if stop.metric == "training_loss" else stop.metric,  # as it is reported
        higher_is_better=higher_is_better(stop.metric),
        done=renamed(done, roles),
        begin=tuple(s.rename(roles) for s in texts["begin"]),
        watch=tuple(s.rename(roles) for s in texts["watch"]),
        finish=tuple(s.rename(roles) for s in texts["finish"]),
        kept=renamed(kept, roles),
    )


def write_due(context: Context, train: Train) -> Expression | None:
    """Return when a report is due, as an expression over `epoch`; None: after every epoch."""
    names: dict[str, str] = {}
    if train.report is not None:
        due = parse_value(train.report.due)
        names |= context.constants.of_fields(train.report, names_of(due))
    else:
        every = -(-_epochs(context, train) // MAX_REPORTS)
        if every <= 1:
            return None
        due = parse_value("epoch % REPORT_EVERY == 0")
        context.constants.add(
            "REPORT_EVERY", every, "epochs from one line of the report to the next"
        )
    return renamed(due, names)


def _epochs(context: Context, train: Train) -> int:
    """Return the number of epochs, 1 where it is not known."""
    if train.steps is None:
        return train.epochs or DEFAULT_EPOCHS
    examples = context.spec.training_examples
    return -(-train.steps // -(-examples // train.batch)) if examples else 1
