"""The margin of an optimized step: what a line computes, where the line itself says how."""

from collections.abc import Iterable
from dataclasses import replace

from nndsl.ir import Statement, printer
from nndsl.ir.tree import Comment
from nndsl.program.optimize.split import CONTINUED

LONG = 40  # characters of a formula up to which the reason stands behind it


def note_formulas(statements: Iterable[Statement]) -> list[Statement]:
    """Remember with each assignment its formula as it stands before the passes."""
    return [
        replace(statement, formula=statement.text) if statement.value is not None else statement
        for statement in statements
    ]


def explain(statements: Iterable[Statement]) -> list[Statement]:
    """Put the formula into the margin wherever passes have changed the statement."""
    return [_explained(statement) for statement in statements]


def _explained(statement: Statement) -> Statement:
    formula = statement.formula
    if formula == CONTINUED or " = " not in formula or statement.text == formula:
        return statement
    both = Comment(f"{formula}; {statement.comment.sentence}", statement.comment.arguments)
    if statement.comment and len(printer.comment(both)) <= LONG:
        return replace(statement, comment=both)
    return statement.with_comment(formula)
