"""What a lab leaves out stands nowhere in what its students have: not in it, and not before."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from nndsl.analysis.compile import analyse
from nndsl.course.exercises.blanks import Blanks
from nndsl.course.handouts.script import write_handout
from nndsl.course.labs import Lab, labs, page
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build_program
from nndsl.emit.script import write_script
from nndsl.program.block_functions import extract_blocks
from nndsl.program.program import Program

# One operation is no answer: to what it is applied is.
STEPS = {
    "a - b",
    "a * b",
    "a / b",
    "a.mean(axis=0)",
    "np.zeros_like(a)",
    "a.reshape(b, c, d)",
    "a.values()",
}
DENSE = {"a.T @ b", "a.sum(axis=0)", "a @ b.T"}  # labs 1, 3 and 4 cannot be trained without
REPEATED = {
    "by_differences": {"a @ b + c"},  # the layer of lab 1, whose loss is asked for
    "two_layers": {"a @ b + c"},  # lab 1 has one such product; here two are to be chained
    "backpropagation": DENSE | {"a * (b > 0)"},  # lab 4 asks for the slope of relu
    "gradient_check": DENSE  # what labs 4 and 5 asked for, now without the names of its steps
    | {"a * (1 - b * b)", "np.exp(a)", "a[np.arange(b), c] - 1"},
    "batch_normalisation": {"a.sum(axis=0)"},
    "search": DENSE  # all of a network at once, each step of which an earlier lab asked for
    - {"a.T @ b"}
    | {"a @ b + c", "np.maximum(0, a)", "np.maximum(0, a @ b + c)", "a.T @ b + c * d"}
    | {"np.exp(a)", "a[np.arange(b), c] - 1", "a * (b > 0)"},
    "sequences": DENSE,
}


@pytest.mark.parametrize("lab", labs(), ids=lambda lab: lab.page)
def test_no_answer_was_handed_out(lab: Lab) -> None:
    before = labs()[: labs().index(lab)]
    given = {answer for one in before for name in one.pages for answer in answers(script(name))}
    left_out, rest = exercise(lab)
    given |= {answer for name in lab.pages[1:] for answer in answers(script(name))}
    given |= {*answers(rest)}
    assert {*answers(left_out)} & given - STEPS == REPEATED.get(lab.page, set())


def test_a_handout_asks_nothing_of_what_its_exercise_leaves_out() -> None:
    lab = next(one for one in labs() if one.blank == "init")
    checked = analyse(page(lab.pages[0]), Diagnostics())

    def asked(*blanks: str, level: int = lab.level) -> str:
        chapters = write_handout(checked, asked=blanks, level=level).chapters
        return "\n".join(question.text for one in chapters for question in one.questions)

    assert "2 / fan_in" in asked()
    assert "2 / fan_in" in asked(lab.blank, level=1)
    assert "2 / fan_in" not in asked(lab.blank)
    assert "all began with the same number" in asked(lab.blank)


def exercise(lab: Lab) -> tuple[str, str]:
    """Return what is left out of the script of a lab, and what is left of it."""
    of = program(lab.pages[0])
    blanks = Blanks(of, script(lab.pages[0]), lab.blank.split(","), lab.level)
    rest = blanks.script("train.py").text
    return "\n".join(f"def blank():\n{_indented(blank.code)}" for blank in blanks.chosen), rest


def answers(text: str) -> Iterator[str]:
    """Yield what is computed in a script, whatever its variables are called."""
    for made in ast.walk(ast.parse(text)):
        match made:
            case ast.Assign(value=value) | ast.Return(value=ast.expr() as value):
                pass
            case ast.AugAssign(target, op, value):
                value = ast.BinOp(target, op, value)
            case _:
                continue
        plain = ast.Name | ast.Constant | ast.Tuple | ast.List | ast.Dict | ast.Load | ast.Store
        if not all(isinstance(part, plain) for part in ast.walk(value)):
            yield ast.unparse(_Letters().visit(ast.parse(ast.unparse(value))))


class _Letters(ast.NodeTransformer):
    """Calls variables a, b, c … in the order in which they stand."""

    def __init__(self) -> None:
        self.letters: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id in ("np", "math"):
            return node
        return ast.Name(self.letters.setdefault(node.id, chr(ord("a") + len(self.letters))))

    def visit_Call(self, node: ast.Call) -> ast.Call:
        function = node.func if isinstance(node.func, ast.Name) else self.visit(node.func)
        keywords = [ast.keyword(one.arg, self.visit(one.value)) for one in node.keywords]
        return ast.Call(function, [*map(self.visit, node.args)], keywords)


@cache
def program(name: str) -> Program:
    return extract_blocks(build_program(analyse(page(name), Diagnostics())))


@cache
def script(name: str) -> str:
    return write_script(program(name)).text


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.split("\n"))
