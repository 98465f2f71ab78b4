"""The statements of a script's functions, with mistakes in them or without, and no word of either.

What says the same in another order stands beside mistakes: not all that differs is wrong.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from nndsl.course.hunts.key import checksum
from nndsl.course.hunts.mistakes import PARAMS, Functions, Mistake, Statements, natural_mistakes
from nndsl.emit.script import write_script
from nndsl.ir import Expression, Literal, Operation, Statement
from nndsl.ir.printer import expression as print_expression
from nndsl.ir.tree import NO_COMMENT, places, variable_of, without_comments
from nndsl.live.judging.keys import VALUE, by_key
from nndsl.live.judging.observation import Array
from nndsl.live.judging.reference import Reference
from nndsl.live.judging.tracing import POINT
from nndsl.program.program import Class, Function
from nndsl.program.sections import Part, Section

SEED = 0  # of the numbers that a mistake shows with
SIMPLE = ("[]", ">", "-", "@", ".T")  # operations that may change places

Change = tuple[int, int, int, int]  # lines of one text, and those of another in their place


class Plantable:
    """The script of a page as statements of its functions: others can be put in their place.

    Of a function what it returns is the last; of `params` it is the statement that makes them.
    """

    def __init__(self, reference: Reference, name: str) -> None:
        self._program, self._name = reference.program, name
        self.expected = reference.expected(SEED)
        found: dict[str, Statements] = {}
        self._written(lambda function, body: found.setdefault(function, body))
        self.functions: Functions = found

    def mistakes(self, functions: Functions) -> list[Mistake]:
        """Return mistakes that may be made in statements of the functions."""
        arrays: dict[str, dict[str, Array]] = {}
        for key, array in by_key(self.expected).items():
            if key.where in (POINT, "update") and key.state == VALUE:
                arrays.setdefault(key.function, {})[key.name] = array
        return natural_mistakes(self._program, functions, arrays)

    def text(self, functions: Functions) -> str:
        """Return the script with these statements in its functions."""
        return self._written(lambda function, body: functions.get(function, body))

    def _written(self, change: Callable[[str, Statements], Statements]) -> str:
        """Return the script, each function with the statements that it is to have."""

        def made(part: Part) -> Part:
            match part:
                case Function(name):
                    return part.with_body(change(name, part.body))
                case Class(name):
                    bodies = [(one, change(f"{name}.{one.name}", one.body)) for one in part.methods]
                    return replace(part, methods=tuple(one.with_body(body) for one, body in bodies))
                case tuple() if any(PARAMS in one.writes for one in part):
                    return change(PARAMS, part)
            return part

        def rewrite(sections: list[Section]) -> list[Section]:
            return [replace(one, parts=tuple(map(made, one.parts))) for one in sections]

        return write_script(self._program, name=self._name, rewrite=rewrite).text


def planted(functions: Functions, mistakes: Iterable[Mistake]) -> dict[str, Statements]:
    """Return the statements of functions with mistakes in them, each in a statement of its own."""
    changed = dict(functions)
    for mistake in sorted(mistakes, key=lambda mistake: -mistake.at):  # what is left out moves none
        changed[mistake.function] = mistake.put(changed[mistake.function])
    return changed


def without_reasons(made: Statement) -> Statement:
    """Return a statement without comments, also in what it holds: they would tell what is wrong."""
    return replace(made.with_node(without_comments(made.node)), comment=NO_COMMENT)


def harmless(made: Statement) -> list[Statement]:
    """Return statements that compute the same, each with one thing written in another way."""
    found = []
    for part, put in places(made.node):
        if f":{print_expression(part)}" not in made.text:  # a slice ends at so many from its start
            found += [made.with_node(put(other)) for other in _again(part)]
    return found


def _again(part: Expression) -> Iterator[Expression]:
    """Yield an expression written in another order, as a power, or as a call of numpy's."""
    match part:
        case Operation("*", (left, right)) if left == right:
            yield Operation("**", (left, Literal(2, "2")))
        case Operation("*" | "+" as op, (left, right)) if _is_simple(left) and _is_simple(right):
            yield Operation(op, (right, left))
        case Operation(">", (left, Literal(0))):
            yield Operation("<", (Literal(0, "0"), left))
        case Operation("**", (base, Literal(2))) if variable_of(base):
            yield Operation("*", (base, base))
        case Operation(".sum()" | ".mean()" | ".max()" as op, operands) if part.options:
            yield replace(part, op=f"np{op}", operands=operands)
        case Operation("@", (left, right)):
            yield Operation("np.matmul()", (left, right))


def _is_simple(value: Expression) -> bool:
    is_one = isinstance(value, Operation) and value.op in SIMPLE
    return is_one or bool(variable_of(value))


def changes(before: Sequence[str], now: Sequence[str]) -> list[Change]:
    """Return where lines differ, but for what the head of a script says of its text."""
    old, new = (["" if checksum(line) else line for line in lines] for lines in (before, now))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [change[1:] for change in matcher.get_opcodes() if change[0] != "equal"]


def touched(change: Change) -> Iterator[int]:
    """Yield the lines that change; where one is added, that before which it stands."""
    return iter(range(change[0], max(change[1], change[0] + 1)))


def span(changes: Sequence[Change]) -> Change:
    """Return all changes as one."""
    begins, ends, firsts, lasts = zip(*changes, strict=True)
    return min(begins), max(ends), min(firsts), max(lasts)
