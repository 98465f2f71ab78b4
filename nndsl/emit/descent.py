"""The script of a descent on a formula."""

from __future__ import annotations

from pathlib import Path

from nndsl import __version__
from nndsl.emit import layout, plan
from nndsl.emit.frame import render
from nndsl.emit.script import Script, spaced
from nndsl.emit.seal import BLANK, seal
from nndsl.program.constants import literal
from nndsl.program.context import entries
from nndsl.program.descent import Descent

MAX_LINES = 40  # that it prints
MAX_COLUMNS = 6  # variables that stand beside each other
DIVERGED = 'print(f"after step {step} f is not a finite number: the descent has diverged")'


def write_descent(descent: Descent, *, name: str = "descent.py") -> Script:
    """Return the text of a descent. `name` is the file that it will be written to."""
    update = descent.update
    schedules = [layout.function(schedule) for schedule in update.schedules]
    sections = [
        spaced("Settings", [_settings(descent)]),
        spaced("The formula", [layout.function(descent.f), layout.function(descent.gradient)]),
        spaced(
            f"The descent: {update.title}",
            [*schedules, render("descent.py.jinja", **_plan(descent))],
        ),
    ]
    text = render(
        "script.py.jinja",
        title=_title(descent),
        head=descent.equations,
        version=__version__,
        spec_file=layout.words(Path(descent.spec.source.name).name),
        spec_hash=plan.fingerprint(descent.spec),
        text_hash=BLANK,
        usage=f"  Run: python {layout.words(name)}",
        sections=sections,
        imports=["import math", "", "import numpy as np"],
        run=["main()"],
    )
    return Script(seal(text + "\n"), {}, (), (), (), "")


def _title(descent: Descent) -> str:
    made = descent.minimizing
    return f"{descent.spec.name}: {made.steps} steps of {descent.update.title} on a formula"


def _settings(descent: Descent) -> str:
    made = descent.minimizing
    start = entries([literal(number) for number in made.start.values()])
    few = len(made.start) <= MAX_COLUMNS
    return layout.settings(
        [
            (f"START = np.array([{start}])", ", ".join(made.start) if few else ""),
            (f"STEPS = {literal(made.steps)}", ""),
            *plan.constants(descent.constants),
        ]
    )


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
        names = entries([literal(name) for name in variables])
        report += [f"for name, number in zip([{names}], p):".replace("\n", "\n    ")]
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
