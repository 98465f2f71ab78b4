"""The training loop of a script, and the `main` that runs it."""

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
from nndsl.languages import translated
from nndsl.program.beginning import BEGINNING
from nndsl.program.constants import literal
from nndsl.program.context import Context
from nndsl.program.evaluation import measure
from nndsl.program.program import Averaging, Function, Loading, Program, Stopping, Training
from nndsl.program.sampling import LENGTH
from nndsl.program.updating import watched
from nndsl.record import record
from nndsl.vocabulary.sections.train import Train

BEST = "ended after epoch {epoch}, with the weights of epoch {best_epoch}, the best"
INTERRUPTED = "interrupted: the weights so far are kept"
DIVERGED = "epoch {epoch}: the loss is not finite"
MAX_REPORTS = 20  # lines of a run, where the spec does not say
EVERY = "REPORT_EVERY"  # the constant: epochs from one line to the next
ACCUMULATED = "accumulated_gradients"  # the function of the script, where there are pieces
MIXED = "mixed"  # the one that mixes a batch
PIECES = "pieces in which a batch is gone through"
NEW_ORDER = "Visit every example once per epoch, in a new order"
DRAWN = "Draw the examples of an epoch"
IN_ORDER = "Visit every example once per epoch, in their order"
MAX_WIDTH = 100  # of a line
NO_ARGUMENTS = "it takes no arguments; `nndsl build --with gradcheck` adds --check-gradients"
CHECK_ALONE = "it takes no arguments but --check-gradients"
NO_DATA = "its spec names no data: import it, and call `{function}`"


def write_train(program: Program, training: Training) -> Function:
    """Write the function that trains; it yields the number and the results of each epoch.

    Where training may end early, the number of the best epoch so far comes between them.
    """
    loading = program.loading
    validation = ["validation"] * _has_validation(loading)
    first, arrays = program.inputs[0], (*program.inputs, *program.targets)
    weights = program.example_weights
    stopping, by_steps = training.stopping, training.by_steps
    averaging = training.averaging
    sums = {"loss": "loss_sum"} | ({"penalty": "penalty_sum"} if training.has_penalty else {})
    counters = [*sums.values(), *["seen"] * by_steps]
    found, variables = _results(training, loading, sums, (*arrays, *weights))
    best = ["best_epoch"] * (stopping is not None)
    given = Operation("tuple", tuple(map(Name, ["epoch", *best, *variables])))
    if len(f"        yield {expression(given)}") > MAX_WIDTH:
        given = on_lines(given)
    yields = statement(ExpressionStatement(Operation("yield", (given,))))
    epoch = [
        *parse_text("epoch += 1") * by_steps,
        *(averaging.resume if averaging is not None else ()),
        *(_reset(training.carried) if training.carried else parse_text(_order(first, weights))),
        *parse_text(f"{' = '.join(counters)} = 0"),
        block(f"for start in range(0, len({first}), BATCH_SIZE):", _batch(training, sums, arrays)),
        *(averaging.judge if averaging is not None else ()),
        *found,
        *training.update.watch,
        *(stopping.watch if stopping is not None else ()),
        yields,
    ]
    if stopping is not None:
        epoch.append(block(f"if {expression(stopping.done)}:", parse_text("break")))
    body = [*parse_text("epoch = " * by_steps + "step = 0") * training.counts_steps]
    body += averaging.begin if averaging is not None else ()
    body += stopping.begin if stopping is not None else ()
    body += _rows(first) if training.carried else ()
    head = "while step < STEPS:" if by_steps else "for epoch in range(1, EPOCHS + 1):"
    body.append(block(head, epoch))
    body += stopping.finish if stopping is not None else ()
    says = "epoch, best epoch and results" if best else "the epoch and its results"
    return Function(
        "train",
        (*arrays, *weights, *validation),
        f"{DRAWN if weights else IN_ORDER if training.carried else NEW_ORDER}; yield {says}.",
        tuple(body),
    )


def _rows(first: str) -> tuple[Statement, ...]:
    """Return the statements that put each example where the batch before had what it follows."""
    return parse_text(f"""
        rows = np.array_split(np.arange(len({first})), BATCH_SIZE)   # a batch takes one of each
        order = np.array([row[i] for i in range(len(rows[0])) for row in rows if i < len(row)])
    """)


def _reset(carried: Sequence[str]) -> tuple[Statement, ...]:
    """Return the statements that forget where the last epoch ended."""
    zero = parse_text("state[name][...] = 0   # nothing is before the first batch")
    return (block(f"for name in {literal(tuple(carried))}:", zero),)


def _order(first: str, weights: Sequence[str]) -> str:
    """Return the statement that says in which order an epoch goes through its examples."""
    if not weights:
        return f"order = batch_rng.permutation(len({first}))"
    drawn = f"len({first}), len({first}), p=w / w.sum()"
    return f"order = batch_rng.choice({drawn})   # the more weight, the more often"


def write_accumulation(program: Program, training: Training) -> Function:
    """Write the function that goes through a batch in pieces, where the page says so."""
    arrays = (*program.inputs, *program.targets)
    losses = ["loss", *["penalty"] * training.has_penalty]
    parts = [f"{name}_part" for name in losses]
    taken = ", ".join(f"{name}[piece]" for name in arrays)
    begin, end, total, found = "total = {}", "", "total", "gradients"
    add = "    for name, g in gradients.items():\n"
    add += "        total[name] = total.get(name, 0) + share * g\n"
    if program.workspace is not None:
        begin, end = "total = np.zeros_like(gradient)", "gradient[...] = total"
        total, found = "parts(gradient)", "_"
        add = "    total += share * gradient   # where all gradients lie\n"
    first, skip, share = arrays[0], "", f"len(piece) / len({arrays[0]})"
    if training.gaps:
        (t,) = program.targets
        skip = f"""
    counted = ({t}[piece] >= 0).sum()
    if counted == 0:   # none of its positions has a target
        continue"""
        share = f"counted / ({t} >= 0).sum()"
    text = f"""
{" = ".join(losses)} = 0
{begin}
for piece in np.array_split(np.arange(len({first})), min({training.pieces}, len({first}))):{skip}
    {", ".join(parts)}, {found} = loss_and_gradients({taken})
    share = {share}   # of the mean over the batch
"""
    text += "".join(f"    {n} += share * {p}\n" for n, p in zip(losses, parts, strict=True))
    text += f"{add}{end}"
    return Function(
        ACCUMULATED,
        arrays,
        "Return what `loss_and_gradients` does, found in pieces, which take less memory.",
        parse_text(text),
        Operation("tuple", (*map(Name, losses), parse_value(total))),
    )


def write_mixing(context: Context, train: Train, arrays: Sequence[str]) -> Function | None:
    """Return the function that mixes the examples of a batch, or None."""
    if train.mix is None:
        return None
    draw, each = parse_text(train.mix.draw), parse_value(train.mix.mixed)
    roles = context.constants.of_fields(train.mix, reads(draw) | {*names_of(each)})
    roles |= {"rng": "noise_rng", "N": f"len({arrays[0]})"}
    return Function(
        MIXED,
        tuple(arrays),
        "Return a batch whose examples are mixed with others of it.",
        tuple(s.rename(roles) for s in draw),
        Operation("tuple", tuple(renamed(each, roles | {"a": name}) for name in arrays)),
    )


def _batch(
    training: Training, sums: dict[str, str], arrays: Sequence[str]
) -> tuple[Statement, ...]:
    """Return what is done with a batch."""
    update = training.update
    function = ACCUMULATED if training.pieces else "loss_and_gradients"
    taken = ", ".join(f"{name}[batch]" for name in arrays)
    taken = f"*{MIXED}({taken})" if training.mixing is not None else taken
    learn = parse_value(f"{function}({taken})")
    assert isinstance(learn, Operation)
    results = name_tuple([*sums, "gradients"])
    fits = len(f"            {expression(results)} = {expression(learn)}") <= MAX_WIDTH
    lines = [
        "batch = order[start:start + BATCH_SIZE]",
        "if not math.isfinite(loss):   # it diverged: try a smaller learning rate",
        f'    raise FloatingPointError(f"{translated(DIVERGED)}")',
        *["step += 1"] * training.counts_steps,
        f"update({', '.join(update.arguments)})",
        *(f"{total} += float({name}) * len(batch)" for name, total in sums.items()),
    ]
    lines[-len(sums)] += "   # the last batch may be smaller"
    if training.by_steps:
        lines += ["seen += len(batch)", "if step == STEPS:", "    break"]
    learned = assign(results, learn if fits else on_lines(learn))
    batch = [*parse_text(lines.pop(0)), learned, *parse_text("\n".join(lines))]
    if training.averaging is not None:
        behind = next(n for n, s in enumerate(batch) if "update" in s.reads) + 1
        batch[behind:behind] = training.averaging.step
    return tuple(batch)


def _results(
    training: Training, loading: Loading | None, sums: dict[str, str], arrays: Sequence[str]
) -> tuple[list[Statement], list[str]]:
    """Return the statements that find what an epoch reports, and the variables that hold it."""
    count = "seen" if training.by_steps else f"len({arrays[0]})"
    made: list[Statement] = []
    variables = [f"mean_{name}" for name in sums]
    for variable, total in zip(variables, sums.values(), strict=True):
        made += parse_text(f"{variable} = {total} / {count}")
    made[0] = made[0].with_comment("over the epoch, while the weights moved")
    if training.metrics:
        names = [f"training_{metric}" for metric in training.metrics]
        made.append(_unpacking(["_", *names], f"evaluate({', '.join(arrays)})"))
        made[-1] = made[-1].with_comment("with the weights at its end")
        variables += names
    if _has_validation(loading):
        names = [f"validation_{name}" for name in ("loss", *training.metrics)]
        made.append(_unpacking(names, "evaluate(*validation)"))
        variables += names
    return made, variables


def _unpacking(targets: list[str], value: str) -> Statement:
    """Return `a, b = value`, on several lines where it is long."""
    if len(targets) == 1:
        return assign(targets[0], parse_value(value))
    made = name_tuple(targets)
    is_long = len(f"{expression(made)} = {value}") > WIDTH
    return assign(on_lines(made) if is_long else made, parse_value(value))


@record
class Report:
    """What a training prints: a heading, a row for each epoch that is due, and the test part.

    `row` and `test` are formats of numbers, `test` is empty where there is no such part. A row is
    due every so many epochs, and after the last one.
    """

    heading: str
    row: str
    test: str
    every: int


def write_report(training: Training, loading: Loading) -> Report:
    """Return what a training prints."""
    names = reported(training, loading)
    judged = (measure(name) for name in ("loss", *training.metrics))
    return Report(
        "  ".join(["epoch", *(f"{name:>7}" for name in names)]),
        "  ".join(["{:5d}", *(f"{{:{max(7, len(name))}.4f}}" for name in names)]),
        "   ".join(
            translated("test {measure}", measure=name) + " {:.4f}"
            for name in judged
            if "test" in loading.parts
        ),
        training.every,
    )


def write_main(program: Program) -> Function:
    """Write the function that loads the data, trains, prints the report and saves the weights."""
    training, loading = program.training, program.loading
    assert training is not None
    assert loading is not None
    report = write_report(training, loading)
    given = "*training, validation" if _has_validation(loading) else "*training"
    trained: list[Statement] = []
    row, after = f'print("{report.row}".format(epoch, *results))', ""
    ends_with_epochs = not training.by_steps and training.stopping is None
    if report.every > 1 and ends_with_epochs:
        row = f"if epoch % {EVERY} == 0 or epoch == EPOCHS:\n    {row}"
    elif report.every > 1:
        row = f'row = "{report.row}".format(epoch, *results)\n'
        row += f"if epoch % {EVERY} == 0:\n    print(row)"
        after = f"if epoch % {EVERY} != 0:   # the last row, too\n    print(row)"
    best = "best_epoch, " if training.stopping is not None else ""
    trained = [
        block(f"for epoch, {best}*results in train({given}):", parse_text(row)),
        *parse_text(after) * bool(after),
        *parse_text(f'if 0 < best_epoch < epoch:\n    print(f"{translated(BEST)}")') * bool(best),
    ]
    interrupted = f'except KeyboardInterrupt:\n    print("{translated(INTERRUPTED)}")'
    test = ""
    if report.test and training.metrics:
        test = f'print("{report.test}".format(*evaluate(*test)))'
    elif report.test:
        test = f'print(f"{report.test.replace("{", "{evaluate(*test)")}")'
    return Function(
        "main",
        (),
        "",
        (
            assign(_parts(loading), parse_value("load_data()")),
            *parse_text(f"{BEGINNING}()") * bool(program.beginnings),
            *parse_text(f'print("{report.heading}")'),
            block("try:", trained, interrupted),
            _save(program, loading),
            *parse_text(test),
            *_sample(program),
        ),
    )


def _parts(loading: Loading) -> Expression:
    return name_tuple(loading.parts) if len(loading.parts) > 1 else Name(loading.parts[0])


def _save(program: Program, loading: Loading) -> Statement:
    kept, carried = ["**params"], program.carried
    if saved := [state.name for state in program.states if state.name not in carried]:
        chosen = f"**{{name: state[name] for name in {literal(tuple(saved))}}}"
        kept.append(chosen if carried else "**state")
    kept += ["**statistics"] * bool(loading.preparation.keeps)
    path = 'Path(__file__).with_suffix(".weights.npz")'
    save = parse_value(f'np.savez({path}, {", ".join(kept)}, network="{program.identity}")')
    assert isinstance(save, Operation)
    is_long = len(expression(save)) > WIDTH + 4
    why = "" if is_long else "`network` says whose weights they are"
    return statement(ExpressionStatement(on_lines(save) if is_long else save), why)


def _sample(program: Program) -> tuple[Statement, ...]:
    if program.sampling is None:
        return ()
    data, start = program.spec.data, literal(program.spec.description.beginning)
    assert data is not None
    given = f"{start}, {LENGTH}, {data.temperature}, np.random.default_rng(SEED)"
    return parse_text(f"print(sample({given}))")


def write_guard(refused: str, *, checks: bool = False) -> tuple[Statement, ...]:
    """Return what a script does when it is run; arguments that it does not know are refused."""
    checked = 'if sys.argv[1:] == ["--check-gradients"]:\n    sys.exit(check_gradients())\n'
    lines = f'{checked * checks}if sys.argv[1:]:\n    sys.exit("{translated(refused)}")\nmain()'
    return (block('if __name__ == "__main__":', parse_text(lines)),)


def write_refusal(function: str) -> tuple[Statement, ...]:
    """Write what a script without data says when it is run: a function of it is to be called."""
    lines = f'sys.exit("{translated(NO_DATA, function=function)}")'
    return (block('if __name__ == "__main__":', parse_text(lines)),)


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


def write_stopping(context: Context, train: Train, *, has_states: bool) -> Stopping | None:
    """Return the statements that may end training early, or None."""
    stop = train.stop
    if stop is None:
        return None
    texts = {name: parse_text(getattr(stop, name)) for name in ("begin", "watch", "finish")}
    done = parse_value(stop.done)
    read = reads([*texts["begin"], *texts["watch"], *texts["finish"]]) | {*names_of(done)}
    roles = context.constants.of_fields(stop, read)
    roles["arrays"] = "(params | state)" if has_states else "params"
    watch = watched(stop.metric, [s.rename(roles) for s in texts["watch"]])
    return Stopping(
        begin=tuple(s.rename(roles) for s in texts["begin"]),
        watch=tuple(watch),
        done=renamed(done, roles),
        finish=tuple(s.rename(roles) for s in texts["finish"]),
    )


def write_averaging(context: Context, train: Train) -> Averaging | None:
    """Return the statements that average the weights, or None."""
    average = train.average
    if average is None:
        return None
    begin, resume, step, epoch_end, judge = map(
        parse_text,
        (average.begin, average.resume, average.step, average.epoch_end, average.judge),
    )
    roles = context.constants.of_fields(average, reads([*step, *epoch_end]), prefix=False)
    return Averaging(
        begin=begin,
        resume=resume,
        step=tuple(s.rename(roles) for s in step),
        judge=(*(s.rename(roles) for s in epoch_end), *judge),
    )


def write_every(context: Context, train: Train) -> int:
    """Return after how many epochs the next line of the report is due."""
    every = -(-(context.spec.epochs or 1) // MAX_REPORTS)
    if train.report is not None:
        every = train.report.epochs
    if every > 1:
        context.constants.add(EVERY, every, "epochs from one line of the report to the next")
    return every
