"""What names stand for: `let`, the parameters of blocks, and where they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nndsl.analysis.suggest import correct_typo, correction, did_you_mean, typo_fix
from nndsl.diagnostics import Diagnostics, Fix, Label
from nndsl.record import record
from nndsl.source import Origin, Span
from nndsl.syntax import ast
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer, NamedValue

T = TypeVar("T")
R = TypeVar("R")
MAX_LABELS = 5
DATA_SIZES = {"features": "numbers of an example", "classes": "to tell apart"}  # what names mean
TOO_DEEP = "names or structures stand in each other too deeply here"


class AnalysisError(Exception):
    """A value is wrong, and the finding that says so is recorded."""


@dataclass(slots=True)
class Binding:
    """A name and the value it stands for, which is evaluated where the name was bound."""

    name: ast.Name
    value: ast.Value
    scope: Scope
    used: bool = False
    evaluating: bool = False
    cyclic: bool = False  # it needs itself, and that is said
    constant: str = ""  # its name in the script, of a `let`
    number: float | None = None  # what the script sets that to, if it is a number
    results: dict[object, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Block:
    """A macro: its parameters (with a default or None) and its body."""

    name: ast.Name
    parameters: dict[str, tuple[ast.Name, ast.Value | None]]
    body: ast.Body
    used: bool = False
    layers: int | None = None  # how many it places, once that is counted
    failed: set[Span] = field(default_factory=set)  # calls that are wrong inside, and that is said


@dataclass(slots=True)
class OwnWord:
    """A word that the page defines; `builtin` is None where its definition is wrong."""

    name: ast.Name
    builtin: type[Builtin] | None = None
    used: bool = False


@dataclass(slots=True)
class Budget:
    """How many layers may still be placed."""

    left: int


@dataclass(slots=True)
class Found:
    """What a page is known to have so far, while it is read from the top: each adds to it."""

    sizes: list[str] = field(default_factory=list)  # names of what the data says: no `let`
    heads: list[str] = field(default_factory=list)  # outputs that have a loss of their own


@record
class Scope:
    """Where something is evaluated: the names it sees and the block calls around it."""

    diagnostics: Diagnostics
    names: Mapping[str, Binding]
    blocks: Mapping[str, Block]
    budget: Budget
    uses: tuple[Span, ...] = ()
    inside: tuple[str, ...] = ()  # blocks being expanded, to find one that contains itself
    top: Scope | None = None  # where blocks and lets are defined; None: here
    # Those that the page defines, by kind and name.
    words: Mapping[str, Mapping[str, OwnWord]] = field(default_factory=dict)
    found: Found = field(default_factory=Found)
    # The values of the network that have names here, and the names that lines below give, too.
    values: dict[str, NamedValue] = field(default_factory=dict)
    ahead: Mapping[str, Span] = field(default_factory=dict)
    inside_structure: bool = False  # between the braces of a layer

    def origin(self, span: Span) -> Origin:
        return Origin(span, self.uses)

    def find(self, kind: str, name: str) -> type[Builtin] | None:
        """Return the word of a kind, of the page or of the vocabulary; None where there is none.

        AnalysisError where the page defines it, and wrongly: that is said.
        """
        if (own := self.own(kind).get(name)) is None:
            return registry.find(kind, name)
        own.used = True
        if own.builtin is None:
            raise AnalysisError
        return own.builtin

    def layer(self, name: str) -> type[Layer] | None:
        """Return the layer of a name. AnalysisError as `find`."""
        return self.find(Layer.kind, name)  # type: ignore[return-value]  # by its kind

    def own(self, kind: str) -> Mapping[str, OwnWord]:
        """Return the words of a kind that the page defines."""
        return self.words.get(kind, {})

    def known(self, *kinds: str) -> list[str]:
        """Return the words of some kinds, of the vocabulary and of the page."""
        return [word for kind in kinds for word in (*registry.names(kind), *self.own(kind))]

    def require_new(self, first: dict[str, Span], name: str, span: Span) -> None:
        """Report what was given before; AnalysisError. `first` remembers where a name stood."""
        there = first.setdefault(name, span)
        if there is not span:
            label = Label(there, "first given here")
            raise self.reject("NN203", f"`{name}` is given twice", span, label)

    def reject(
        self,
        code: str,
        message: str,
        span: Span,
        *labels: Label,
        help: str | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> AnalysisError:
        """Record an error and return what to raise."""
        self.diagnostics.report(code, message, self.origin(span), *labels, help=help, fixes=fixes)
        return AnalysisError()

    def resolve_typo(
        self,
        code: str,
        message: str,
        name: ast.Name,
        known: Sequence[str],
        *labels: Label,
        help: str | None = None,
        candidates: Sequence[str] | None = None,
    ) -> str:
        """Record a name that is not known, and return the one that is meant by it.

        The check goes on with that one, so that all that is wrong is said at once. AnalysisError
        where it could be any, or where `help` says what else to do. Of `candidates`, if they are
        given, one is meant; `known` are listed where none of them is close.
        """
        candidates = [] if help else known if candidates is None else candidates
        found = correction(name.text, candidates)
        said = help or did_you_mean(name.text, candidates if found.name or found.several else known)
        fixes = typo_fix(name.span, name.text, candidates)
        error = self.reject(code, message, name.span, *labels, help=said, fixes=fixes)
        close = correct_typo(name.text, candidates)
        if close is None:
            raise error
        return close


def read_each(items: Iterable[T], read: Callable[[T], R]) -> tuple[list[R], bool]:
    """Read items, so that all that is wrong is said at once.

    Return what those mean that are right, and whether any is wrong.
    """
    found: list[R] = []
    failed = False
    for item in items:
        try:
            found.append(read(item))
        except AnalysisError:
            failed = True
    return found, failed


def definitions(value: ast.Value, scope: Scope) -> tuple[Label, ...]:
    """Return where the names in a value get theirs: the `let`, after the blocks on the way."""
    if isinstance(value, ast.Reference) and value.arguments is None:
        return _definition(value, scope, "its value")
    labels: dict[Label, None] = {}
    for name in names_in(value):
        labels |= dict.fromkeys(_definition(name, scope, f"the value of `{name.name.text}`"))
    return tuple(labels)[:MAX_LABELS]


def _definition(value: ast.Value, scope: Scope, says: str) -> tuple[Label, ...]:
    labels: list[Label] = []
    while isinstance(value, ast.Reference) and value.arguments is None and len(labels) < MAX_LABELS:
        binding = scope.names.get(value.name.text)
        if binding is None:
            break
        value, scope = binding.value, binding.scope
        labels.append(Label(value.span, says))
    return tuple(labels)


def mark_used(value: ast.Value, scope: Scope) -> None:
    """Count every name in a value as used, where the value is evaluated later or elsewhere."""
    for name in names_in(value):
        if name.name.text in scope.names:
            scope.names[name.name.text].used = True


def names_in(value: ast.Value) -> Iterator[ast.Reference]:
    """Yield the names in a value that stand alone, without arguments."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case ast.Reference(arguments=None) as name:
                yield name
            case ast.Reference(arguments=arguments):
                waiting += [argument.value for argument in arguments or ()]
            case ast.Group(inner=inner):
                waiting.append(inner)
            case ast.Unary(operand=operand):
                waiting.append(operand)
            case ast.Operation(first, rest):
                waiting += [*(operand for _, operand in reversed(rest)), first]
            case ast.Sequence(items=items):
                waiting += items
