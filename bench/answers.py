"""Answers to an exercise: right, right in another way, with one mistake each, broken, cheating.

They are made of the solution, whatever the exercise is of: of the lines that a student writes.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from nndsl.course.exercises.blanks import Blank
from nndsl.course.exercises.exercise import Exercise
from nndsl.course.exercises.notebook import notebook
from nndsl.course.hunts.mistakes import Mistake
from nndsl.course.hunts.planting import Plantable, planted
from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.judging.observation import observe
from nndsl.live.judging.reference import Reference
from nndsl.live.run import SCRIPT
from nndsl.program.parts import BACKWARD

RIGHT, WRONG, REFUSED = "right", "wrong", "refused"
CLASS, MOST_RIGHT, MOST_BROKEN = 40, 12, 5  # of broken and of cheating answers as well


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody hands in. `is_` one of RIGHT, WRONG, REFUSED: what it has to be found to be."""

    meant: str
    is_: str
    text: str
    name: str = SCRIPT
    line: int = 0  # where it is wrong; 0: nowhere, or not in one line
    variable: str = ""  # that is wrong


def answers(reference: Reference, made: Exercise, number: int = 0) -> list[Answer]:
    """Return the answers of a class to an exercise, of which `number` chooses some."""
    solution, blank = str(made.key[SCRIPT]), str(made.student[SCRIPT])
    own = _Own(solution, made.blanks)
    right = [Answer("as it is", RIGHT, solution), *islice(_right(own), MOST_RIGHT - 1)]
    others = [*_unfinished(own, blank)]
    if any(one.part == BACKWARD for one in made.blanks) and "def batch_loss" not in blank:
        others.append(Answer("differences", WRONG, _by_differences(solution)))
    kinds = [[*found(own)] for found in (_broken, _cheating)]
    for found in kinds:  # each lab has others of them
        found[:] = (
            found[MOST_BROKEN * number % len(found) :] + found[: MOST_BROKEN * number % len(found)]
        )
        others += found[:MOST_BROKEN]
    wrong = [*_slips(own)]
    wrong += islice(
        _mistakes(reference, own), max(0, CLASS - len(right) - len(others) - len(wrong))
    )
    more = [answer for found in kinds for answer in found[MOST_BROKEN:]]
    return [*right, *wrong, *others, *more][:CLASS]


# --- What a student had to write ----------------------------------------------------------


class _Own:
    """The statements of a solution that stand in the place of blanks."""

    def __init__(self, text: str, blanks: Sequence[Blank]) -> None:
        self.text, self.lines = text, text.split("\n")
        self.numbers = {
            blank.line + at for blank in blanks for at in range(len(blank.code.split("\n")))
        }
        self.statements = [
            node
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Assign | ast.AugAssign | ast.Return)
            and node.lineno in self.numbers
        ]
        self.statements.sort(key=lambda node: node.lineno)

    def put(self, changed: dict[int, str], before: str = "") -> str:
        """Return the text with other statements by the lines on which they begin.

        `before` stands behind the imports.
        """
        lines: list[str | None] = [*self.lines]
        for node in self.statements:
            if node.lineno in changed:
                begin, end = node.lineno - 1, node.end_lineno or node.lineno
                lines[begin:end] = [None] * (end - begin)
                lines[begin] = textwrap.indent(changed[node.lineno], " " * node.col_offset)
        text = "\n".join(line for line in lines if line is not None)
        return text.replace("\nimport numpy as np\n", f"\nimport numpy as np\n{before}", 1)

    def each(self, change: Callable[[ast.stmt], str | None], before: str = "") -> str:
        """Return the text with each statement as `change` writes it; None: as it is."""
        written = {node.lineno: change(deepcopy(node)) for node in self.statements}
        return self.put({at: text for at, text in written.items() if text is not None}, before)

    def first(self, text: str) -> str:
        """Return the solution with statements before the first own one."""
        node = self.statements[0]
        return self.put({node.lineno: f"{text}\n{ast.unparse(node)}"})


# --- Right, in another way ----------------------------------------------------------------

SAME = {  # a pattern of Python, and what says the same: A and B are any expressions
    "einsum": ("A @ B", 'np.einsum("...i,ij->...j", A, B)'),
    "dot": ("A @ B", "np.dot(A, B)"),
    "loops": ("A @ B", "np.stack([row @ B for row in A])"),
    "where": ("A * (B > 0)", "np.where(B > 0, A, 0)"),
    "functions": ("A.sum(axis=0)", "np.sum(A, axis=0)"),
    "ones": ("A.sum(axis=0)", "np.ones(len(A)) @ A"),
    "sum / len": ("A.mean(axis=0)", "np.sum(A, axis=0) / len(A)"),
    "one mean": ("A.mean()", "np.sum(A) / A.size"),
    "other masks": ("A > 0", "~(A <= 0)"),
    "factors": ("A / B", "A * (1.0 / B)"),
    "swapped factors": ("A * B", "B * A"),
    "swapped terms": ("A + B", "B + A"),
    "minus": ("A - B", "A + -1 * B"),
    "roots": ("np.sqrt(A)", "A ** 0.5"),
    "transposes": ("A.T", "np.transpose(A)"),
    "zeros": ("np.zeros_like(A)", "0.0 * A"),
    "relu": ("np.maximum(0, A)", "A * (A > 0)"),
    "powers": ("np.exp(A)", "np.e ** A"),
    "ranges": ("A[np.arange(B), t]", "A[range(B), t]"),
    "along an axis": ("A[np.arange(B), t]", "np.take_along_axis(A, t[:, None], axis=1)"),
    "one at a time": ("A[np.arange(B), t]", "np.array([row[i] for row, i in zip(A, t)])"),
    "as float64": ("A.astype(np.float32)", "A"),
    "by a call": ("A.astype(np.float32)", "np.float32(A)"),
    "standard normal": ("rng.normal(0, A, B)", "A * rng.standard_normal(B)"),
    "named": ("rng.normal(0, A, B)", "rng.normal(scale=A, size=B)"),
    "roots of numpy": ("math.sqrt(A)", "np.sqrt(A)"),
    "halves": ("math.sqrt(A)", "A ** 0.5"),
}
SLIPS = {  # what is not what a pattern says, though it looks alike
    "swapped and turned": ("A.T @ B", "B.T @ A"),
    "swapped": ("A.T @ B", "B @ A"),
    "swapped on the right": ("A @ B.T", "B.T @ A"),
    "each with each": ("A[np.arange(B), t]", "A[:, t]"),
    "one column": ("A[np.arange(B), t]", "A[np.arange(B), 0]"),
    "probabilities": ("log_softmax(A)", "np.exp(log_softmax(A))"),
    "scores": ("log_softmax(A)", "A"),
    "not negative": ("-A.mean()", "A.mean()"),
    "over all": ("-A.mean()", "-np.sum(A) / 10"),
    "uniform": ("rng.normal(0, A, B)", "rng.uniform(0, A, B)"),
    "not scaled": ("rng.normal(0, A, B)", "rng.normal(0, 1, B)"),
    "equal numbers": ("rng.normal(0, A, B)", "np.full(B, A)"),
    "another mean": ("rng.normal(0, A, B)", "rng.normal(A, A, B)"),
    "rows alike": ("rng.normal(0, A, B)", "np.broadcast_to(rng.normal(0, A, B[-1:]), B)"),
    "zeros": ("rng.normal(0, A, B)", "np.zeros(B)"),
    "half as wide": ("rng.normal(0, A, B)", "rng.normal(0, A / 2, B)"),
    "the variance": ("rng.normal(0, A, B)", "rng.normal(0, A * A, B)"),
}
CHANGES = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def _right(own: _Own) -> Iterator[Answer]:
    """Yield answers that are right, and say it in another way."""
    whole = own.each(ast.unparse)
    for how, text, name in (
        ("other names", _renamed(own), SCRIPT),
        ("in steps", own.each(_in_steps), SCRIPT),
        ("a function for each", _in_functions(own), SCRIPT),
        ("nothing in place", own.each(_not_in_place), SCRIPT),
        ("prints an array at each step", _printing(own), SCRIPT),
        ("a notebook", notebook(own.text, SCRIPT), "train.ipynb"),
        ("as Windows writes it", "\ufeff" + own.text.replace("\n", "\r\n"), SCRIPT),
        *((how, own.each(_rewritten(*SAME[how])), SCRIPT) for how in SAME),
    ):
        if text not in (own.text, whole):
            yield Answer(how, RIGHT, text, name)


class _Same(ast.NodeTransformer):
    """Writes an expression in another form wherever it fits a pattern."""

    def __init__(self, pattern: str, other: str) -> None:
        self.pattern, self.other = (ast.parse(text, mode="eval").body for text in (pattern, other))
        self.count = 0

    def visit(self, node: ast.AST) -> ast.AST:
        node = self.generic_visit(node)
        found: dict[str, ast.AST] = {}
        if not _fits(self.pattern, node, found):
            return node
        self.count += 1
        return _Filled(found).visit(deepcopy(self.other))


class _Filled(ast.NodeTransformer):
    def __init__(self, found: dict[str, ast.AST]) -> None:
        self.found = found

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return deepcopy(self.found.get(node.id, node))


def _fits(pattern: ast.AST, node: ast.AST, found: dict[str, ast.AST]) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id in "AB":
        found[pattern.id] = node
        return isinstance(node, ast.expr)
    if type(pattern) is not type(node):
        return False
    return all(
        len(ones) == len(others)
        and all(_fits(*pair, found) for pair in zip(ones, others, strict=True))
        if isinstance(ones, list)
        else _fits(ones, others, found)
        if isinstance(ones, ast.AST)
        else ones == others
        for (_, ones), (_, others) in zip(
            ast.iter_fields(pattern), ast.iter_fields(node), strict=False
        )
    )


def _rewritten(pattern: str, other: str) -> Callable[[ast.stmt], str | None]:
    def change(node: ast.stmt) -> str | None:
        same = _Same(pattern, other)
        assert isinstance(node, ast.Assign | ast.AugAssign | ast.Return)
        if node.value is not None:
            node.value = same.visit(node.value)
        return ast.unparse(node) if same.count else None

    return change


def _renamed(own: _Own) -> str:
    """Return a solution with other names of what it writes itself."""
    written = dict.fromkeys(
        target.id
        for node in own.statements
        for target in (node.targets if isinstance(node, ast.Assign) else ())
        if isinstance(target, ast.Name)
    )
    text = own.text
    for number, name in enumerate(written):
        text = re.sub(rf'(?<![\w."]){name}(?![\w"]|=[^=])', f"my_{number}", text)
    return text


def _in_steps(node: ast.stmt) -> str | None:
    """Return a statement as several: each operation gets a name."""
    steps: list[str] = []

    def named(value: ast.expr) -> ast.expr:
        if isinstance(value, ast.BinOp):
            value.left, value.right = named(value.left), named(value.right)
            steps.append(f"step_{len(steps)} = {ast.unparse(value)}")
            return ast.Name(f"step_{len(steps) - 1}")
        return value

    assert isinstance(node, ast.Assign | ast.AugAssign | ast.Return)
    if node.value is not None:
        node.value = named(node.value)
    return "\n".join([*steps, ast.unparse(node)]) if steps else None


def _in_functions(own: _Own) -> str:
    """Return a solution in which a function computes each value."""
    functions: list[str] = []

    def change(node: ast.stmt) -> str | None:
        if not isinstance(node, ast.Assign) or isinstance(node.targets[0], ast.Tuple):
            return None
        parts = [part for part in ast.walk(node.value) if isinstance(part, ast.Name)]
        bound = {part.id for part in parts if isinstance(part.ctx, ast.Store)} | {"np", "math"}
        given = ", ".join(dict.fromkeys(part.id for part in parts if part.id not in bound))
        functions.append(
            f"\n\ndef computed_{len(functions)}({given}):\n    return {ast.unparse(node.value)}\n"
        )
        node.value = ast.parse(f"computed_{len(functions) - 1}({given})", mode="eval").body
        return ast.unparse(node)

    changed = {node.lineno: change(deepcopy(node)) for node in own.statements}
    return own.put({at: text for at, text in changed.items() if text}, "".join(functions))


def _not_in_place(node: ast.stmt) -> str | None:
    match node:
        case ast.AugAssign(target, op, value):
            sign, name = CHANGES[type(op)], ast.unparse(target)
            return f"{name} = {name} {sign} ({ast.unparse(value)})"
    return None


def _printing(own: _Own) -> str:
    """Return a solution that prints the first array it computes."""
    for node in own.statements:
        match node:
            case ast.Assign([target], _) | ast.AugAssign(target, _, _):
                text = f'{ast.unparse(node)}\nprint("so far", {ast.unparse(target)})'
                return own.put({node.lineno: text})
    return own.text


# --- Wrong ----------------------------------------------------------------------------------


def _slips(own: _Own) -> Iterator[Answer]:
    """Yield answers in which the first part that fits is another one."""
    for how, (pattern, other) in SLIPS.items():
        change = _rewritten(pattern, other)
        written = {node.lineno: change(deepcopy(node)) for node in own.statements}
        at, text = next(((at, text) for at, text in written.items() if text), (0, ""))
        if text:
            yield Answer(f"{how}: {text}", WRONG, own.put({at: text}), line=at)


def _mistakes(reference: Reference, own: _Own) -> Iterator[Answer]:
    """Yield answers with one mistake each, of all kinds and in all statements."""
    script = Plantable(reference, SCRIPT)
    right = _results(own.text, reference)
    known: list[tuple[Mistake, Answer]] = []
    for mistake in script.mistakes(script.functions):
        text = script.text(planted(script.functions, [mistake]))
        line = _first_other_line(own, text)
        if line and not mistake.body and text not in [answer.text for _, answer in known]:
            found = re.match(r"\s*(\w+)[^=]* [-+*/]?= ", own.lines[line - 1])
            variable = found[1] if found else mistake.function
            answer = Answer(mistake.kind, WRONG, text, line=line, variable=variable)
            known.append((mistake, answer))
    used: dict[str | int, int] = {}
    while known:
        at = min(
            range(len(known)),
            key=lambda n: (used.get(known[n][0].kind, 0) + used.get(known[n][1].line, 0), n),
        )
        mistake, answer = known.pop(at)
        if _results(answer.text, reference) != right:
            for key in (mistake.kind, answer.line):
                used[key] = used.get(key, 0) + 1
            now = answer.text.split("\n")[answer.line - 1].partition("  #")[0].strip()
            yield replace(answer, meant=f"{answer.meant}: {now}")


def _first_other_line(own: _Own, text: str) -> int:
    """Return the first of a student's own lines that is another one in a text. 0: none is."""
    code = [[line.partition("  #")[0] for line in lines] for lines in (own.lines, text.split("\n"))]
    pairs = enumerate(zip(*code, strict=False), 1)
    begin = next((at for at, line in enumerate(code[0]) if line.startswith("import")), 0)
    first = next((at for at, (one, other) in pairs if at > begin and one != other), 0)
    return first if first in own.numbers else 0


def _results(text: str, reference: Reference) -> list[tuple[str, bytes]] | str:
    """Return what a script gives, to nine digits: a mistake changes that. Or why it fails."""
    given = reference.expected(0)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            seen = observe(execute(in_float64(text), SCRIPT), given, SCRIPT)
    except Exception as error:
        return str(error)
    found = [
        (name, np.array([f"{number:.9g}" for number in array.ravel()]).tobytes())
        for name, array in sorted(seen.arrays.items())
        if "/value/" not in name
    ]
    return found + [(what, failed["says"].encode()) for what, failed in seen.failures.items()]


def _by_differences(text: str) -> str:
    """Return a solution whose gradients are differences of its loss."""
    return text.replace("def loss_and_gradients(", "def step(").replace(
        "\ndef update(",
        """
def loss_and_gradients(*examples):
    *losses, _ = step(*examples)
    gradients = {}
    for name, p in params.items():
        gradients[name] = np.zeros_like(p)
        for i in np.ndindex(p.shape):
            was, ends = p[i], []
            for number in (was + 1e-4, was - 1e-4):
                p[i] = number
                ends.append(sum(step(*examples)[:-1]))
            p[i] = was
            gradients[name][i] = (ends[0] - ends[1]) / 2e-4
    return *losses, gradients


def update(""",
        1,
    )


# --- Unfinished, broken, cheating -----------------------------------------------------------


def _unfinished(own: _Own, blank: str) -> Iterator[Answer]:
    yield Answer("as handed out", WRONG, blank)
    count = len(own.statements)
    for title, done in (("half of it", count // 2), ("all but the last", count - 1)):
        rest = own.statements[done:]
        if 0 < done < count:
            todo = {node.lineno: 'raise NotImplementedError("to do")' for node in rest}
            yield Answer(title, WRONG, own.put(todo), line=rest[0].lineno)


def _broken(own: _Own) -> Iterator[Answer]:
    first = own.statements[0]
    code = ast.unparse(first)
    yield Answer("an empty file", REFUSED, "")
    yield Answer("a syntax error", REFUSED, own.put({first.lineno: f"{code})"}), line=first.lineno)
    value = next(node.id for node in ast.walk(first) if _is_read(node))
    misspelt = re.sub(rf"\b{value}\b(?! =)", f"{value}s", code)
    yield Answer("a name error", WRONG, own.put({first.lineno: misspelt}), line=first.lineno)
    for title, text in {
        "no end": "while True: pass",
        "much memory": "hog = np.ones(10**11)",
        "recursion": "def again(): return again()\nagain()",
        "crashes": "print(1 / 0)",
    }.items():
        yield Answer(title, WRONG, own.first(text), line=first.lineno)
    last = own.statements[-1]
    assert isinstance(last, ast.Assign | ast.AugAssign | ast.Return)
    if not (isinstance(last, ast.Return) and isinstance(last.value, ast.Tuple)):
        zero = deepcopy(last)
        zero.value = ast.parse(f"0 * ({ast.unparse(last.value or last)})", mode="eval").body
        text = own.put({last.lineno: ast.unparse(zero)})
        yield Answer("zero", WRONG, text, line=last.lineno)


def _is_read(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id != "np"


CHEATS = {
    "imports nndsl": "import nndsl",
    "reads the key": 'open("../labs-key/train.py").read()',
    "exits": "import os; os._exit(0)",
    "says that it is done": "raise SystemExit(0)",
    "forks": "import os; os.fork()",
    "starts a program": 'import subprocess; subprocess.run(["cat", "expected.npz"])',
    "patches numpy": "np.linalg.norm = lambda *given: 0.0",
    "looks at all objects": "import gc; gc.get_objects()",
}
PATCHES = "import pytest; pytest.fail = lambda *given, **options: None"


def _cheating(own: _Own) -> Iterator[Answer]:
    for title, text in CHEATS.items():
        yield Answer(f"cheat: {title}", REFUSED, own.first(text))
    yield Answer("cheat: patches pytest", WRONG, own.first(PATCHES))
