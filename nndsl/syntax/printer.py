"""From tree to text: the one canonical layout.

Two spaces a level; a statement a line; `=` aligned within a group of settings; comments that
end consecutive lines aligned; at most one blank line, and always one around a block at the top.
A body stays on one line where the source had it so and it fits. What does not fit, or has
comments inside its parentheses, has one argument a line.
"""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby, pairwise

from nndsl.source import Source, Span
from nndsl.syntax import ast
from nndsl.syntax.value_printer import print_argument, print_arguments, print_value

WIDTH = 100
BODY_WIDTH = 88  # of a statement with its body on one line


def print_tree(tree: ast.Tree) -> str:
    """Return the canonical text of a tree; its spans may be real or all the same.

    What a page imports stands in its place, with its comments, a blank line around it.
    """
    groups = [(s, tuple(group)) for s, group in groupby(tree.statements, lambda s: s.span.source)]
    lines: list[_Line] = []
    begin: dict[Source, int] = {}
    for index, (source, statements) in enumerate(groups or [(tree.source, ())]):
        later = [group[0].span.start for other, group in groups[index + 1 :] if other is source]
        end = len(source.text) + 1
        if later:
            line_end = source.text.find("\n", statements[-1].span.end, later[0])
            end = line_end if line_end >= 0 else statements[-1].span.end
        printer = _Printer(source, tuple(c for c in tree.comments if c.span.source is source))
        printer.statements(statements, begin.get(source, 0), end, 0)
        begin[source] = end
        lines += [_Line("")] * bool(lines) + printer.lines
    return _align_comments(lines)


@dataclass(slots=True)
class _Line:
    text: str
    comment: str = ""


@dataclass(slots=True)
class _Item:
    """What stands between two line ends of a body: a statement, or a comment alone."""

    node: ast.Statement | ast.Comment
    comment: str = ""  # at the end of the statement's line
    is_block: bool = False  # it ends with a body that takes lines of its own
    blank: bool = False  # a blank line stands before it
    width: int = 0  # of what stands before an aligned `=` or `{`


class _Printer:
    def __init__(self, source: Source, comments: tuple[ast.Comment, ...]) -> None:
        self.lines: list[_Line] = []
        self._source = source
        self._comments = comments
        self._starts = [comment.span.start for comment in comments]

    def statements(
        self, statements: tuple[ast.Statement, ...], start: int, end: int, depth: int
    ) -> None:
        """Print the statements and comments of a body, which lie between two offsets."""
        items: list[_Item] = []
        for index, node in enumerate(statements):
            items += map(_Item, self._between(start, node.span.start))
            last = index + 1 == len(statements)
            following = end if last else statements[index + 1].span.start
            comment, start = self._ending(node.span.end, following)
            items.append(_Item(node, comment, is_block=self._is_block(node, depth)))
        items += map(_Item, self._between(start, end))
        self._set_blank_lines(items, at_top=depth == 0)
        _set_widths(items)
        for item in items:
            if item.blank:
                self.lines.append(_Line(""))
            if isinstance(item.node, ast.Comment):
                self._write(depth, item.node.text.rstrip())
            else:
                self._statement(item, item.node, depth)

    def _set_blank_lines(self, items: list[_Item], *, at_top: bool) -> None:
        position = self._source.position
        for above, item in pairwise(items):
            last = position(max(above.node.span.end - 1, above.node.span.start))[0]
            item.blank = position(item.node.span.start)[0] > last + 1
        for index, item in enumerate(items):
            if not (at_top and item.is_block):
                continue
            if index + 1 < len(items):
                items[index + 1].blank = True
            while (
                index and isinstance(items[index - 1].node, ast.Comment) and not items[index].blank
            ):
                index -= 1  # a comment right above the block belongs to it
            items[index].blank = index > 0

    def _statement(self, item: _Item, node: ast.Statement, depth: int) -> None:
        body = _body_of(node)
        head = _head(node).ljust(item.width)
        ending = "" if body is None else " {" if item.is_block else f" {_flat(body)}"
        inside = self._between(node.span.start, body.span.start if body else node.span.end)
        last_line = head + _tail(node)
        if inside or 2 * depth + len(last_line + ending) > WIDTH:
            last_line = self._explode(node, head, inside, depth) or last_line
        if body is None or not item.is_block:
            self._write(depth, last_line + ending, item.comment)
            return
        first = body.statements[0].span.start if body.statements else body.span.end
        comment, start = self._ending(body.span.start, first)
        self._write(depth, last_line + ending, comment)
        self.statements(body.statements, start, body.span.end, depth + 1)
        self._write(depth, "}", item.comment)

    def _explode(
        self, node: ast.Statement, head: str, inside: tuple[ast.Comment, ...], depth: int
    ) -> str | None:
        """Print the outermost arguments one a line; return the last line, None if there are none.

        Comments that no line can keep go before the statement.
        """
        opener, parts, closer = _bracketed(node)
        if not parts:
            for comment in inside:
                self._write(depth, comment.text.rstrip())
            return None
        self._write(depth, head + opener)
        start, end = node.span.start, inside[-1].span.end if inside else node.span.start
        for index, (span, text) in enumerate(parts):
            for comment in self._between(start, span.end):
                self._write(depth + 1, comment.text.rstrip())
            following = parts[index + 1][0].start if index + 1 < len(parts) else end
            ending, start = self._ending(span.end, following)
            self._write(depth + 1, f"{text},", ending)
        for comment in self._between(start, end):
            self._write(depth + 1, comment.text.rstrip())
        return closer

    def _is_block(self, node: ast.Statement, depth: int) -> bool:
        """Whether a statement has a body that takes lines of its own."""
        body = _body_of(node)
        if body is None:
            return False
        if self._between(body.span.start, body.span.end):
            return True
        if not body.statements:
            return False
        written = body.span.text
        width = 2 * depth + len(f"{_head(node)}{_tail(node)} {_flat(body)}")
        return not written.startswith("{") or "\n" in written or width > BODY_WIDTH

    def _between(self, start: int, end: int) -> tuple[ast.Comment, ...]:
        """Return the comments that begin between two offsets."""
        return self._comments[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _ending(self, start: int, end: int) -> tuple[str, int]:
        """Return the comment that follows on the same line, and where to look for the next."""
        for comment in self._between(start, end)[:1]:
            if comment.trailing and "\n" not in self._source.text[start : comment.span.start]:
                return comment.text.rstrip(), comment.span.end
        return "", start

    def _write(self, depth: int, text: str, comment: str = "") -> None:
        self.lines.append(_Line("  " * depth + text, comment))


def _body_of(node: ast.Statement) -> ast.Body | None:
    return None if isinstance(node, ast.Comparison | ast.Broken) else node.body


def _head(node: ast.Statement) -> str:
    """Return what stands before an aligned `=` or `{`, or before the arguments."""
    if isinstance(node, ast.Declaration):
        return f"{node.word.text} {node.name.text}"
    if isinstance(node, ast.Setting):
        return ", ".join(name.text for name in node.names)
    return node.name.text


def _tail(node: ast.Statement) -> str:
    """Return what follows the head, without the body."""
    if isinstance(node, ast.Comparison):
        return f" {node.operator} {print_value(node.value)}"
    if isinstance(node, ast.Call):
        match node.arguments:
            case (ast.Argument(None, ast.String() as text),) if node.body is None:
                return f" {print_value(text)}"
        return print_arguments(node.arguments)
    if isinstance(node, ast.Broken):
        return ""
    if isinstance(node, ast.Declaration) and node.value is None:
        return print_arguments(node.arguments)
    return f" = {print_value(node.value)}" if node.value is not None else ""


def _flat(body: ast.Body) -> str:
    return f"{{ {'; '.join(map(_flat_statement, body.statements))} }}" if body.statements else "{}"


def _flat_statement(node: ast.Statement) -> str:
    body = _body_of(node)
    return _head(node) + _tail(node) + (f" {_flat(body)}" if body else "")


def _bracketed(node: ast.Statement) -> tuple[str, list[tuple[Span, str]], str]:
    """Return a statement's outermost bracket: its opener, its parts, its closer."""
    opener, arguments = "", None
    if isinstance(node, ast.Call | ast.Declaration):
        arguments = node.arguments
    value = None if isinstance(node, ast.Call | ast.Broken) else node.value
    if value is not None:
        opener = f" {node.operator} " if isinstance(node, ast.Comparison) else " = "
    if isinstance(value, ast.Sequence):
        brackets = "[]" if value.is_list else "()"
        parts = [(item.span, print_value(item)) for item in value.items]
        return opener + brackets[0], parts, brackets[1]
    if isinstance(value, ast.Reference):
        opener, arguments = opener + value.name.text, value.arguments
    parts = [(argument.span, print_argument(argument)) for argument in arguments or ()]
    return f"{opener}(", parts, ")"


def _set_widths(items: list[_Item]) -> None:
    """Align the settings of a group, and its one-line declarations of one word."""
    columns: dict[tuple[str, str], list[_Item]] = {}
    every = []
    for item in items:
        node = item.node
        if item.blank or item.is_block:
            columns = {}
        if isinstance(node, ast.Setting) and not item.is_block:
            key = "=", ""
        elif isinstance(node, ast.Declaration) and node.value is not None and not item.is_block:
            key = "=", node.word.text
        elif isinstance(node, ast.Declaration) and node.arguments is None and not item.is_block:
            key = "{", node.word.text
        else:
            continue
        if key not in columns:
            every.append(columns.setdefault(key, []))
        columns[key].append(item)
    for column in every:
        width = max(
            len(_head(item.node)) for item in column if not isinstance(item.node, ast.Comment)
        )
        for item in column:
            item.width = width


def _align_comments(lines: list[_Line]) -> str:
    """Return the text, with the comments of neighbouring lines in one column."""
    written = []
    for has_comment, run in groupby(lines, key=lambda line: bool(line.comment)):
        run_lines = list(run)
        width = max(len(line.text) for line in run_lines) + 2 if has_comment else 0
        written += [line.text.ljust(width) + line.comment for line in run_lines]
    return "".join(f"{line}\n" for line in written)
