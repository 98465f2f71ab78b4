"""From a text to the tree of a page, and `import`: the words of other files in their places."""

import json
import os
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nndsl.analysis.toplevel import (
    IMPORT,
    IMPORT_FORM,
    OWN_KINDS,
    TOP_WORDS,
    WORDS_OF_FILES,
    correct_typos,
)
from nndsl.diagnostics import Diagnostics, Label, TooManyFindings
from nndsl.source import Source, SourceError, Span, read_source
from nndsl.syntax import ast
from nndsl.syntax.parser import parse

MAX_FILES = 100  # that one page imports


def read_tree(source: Source, diagnostics: Diagnostics) -> ast.Tree | None:
    """Return the tree of a text: of the JSON form where its name says so, else of the language.

    Where it has syntax errors, a text of the language gives a tree that is not complete.
    """
    if not source.is_json:
        return parse(source, diagnostics, TOP_WORDS)
    from nndsl.analysis.json_form import json_to_tree
    from nndsl.syntax.json_reader import read_json

    document = read_json(source, diagnostics)
    with suppress(TooManyFindings):
        return None if document is None else json_to_tree(document, source, diagnostics)
    return None


def with_imports(tree: ast.Tree, diagnostics: Diagnostics) -> ast.Tree:
    """Return the tree with the words of the files that it imports in the place of each import.

    A file that several of them import stands there once. What is wrong is recorded; an import that
    brought nothing stays in the tree, as a statement that could not be read.
    """
    if not any(_is_import(statement) for statement in tree.statements):
        return tree
    return _Imports(tree.source, diagnostics).expanded(tree, ())


def self_contained(source: Source) -> Source:
    """Return a page, which has no errors, with the texts of all that it imports in it."""
    tree = read_tree(source, Diagnostics())
    if tree is None or (whole := with_imports(tree, Diagnostics())) is tree:
        return source
    if not source.is_json:
        from nndsl.syntax.printer import print_tree  # a check prints no page

        return replace(source, text=print_tree(whole))
    from nndsl.analysis.json_form import tree_to_json

    written = json.dumps(tree_to_json(whole, Diagnostics()), indent=2, ensure_ascii=False)
    return replace(source, text=f"{written}\n")


def missing_import(kind: str, name: str, source: Source) -> str | None:
    """Return a help line that names the file beside a page which defines an unknown word."""
    form = next((form for form, of_kind in OWN_KINDS.items() if of_kind == kind), None)
    if form is None or source.path is None:
        return None
    defines = re.compile(rf"^[ \t]*{form}[ \t]+{re.escape(name)}\b", re.MULTILINE)
    with suppress(OSError):
        for path in sorted(source.folder.glob("*.nn"))[:MAX_FILES]:
            with suppress(SourceError):
                if path != source.path and defines.search(read_source(path).text):
                    return f'{path.name} defines it: import "{path.name}"'
    return None


def _is_import(statement: ast.Statement) -> bool:
    return isinstance(statement, ast.Call) and statement.name.text == IMPORT


def _stands(comment: ast.Comment, tree: ast.Tree, line: int) -> bool:
    return comment.span.source is tree.source and comment.span.line == line


class _Imports:
    """Reads the files that a page imports, each once."""

    def __init__(self, page: Source, diagnostics: Diagnostics) -> None:
        self._allowed = [path.resolve() for path in (page.folder, *page.words)]
        self._page = page
        self._diagnostics = diagnostics
        self._read: dict[Path, Source] = {}
        self._real = {page.path: page.path.resolve()} if page.path else {}  # where a file lies
        self._files: list[Source] = []  # in the order in which they were read

    def expanded(self, tree: ast.Tree, way: tuple[Source, ...]) -> ast.Tree:
        """Return a tree with what it imports; `way` are the files that lead to it."""
        statements: list[ast.Statement] = []
        comments, unread, imports = list(tree.comments), list(tree.unread), []
        there: dict[Path, Span] = {}
        for statement in tree.statements:
            if not isinstance(statement, ast.Call) or not _is_import(statement):
                statements.append(statement)
                continue
            after = statement.span.source.position(statement.span.end)[0]
            comments = [c for c in comments if not (c.trailing and _stands(c, tree, after))]
            first = len(self._files)
            found, span = self._imported(statement, (*way, tree.source), there)
            if found is not None:
                statements += found.statements
                comments += found.comments
                unread += found.unread
            if span is None:
                statements.append(ast.Broken(statement.name, None, statement.span))
            elif files := self._files[first:]:
                imports.append(ast.Import(span, tuple(files)))
        return replace(
            tree,
            statements=tuple(statements),
            comments=tuple(comments),
            unread=tuple(unread),
            imports=tuple(imports),
        )

    def _imported(
        self, statement: ast.Call, way: tuple[Source, ...], there: dict[Path, Span]
    ) -> tuple[ast.Tree | None, Span | None]:
        """Return the tree of a file, None if it is there already; and where it is named.

        The place is None where the file cannot be imported, and that is said.
        """
        match statement:
            case ast.Call(arguments=(ast.Argument(None, ast.String() as given),), body=None):
                pass
            case _:
                wrong = f"`{IMPORT}` is written {IMPORT_FORM}"
                self._diagnostics.report("NN224", wrong, statement.span)
                return None, None
        try:
            path = Path(os.path.normpath(way[-1].folder / given.value))
            real = self._checked(path, given)
            if real in there:
                label = Label(there[real], "first imported here")
                wrong = f"`{given.value}` is imported twice"
                self._diagnostics.report("NN203", wrong, given.span, label)
                return None, None
            there[real] = given.span
            self._real[path] = real
            self._check_circle(real, way)
            if real in self._read:
                return None, given.span
            if len(self._read) == MAX_FILES:
                raise SourceError(f"a page imports at most {MAX_FILES} files")
            source = self._read[real] = read_source(path)
        except SourceError as error:
            self._diagnostics.report("NN229", error.message, given.span, help=error.help)
            return None, None
        self._files.append(source)
        tree = read_tree(source, self._diagnostics)
        if tree is None:
            return None, None
        tree = self._words(correct_typos(tree, self._diagnostics), given.span)
        return self.expanded(tree, way), given.span

    def _checked(self, path: Path, given: ast.String) -> Path:
        """Return where a file really lies. SourceError where a page may not read it."""
        if "\0" in given.value or not given.value.strip():
            raise SourceError("this names no file", f"write {IMPORT_FORM}")
        try:
            real = path.resolve()
        except (OSError, RuntimeError) as error:
            raise SourceError(f"{path} cannot be read: {error}") from None
        if not any(real.is_relative_to(allowed) for allowed in self._allowed):
            raise SourceError(
                f"{path} lies outside of the page's folder",
                f"put it there, or name it on the command line: --words {path}",
            )
        return real

    def _check_circle(self, real: Path, way: tuple[Source, ...]) -> None:
        """SourceError where a file is one of those that lead to it."""
        paths = [self._real.get(source.path) if source.path else None for source in way]
        if real in paths:
            circle = [Path(source.name).name for source in way[paths.index(real) :]]
            shown = " → ".join([*circle, circle[0]])
            raise SourceError(f"this import closes a circle: {shown}")

    def _words(self, tree: ast.Tree, place: Span) -> ast.Tree:
        """Return the tree of a file with its words alone; what else stands there is reported."""
        kept = []
        for statement in tree.statements:
            word = statement.word if isinstance(statement, ast.Declaration) else statement.name
            if _is_import(statement) or word.text in WORDS_OF_FILES:
                kept.append(statement)
            elif not isinstance(statement, ast.Broken):
                self._diagnostics.report(
                    "NN229",
                    f"`{word.text}` stands in a file that is imported",
                    word.span,
                    Label(place, "imported here"),
                    help=f"such a file holds words: {', '.join(WORDS_OF_FILES)}",
                )
        return replace(tree, statements=tuple(kept))
