"""Words at the top of a spec that are misspelt: the check goes on with what is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nndsl.analysis.suggest import did_you_mean, meant_by, respelling
from nndsl.analysis.top import DECLARATIONS, SECTIONS, is_known
from nndsl.diagnostics import Diagnostics
from nndsl.syntax import ast
from nndsl.vocabulary import registry

WORDS = (*SECTIONS, *DECLARATIONS)


def correct_slips(tree: ast.Tree, diagnostics: Diagnostics) -> ast.Tree:
    """Return the tree with the words that it surely means; the misspelt ones are reported."""
    statements = tuple(_corrected(statement, diagnostics) for statement in tree.statements)
    return replace(tree, statements=statements)


def reject_word(
    what: str,
    name: ast.Name,
    known: Sequence[str],
    diagnostics: Diagnostics,
    help: str | None = None,
) -> None:
    """Report a word that has no meaning at the top of a spec."""
    diagnostics.error(
        "NN220",
        f"unknown {what} `{name.text}`",
        name.span,
        help=help or did_you_mean(name.text, known),
        fixes=respelling(name.span, name.text, known),
    )


def kind_of(statement: ast.Statement) -> str:
    """Return what a statement at the top is by its form: a setting, a section, a declaration."""
    if isinstance(statement, ast.Declaration):
        return "declaration"
    return "setting" if isinstance(statement, ast.Setting) else "section"


def _corrected(statement: ast.Statement, diagnostics: Diagnostics) -> ast.Statement:
    is_declaration = isinstance(statement, ast.Declaration)
    name = statement.word if isinstance(statement, ast.Declaration) else statement.name
    known = DECLARATIONS if is_declaration else WORDS
    if isinstance(statement, ast.Broken) or name.text in WORDS:
        return statement
    close = meant_by(name.text, known)
    if close is None or (registry.kinds_of(name.text) and not is_declaration):
        return statement
    right = ast.Name(close, name.span)
    if isinstance(statement, ast.Declaration):
        corrected: ast.Statement = replace(statement, word=right)
    else:
        corrected = replace(statement, name=right)
    if not is_known(corrected):
        return statement
    reject_word(kind_of(statement), name, known, diagnostics)
    return corrected
