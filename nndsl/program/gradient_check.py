"""A gradient check for the script itself: central differences, and a table that compares."""

from __future__ import annotations

from nndsl.ir import parse_text, parse_value
from nndsl.program.program import Function, Program

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
X, t = training[0][:EXAMPLES].astype(np.float64), training[1][:EXAMPLES]
for name, p in params.items():
    params[name] = p.astype(np.float64)       # float32 is too coarse for differences
"""
CHANCE = "chance = noise_rng.bit_generator.state   # from here on the same units are off every time"
COMPARE = """
*_, gradients = loss_and_gradients(X, t)
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
print("wrong: " + ", ".join(wrong) if wrong else "every gradient is right")
"""
HEADING = "            checked     backward     numerical  rel. error"
ROW = "{:<10}{:>5} of {:<7}{:>12.8f}  {:>12.8f}  {:>10.1e}"
NOTES = (
    "backward, numerical: the entry that is furthest off. rel. error: |b - n| / (|b| + |n|)",
    "over the entries checked. A right gradient is near 1e-8: the rest is rounding, and the",
    "step of the difference. The limit is 1e-5.",
)
LIMIT = "1e-5"
EXAMPLES, ENTRIES = 8, 100


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
    has_chance = "noise_rng" in program.streams
    losses = "loss + penalty" if training.has_penalty else "loss"
    unpacked = "loss, penalty, _" if training.has_penalty else "loss, _"
    total = "\n".join(
        [
            "def total():",
            *["    noise_rng.bit_generator.state = chance"] * has_chance,
            f"    {unpacked} = loss_and_gradients(X, t)",
            f"    return {losses}",
        ]
    )
    restart = "noise_rng.bit_generator.state = chance" if has_chance else ""
    load = "training, *_ = load_data()" if len(loading.parts) > 1 else "training = load_data()"
    notes = "\n".join(f'print("{note}")' for note in NOTES)
    texts = [load, PREPARE, CHANCE if has_chance else "", total, restart, COMPARE, notes, VERDICT]
    statements = [s.rename(names) for text in texts if text for s in parse_text(text)]
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
            tuple(statements),
            parse_value("bool(wrong)"),
        ),
    )
