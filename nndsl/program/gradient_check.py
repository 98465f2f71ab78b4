"""A gradient check for the script itself: central differences, and a table that compares."""

from collections.abc import Mapping
from dataclasses import replace

from nndsl.ir import Expression, Name, Operation, block, parse_text, parse_value
from nndsl.languages import translated
from nndsl.languages.widths import wrap
from nndsl.program.program import Function, Program
from nndsl.shapes import Tokens

NUMERICAL = """
numbers = x.reshape(-1)                       # the same memory, in a row
slopes, here = [], f()
for i in entries:
    number = numbers[i]
    numbers[i] = number + h
    above = f()
    numbers[i] = number - h
    below = f()
    numbers[i] = number                       # as it was
    slopes.append([(above - below) / (2 * h), (above - here) / h, (here - below) / h])
"""
PREPARE = """
GIVEN = TAKEN
for name, p in params.items():
    params[name] = p.astype(np.float64)       # float32 is too coarse for differences
"""
FIRST = "training[{}][:EXAMPLES]"  # tokens and classes are whole numbers, and they stay so
QUANTITIES = ".astype(np.float64)"
RANDOM_STATE = "random_state = noise_rng.bit_generator.state   # the same units are off every time"
RESTORE = "noise_rng.bit_generator.state = random_state"
COMPARE = """
*_, gradients = loss_and_gradients(GIVEN)
entries_rng = np.random.default_rng(SEED)
row, wrong = ROW, []
print(HEADING)
for name, p in params.items():
    entries = entries_rng.permutation(p.size)[:ENTRIES]
    numerical = numerical_gradient(total, p, entries)
    backward = gradients[name].reshape(-1)[entries]
    away = np.abs(backward[:, None] - numerical).min(axis=1)    # at a kink one side is right
    size = np.linalg.norm(backward) + np.linalg.norm(numerical[:, 0])
    error, worst = np.linalg.norm(away) / max(size, 1e-3), away.argmax()
    print(row.format(
        name, len(entries), p.size, backward[worst], numerical[worst, 0], error
    ))
    if not error <= LIMIT:                    # nan is wrong, too
        wrong.append(name)
"""
VERDICT = """
print("WRONG" + ", ".join(wrong) if wrong else "RIGHT")
"""
HEADING = "            checked     backward     numerical  rel. error"
ROW = "{:<10}{:>5} of {:<7}{:>12.8f}  {:>12.8f}  {:>10.1e}"
RIGHT = "every gradient is right"
NOTES = (
    "backward, numerical: the entry that is furthest off. rel. error: |b - n| / (|b| + |n|) "
    "over the entries checked. A right gradient is near 1e-8: the rest is rounding, and the "
    "step of the difference. The limit is 1e-5."
)
LIMIT = "1e-5"
MAX_NOTE = 88  # columns of a printed line
EXAMPLES, ENTRIES = 8, 100


def with_check(program: Program) -> Program:
    """Return a program that trains on data as one that can check its gradients.

    The arrays that it fills step by step are of the type of its parameters, which the check makes
    a finer one.
    """
    assert program.training is not None
    checks = write_gradient_check(program)
    if not program.parameters:
        return replace(program, checks=checks)
    name = program.parameters[0].name
    written, found = Name(program.dtype), parse_value(f'params["{name}"].dtype')

    def rule(part: Expression) -> Expression:
        match part:
            case Operation("np.zeros()", (shape, dtype)) if dtype == written:
                return replace(part, operands=(shape, found))
        return part

    def retyped(function: Function) -> Function:
        return replace(function, statements=tuple(s.rewrite(rule) for s in function.statements))

    training = replace(
        program.training, loss_and_gradients=retyped(program.training.loss_and_gradients)
    )
    blocks, predict = tuple(map(retyped, program.blocks)), retyped(program.predict)
    return replace(program, training=training, blocks=blocks, predict=predict, checks=checks)


def write_gradient_check(program: Program) -> tuple[Function, ...]:
    """Return the functions that check the gradients of a program which trains on data."""
    training, loading = program.training, program.loading
    assert training is not None
    assert loading is not None
    names = {
        "EXAMPLES": str(EXAMPLES),
        "ENTRIES": str(ENTRIES),
        "HEADING": f'"{HEADING}"',
        "ROW": f'"{ROW}"',
        "LIMIT": LIMIT,
    }
    given = ", ".join((*program.inputs, *program.targets))
    shapes = [value.shape for value in program.graph.inputs.values()]
    taken = [
        FIRST.format(at) + QUANTITIES * (not isinstance(shape, Tokens))
        for at, shape in enumerate(shapes)
    ]
    taken += [FIRST.format(len(taken) + at) for at in range(len(program.targets))]
    filled = {"GIVEN": given, "TAKEN": ", ".join(taken)}
    is_random = "noise_rng" in program.streams
    total = "loss, _ = loss_and_gradients(GIVEN)\nreturn loss"
    if training.has_penalty:
        total = "loss, penalty, _ = loss_and_gradients(GIVEN)\nreturn loss + penalty"
    load = "training, *_ = load_data()" if len(loading.parts) > 1 else "training = load_data()"
    restore = parse_text(RESTORE) * is_random
    statements = [
        *parse_text(load + _filled(PREPARE, filled)),
        *parse_text(RANDOM_STATE) * is_random,
        block("def total():", [*restore, *parse_text(_filled(total, filled))]),
        *restore,
        *parse_text(
            _filled(COMPARE, filled)
            + "".join(f'print("{line}")\n' for line in wrap(translated(NOTES), MAX_NOTE))
            + _filled(VERDICT, {"WRONG": translated("wrong: "), "RIGHT": translated(RIGHT)})
        ),
    ]
    return (
        Function(
            "numerical_gradient",
            ("f", "x", "entries"),
            "Return slopes of f by some numbers of x: over both sides of each, and over either.",
            parse_text(NUMERICAL),
            parse_value("np.array(slopes)"),
            defaults=(("h", parse_value("1e-5")),),
        ),
        Function(
            "check_gradients",
            (),
            "Hold the gradients to differences of the loss; print a table. Return: is one wrong?",
            tuple(statement.rename(names) for statement in statements),
            parse_value("bool(wrong)"),
        ),
    )


def _filled(text: str, names: Mapping[str, str]) -> str:
    """Return a text with what stands for some of its words: several names, and not one."""
    for word, code in names.items():
        text = text.replace(word, code)
    return text
