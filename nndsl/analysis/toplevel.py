"""What may stand at the top of a spec: sections, declarations, and words that are misspelt."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nndsl.analysis.slots import singular_of
from nndsl.analysis.suggest import correct_typo, did_you_mean, typo_fix
from nndsl.diagnostics import Diagnostics
from nndsl.source import Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry

EXPERIMENTS = ("compare", "search", "record", "expect", "minimize")
ABOUT_RUNS = ("compare", "search", "expect")  # no single training depends on them
HOLD_LAYERS = ("network", "block")
SECTIONS = ("data", "network", "train", *EXPERIMENTS)
FORMS = {
    "model": "model NAME",
    "let": "let NAME = VALUE",
    "block": "block NAME(…) { … }",
}
# Kinds of words that a page may define, in the order in which they are read; and by how each is
# declared.
KINDS = ("initializers", "layers", "losses", "metrics", "regularizers", "schedules", "optimizers")
OWN_KINDS = {singular_of(kind): kind for kind in KINDS}
FORMS |= {form: f"{form} NAME(…) {{ … }}" for form in OWN_KINDS}
DECLARATIONS = tuple(FORMS)
WORDS_OF_FILES = tuple(word for word in DECLARATIONS if word != "model")  # that are imported
IMPORT, IMPORT_FORM = "import", 'import "words.nn"'
FORMS[IMPORT] = IMPORT_FORM
SECTION_FORMS = {name: f"{name} {{ … }}" for name in SECTIONS} | {"data": "data = …"}
WORDS = (*SECTIONS, *FORMS)
TOP_WORDS = frozenset(WORDS) - {"data"}  # a variant may hold data


def without_experiments(tree: ast.Tree) -> ast.Tree:
    """Return what one training depends on: the tree without those that speak about trainings."""
    kept = tuple(s for s in tree.statements if s.name.text not in ABOUT_RUNS)
    return replace(tree, statements=kept)


def unknown_statements(tree: ast.Tree) -> list[ast.Statement]:
    """Return the statements at the top that mean nothing: each may be what another one misses."""
    return [statement for statement in tree.statements if not _is_known(statement)]


def lines_of_networks(statements: Sequence[ast.Statement]) -> Iterator[tuple[str, str, Span]]:
    """Yield the code, a message and the place of what no other lines have: `a = f { … }`."""
    for one in statements:
        if isinstance(one, ast.Setting) and one.others:
            wrong = "one name stands before `=`, but where a block gives several values"
            yield "NN224", wrong, one.name.span.to(one.others[-1].span)
        if isinstance(one, ast.Comparison | ast.Broken) or one.body is None:
            continue
        value = None if isinstance(one, ast.Call) else one.value
        if isinstance(value, ast.Reference):
            yield "NN222", f"`{value.name.text}` takes no body here", one.body.span
        elif first_word(one)[1].text not in HOLD_LAYERS:
            yield from lines_of_networks(one.body.statements)


def correct_typos(tree: ast.Tree, diagnostics: Diagnostics) -> ast.Tree:
    """Return the tree with the words that it surely means; the misspelt ones are reported."""
    statements = tuple(_corrected(statement, diagnostics) for statement in tree.statements)
    return replace(tree, statements=statements)


def report_unknown(
    statement: ast.Statement,
    known: Sequence[str],
    diagnostics: Diagnostics,
    help: str | None = None,
) -> None:
    """Report the first word of a statement, which has no meaning at the top of a spec."""
    what, name = first_word(statement)
    diagnostics.report(
        "NN220",
        f"unknown {what} `{name.text}`",
        name.span,
        help=help or did_you_mean(name.text, known),
        fixes=typo_fix(name.span, name.text, known),
    )


def first_word(statement: ast.Statement) -> tuple[str, ast.Name]:
    """Return the word that says what a statement is, and what it would be by its form."""
    if isinstance(statement, ast.Declaration):
        return "declaration", statement.word
    return "setting" if isinstance(statement, ast.Setting) else "section", statement.name


def _corrected(statement: ast.Statement, diagnostics: Diagnostics) -> ast.Statement:
    _, name = first_word(statement)
    if isinstance(statement, ast.Broken) or name.text in WORDS:
        return statement
    is_declaration = isinstance(statement, ast.Declaration)
    known = DECLARATIONS if is_declaration else WORDS
    close = correct_typo(name.text, known)
    if close is None or (registry.kinds_of(name.text) and not is_declaration):
        return statement
    right = ast.Name(close, name.span)
    if isinstance(statement, ast.Declaration):
        corrected: ast.Statement = replace(statement, word=right)
    else:
        corrected = replace(statement, name=right)
    if not _is_known(corrected):
        return statement
    report_unknown(statement, known, diagnostics)
    return corrected


def _is_known(statement: ast.Statement) -> bool:
    """Whether a statement has a meaning at the top of a spec, by its name and its form."""
    match statement:
        case ast.Declaration(word=word, value=value, body=body):
            there = dict.fromkeys(("block", *OWN_KINDS), body is not None)
            there |= {"model": True, "let": value is not None}
            return there.get(word.text, False)
        case ast.Call(name=ast.Name(text=text)) if text == IMPORT:
            return True
        case ast.Setting() | ast.Call():
            return statement.name.text in SECTIONS
        case _:
            return statement.name.text in WORDS
