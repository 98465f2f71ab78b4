"""Settings from outside the text: `--set`, variants and searches change the tree."""

from collections.abc import Mapping
from dataclasses import replace

from nndsl.source import Source, Span
from nndsl.syntax import ast


def override(tree: ast.Tree, values: Mapping[str, ast.Value]) -> tuple[ast.Tree, list[str]]:
    """Return the tree with other values, and the names that it has no place for.

    `width` is a `let`, or a setting at the top (`data`); `train.epochs` is a setting of a
    section, which is added if the section does not have it.
    """
    statements = list(tree.statements)
    missing = [path for path, value in values.items() if not _replace(statements, path, value)]
    return replace(tree, statements=tuple(statements)), missing


def as_options(settings: Mapping[str, str]) -> list[str]:
    """Return how a command is given settings: `--set`, `rate=0.1` …"""
    return [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]


def spec_arguments(source: Source, settings: Mapping[str, str]) -> list[str]:
    """Return how a command is given a spec, `-` for stdin, and its settings."""
    words = [part for path in source.words for part in ("--words", str(path))]
    name = "-" if source.name.startswith("<stdin>") else source.name
    return [name, *words, *as_options(settings)]


def _replace(statements: list[ast.Statement], path: str, value: ast.Value) -> bool:
    head, _, rest = path.partition(".")
    for position, statement in enumerate(statements):
        if statement.name.text != head:
            continue
        if (
            not rest
            and isinstance(statement, ast.Setting | ast.Declaration)
            and statement.value is not None
        ):
            statements[position] = replace(statement, value=value)
            return True
        if rest and isinstance(statement, ast.Call) and statement.body is not None:
            body = _with_setting(statement.body, rest, value)
            statements[position] = replace(statement, body=body)
            return True
    return False


def _with_setting(body: ast.Body, name: str, value: ast.Value) -> ast.Body:
    word, _, output = name.partition(".")
    changed = list(body.statements)
    known = [at for at, statement in enumerate(changed) if _names(statement) == name]
    end = max(body.span.end - 1, body.span.start)
    place = changed[known[0]].span if known else Span(body.span.source, end, end)
    setting: ast.Statement = ast.Setting(ast.Name(name, value.span), value, place)
    if output:  # `loss NAME = …`
        names = ast.Name(word, value.span), ast.Name(output, value.span)
        setting = ast.Declaration(*names, value, None, None, place)
    for at in known:
        changed[at] = setting
    return replace(body, statements=tuple(changed if known else [*changed, setting]))


def _names(statement: ast.Statement) -> str:
    """Return the name of a setting, of one for an output with that: `loss.digit`."""
    if isinstance(statement, ast.Declaration) and statement.value is not None:
        return f"{statement.word.text}.{statement.name.text}"
    return statement.word.text if isinstance(statement, ast.Declaration) else statement.name.text
