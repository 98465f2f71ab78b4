"""The sections of the script of a descent: settings, the formula, the loop, and what it prints."""

from collections.abc import Iterator
from itertools import count

from nndsl.ir import Operation, Statement, assign, block, parse_text, parse_value
from nndsl.ir.printer import expression, wrapped
from nndsl.ir.symbols import plain
from nndsl.languages import sentence, translated
from nndsl.program.constants import constant
from nndsl.program.descent import Descent
from nndsl.program.program import Function, Update
from nndsl.program.sections import Section, Settings, constants
from nndsl.program.training_loop import write_guard

DIVERGED = "after step {step} f is not a finite number: the descent has diverged"
REFUSED = "it takes no arguments"
MAX_LINES = 40  # that it prints
MAX_COLUMNS = 6  # variables that stand beside each other


def descent_sections(descent: Descent) -> Iterator[Section]:
    """Yield the sections of the script of a descent."""
    update = descent.update
    loop = (*update.schedules, _descend(update), _main(descent))
    others = [
        Section("The formula", (descent.f, descent.gradient)),
        Section(sentence("The descent: {method}", method=sentence(update.title)), loop),
        Section("", (write_guard(REFUSED),)),
    ]
    read = {name for section in others for name in section.reads}
    yield Section("Settings", (Settings(tuple(_settings(descent, read))),))
    yield from others


def _settings(descent: Descent, read: set[str]) -> Iterator[Statement]:
    start, steps = descent.minimizing.start, descent.minimizing.steps
    names = ", ".join(start) if len(start) <= MAX_COLUMNS else ""
    point = wrapped(Operation("list", tuple(map(constant, start.values()))))
    yield assign("START", Operation("np.array()", (point,))).with_comment(
        sentence("{names}", names=names)
    )
    yield assign("STEPS", constant(plain(steps))).with_comment("as many from there on")
    yield from constants(descent.constants, read)


def _descend(update: Update) -> Function:
    """Write the function that descends, and yields each step."""
    states = [
        assign(name, parse_value(_initial(first))).with_comment(note)
        for name, first, note in update.states
    ]
    after = """
value = f(*p)
yield step, p.copy(), value
if not math.isfinite(value):   # from here on there are no numbers
    return"""
    step = [*parse_text("g = gradient(*p)"), *update.before, *update.decay, *update.statements]
    body = (
        *parse_text("p = START.copy()"),
        *states,
        *parse_text("yield 0, p.copy(), f(*p)   # a copy: p itself moves on"),
        block("for step in range(1, STEPS + 1):", [*step, *parse_text(after)]),
    )
    says = sentence(
        "Yield the step, the point and f there, from START on ({source}).", source=update.source
    )
    return Function("descend", (), says, body)


def _initial(value: float) -> str:
    return f"np.full_like(p, {value!r})" if value else "np.zeros_like(p)"


def _main(descent: Descent) -> Function:
    """Write the function that prints a line a step, at most some forty of them."""
    variables, every = list(descent.minimizing.start), _every(descent.minimizing.steps)
    few = len(variables) <= MAX_COLUMNS
    shown = [*variables, "f"] if few else ["f"]
    widths = [max(11, len(name)) for name in shown]
    head = "  ".join([" step", *(f"{n:>{w}}" for n, w in zip(shown, widths, strict=True))])
    row = "  ".join(["{:5d}", *(f"{{:{width}.6g}}" for width in widths)])
    line = f'print("{row}".format(step, *p, value))'
    if not few:
        line = f'print(f"{{step:5d}}  {{value:{widths[0]}.6g}}")'
    due = f"step % {every} == 0 or step == STEPS or not math.isfinite(value)"
    lines = [block(f"if {due}:", parse_text(line))] if every > 1 else parse_text(line)
    quiet = 'with np.errstate(all="ignore"):   # what overflows is inf, and seen below'
    body = [
        *parse_text(f'print("{head}")'),
        block(quiet, [block("for step, p, value in descend():", lines)]),
    ]
    if not few:
        names = expression(wrapped(Operation("list", tuple(map(constant, variables)))))
        each = parse_text('print(f"{name} = {number:.6g}")')
        body.append(block(f"for name, number in zip({names}, p):", each))
    body += parse_text(f"""
if not math.isfinite(value):
    print(f"{translated(DIVERGED)}")""")
    return Function("main", (), "", tuple(body))


def _every(steps: int) -> int:
    """Return every how many steps a line is printed: 1, 2, 5, 10, 20 …"""
    choices: Iterator[int] = (n * 10**power for power in count() for n in (1, 2, 5))
    return next(every for every in choices if steps <= MAX_LINES * every)
