"""The script of a descent on a formula."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nndsl.emit import layout
from nndsl.emit.frame import render
from nndsl.emit.script import Script, frame
from nndsl.ir import Expression, Operation, assign
from nndsl.ir.printer import expression, wrapped
from nndsl.program.constants import constant, literal
from nndsl.program.descent import Descent
from nndsl.program.sections import constants

MAX_LINES = 40  # that it prints
MAX_COLUMNS = 6  # variables that stand beside each other
DIVERGED = 'print(f"after step {step} f is not a finite number: the descent has diverged")'


def write_descent(descent: Descent, *, name: str = "descent.py") -> Script:
    """Return the text of a descent. `name` is the file that it will be written to."""
    update = descent.update
    loop = [*map(layout.function, update.schedules), render("descent.py.jinja", **_plan(descent))]
    sections = [
        ("Settings", [_settings(descent)]),
        ("The formula", [layout.function(descent.f), layout.function(descent.gradient)]),
        (f"The descent: {update.title}", loop),
    ]
    text = frame(
        _title(descent),
        descent.equations,
        descent.spec,
        f"  Run: python {layout.words(name)}",
        ["import math", "", "import numpy as np"],
        [
            *(layout.header(title) + "\n\n\n".join(chunks) for title, chunks in sections),
            'if __name__ == "__main__":\n    main()',
        ],
    )
    return Script(text, {}, (), (), (), "")


def _title(descent: Descent) -> str:
    made = descent.minimizing
    return f"{descent.spec.name}: {made.steps} steps of {descent.update.title} on a formula"


def _settings(descent: Descent) -> str:
    made = descent.minimizing
    names = ", ".join(made.start) if len(made.start) <= MAX_COLUMNS else ""
    start = Operation("np.array()", (_listed(made.start.values()),))
    return layout.settings(
        [
            assign("START", start).with_comment(names),
            assign("STEPS", constant(made.steps)),
            *constants(descent.constants),
        ]
    )


def _listed(values: Iterable[Any]) -> Expression:
    return wrapped(Operation("list", tuple(map(constant, values))))


def _plan(descent: Descent) -> dict[str, object]:
    update = descent.update
    states = []
    for name, first, note in update.states:
        made = f"np.full_like(p, {literal(first)})" if first else "np.zeros_like(p)"
        line = f"    {name} = {made}"
        states.append(f"{line.ljust(layout.MARGIN)}# {note}" if note else line)
    return {
        "source": update.source,
        "states": states,
        "statements": layout.lay_out((*update.before, *update.decay, *update.statements), 8),
        **_report(descent),
    }


def _report(descent: Descent) -> dict[str, object]:
    """Return what `main` prints: a line a step, at most some forty of them."""
    variables, steps = list(descent.minimizing.start), descent.minimizing.steps
    few = len(variables) <= MAX_COLUMNS
    shown = [*variables, "f"] if few else ["f"]
    widths = [max(11, len(name)) for name in shown]
    head = "  ".join([" step", *(f"{n:>{w}}" for n, w in zip(shown, widths, strict=True))])
    row = "  ".join(["{:5d}", *(f"{{:{width}.6g}}" for width in widths)])
    printed = f'print("{row}".format(step, *p, value))'
    if not few:
        printed = f'print(f"{{step:5d}}  {{value:{widths[0]}.6g}}")'
    every = _every(steps)
    lines = [f"        {printed}"]
    if every > 1:
        due = f"step % {every} == 0 or step == STEPS or not math.isfinite(value)"
        lines = [f"        if {due}:", f"            {printed}"]
    quiet = 'with np.errstate(all="ignore"):'
    report = [
        f"{quiet.ljust(layout.MARGIN - 4)}# what overflows is inf, and seen below",
        "    for step, p, value in descend():",
        *lines,
    ]
    if not few:
        names = expression(_listed(variables))
        report += [f"for name, number in zip({names}, p):".replace("\n", "\n    ")]
        report += ['    print(f"{name} = {number:.6g}")']
    report += ["if not math.isfinite(value):", f"    {DIVERGED}"]
    return {"heading": literal(head).replace("'", '"'), "report": report}


def _every(steps: int) -> int:
    """Return every how many steps a line is printed: 1, 2, 5, 10, 20 …"""
    every, factors = 1, (2, 2.5, 2)
    turn = 0
    while steps / every > MAX_LINES:
        every = int(every * factors[turn % 3])
        turn += 1
    return every
