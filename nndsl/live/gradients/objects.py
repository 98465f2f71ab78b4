"""A script in the style `layers` as the statements of one function.

What its objects hold and how they call each other is known without running anything: constructors
are followed, loops over layers are unrolled, and each call of a method becomes its statements, with
unique names for its variables. The gradient of a value that a layer took is called `d` and the
value's name, so that the statements look like those of a flat script.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from nndsl.ir import Expression, Literal, Name, Operation, Statement, assign, renamed
from nndsl.ir.parser import Definition
from nndsl.ir.printer import expression as print_expression
from nndsl.ir.statement import bound_names, statement
from nndsl.ir.tree import (
    Assign,
    Block,
    Comprehension,
    ExpressionStatement,
    KeywordStatement,
    Line,
    mapped,
    names_of,
    quoted,
)
from nndsl.live.gradients.step import Step
from nndsl.live.gradients.unrolled import rounds
from nndsl.vocabulary.layer import BACKWARD, FORWARD

MAX_DEPTH = 60  # calls inside of calls


@dataclass(eq=False)
class Object:
    """An object of the script: its class, what it holds, and what its last `forward` knew."""

    of: Definition
    held: dict[str, Value] = field(default_factory=dict)
    known: dict[str, dict[str, Value]] = field(default_factory=dict)  # by the class of `forward`
    taken: dict[str, list[str]] = field(default_factory=dict)  # what `forward` took, likewise


@dataclass(frozen=True)
class Several:
    """A list or a tuple whose elements are known."""

    values: tuple[Value, ...]


@dataclass(eq=False)
class Entries:
    """A dictionary whose keys are known."""

    values: dict[str, Value]


Value: TypeAlias = Expression | Object | Several | Entries


@dataclass(frozen=True)
class _Frame:
    """A call: the function, its names, and the object and the class whose method it is."""

    function: Definition
    names: dict[str, Value]
    me: Object | None = None
    of: Definition | None = None
    own: set[str] = field(default_factory=set)  # variables that were made for its names

    @property
    def title(self) -> str:
        return f"{self.of.name}.{self.function.name}" if self.of else self.function.name


class Unclear(ValueError):
    """What the script does with its objects cannot be told without running it."""


class ObjectInliner:
    """The statements of a function of a script that is made of objects.

    ValueError where it cannot be told what they do.
    """

    def __init__(self, defined: Mapping[str, Definition], function: str) -> None:
        self._defined = defined
        self._globals: dict[str, Value] = {}
        self._depth = 0  # of calls inside of calls
        self._taken: set[str] = set(defined)
        self._gradients: dict[str, str] = {}  # of a value that went into an object: its gradient's
        self.steps: list[Step] = []
        self.names: dict[tuple[str, str], str] = {}  # of the script, by function and variable
        called = defined[function]
        frame = _Frame(called, {name: Name(name) for name in called.arguments})
        self._taken.update(called.arguments)
        result = self._run(frame)
        if result is None:
            raise Unclear(f"`{function}` has to return the loss and the gradients")
        self.returned = self._plain(result)
        self.returned_on = called.body[-1].numbers
        self._name_gradients()

    # --- Statements -----------------------------------------------------------------------

    def _run(self, frame: _Frame) -> Value | None:
        """Add the steps of a function; return what it returns."""
        for line in frame.function.body:
            match line.node:
                case KeywordStatement("return", value):
                    result = None if value is None else self._value(value, frame, line)
                    return self._named(result, frame, line)
                case _:
                    self._do(line, frame)
        return None

    def _do(self, line: Line, frame: _Frame) -> None:
        match line.node:
            case Assign((target,), value):
                self._bind(target, self._value(value, frame, line), frame, line)
            case ExpressionStatement(value):
                made = self._value(value, frame, line)
                if isinstance(made, Operation):
                    self._add(statement(ExpressionStatement(made)), frame, line)
            case Block("for", iterable, target, body, None) if iterable and target:
                over = self._value(iterable, frame, line)
                if not isinstance(over, Several):
                    self._whole(line, frame)
                    return
                for each in over.values:
                    self._bind(target, each, frame, line)
                    for inner in body:
                        self._do(replace(inner, numbers=inner.numbers or line.numbers), frame)
            case KeywordStatement("return"):
                raise Unclear(f"`{frame.title}` returns before its end")
            case _:
                self._whole(line, frame)

    def _whole(self, line: Line, frame: _Frame) -> None:
        """Add a statement that is about arrays as it is, with unique names."""
        written = statement(line.node, line.comment)
        for name in sorted(bound_names(line.node)):
            if name == "self" or "." in name:
                continue
            known = frame.names.get(name)
            if not self._is_own(name, frame):
                fresh = self._fresh(name, frame)
                if known is not None and name in written.reads:
                    begun = assign(fresh, self._plain(known))
                    self._add(begun, frame, line)
                frame.names[name] = Name(fresh)
        self._add(self._rewritten(written, frame, line), frame, line)

    def _rewritten(self, written: Statement, frame: _Frame, line: Line) -> Statement:
        """Return a statement with what its names and attributes are."""

        def rule(node: Expression) -> Expression:
            match node:
                case Name(name) if name in frame.names:
                    return self._plain(frame.names[name])
                case Operation(op, (Name("self"),)) if op[0] == "." and frame.me is not None:
                    return self._plain(self._attribute(frame.me, op[1:]))
            return node

        return written.rewrite(rule)

    def _bind(self, target: Expression, value: Value, frame: _Frame, line: Line) -> None:
        match target, value:
            case Operation("tuple" | "list", targets), Several(values) if len(targets) == len(
                values
            ):
                for one, each in zip(targets, values, strict=True):
                    self._bind(one, each, frame, line)
            case Operation("tuple" | "list", targets), _:
                places = Operation("tuple", tuple(Name(self._bound(t, frame)) for t in targets))
                self._add(statement(Assign((places,), self._plain(value))), frame, line)
            case Name(name), Object() | Several() | Entries() | Name() | Literal():
                frame.names[name] = value
            case Operation(op, (Name("self"),)), Object() | Several() | Entries() | Name() if (
                frame.me is not None and op[0] == "."
            ):
                frame.me.held[op[1:]] = value
            case Operation("[]", (Name(name), key)), _ if isinstance(
                entries := frame.names.get(name), Entries
            ):
                at = self._key(key, frame, line)
                entries.values[at] = self._stored(f"d{at}", value, frame, line)
            case ((Name() | Operation(_, (Name("self"),))), _) if not (
                isinstance(target, Operation) and target.op == "[]"
            ):
                fresh = self._bound(target, frame)
                self._add(assign(fresh, self._plain(value)), frame, line)
            case _:
                place = self._plain(self._value(target, frame, line))
                self._add(statement(Assign((place,), self._plain(value))), frame, line)

    def _bound(self, target: Expression, frame: _Frame) -> str:
        """Return the variable for a name or an attribute that is bound to something computed."""
        match target:
            case Name(name):
                known = frame.names.get(name)
                if isinstance(known, Name) and self._is_own(name, frame):
                    return known.id
                fresh = self._fresh(name, frame)
                frame.names[name] = Name(fresh)
                frame.own.add(fresh)
                return fresh
            case Operation(op, (Name("self"),)) if frame.me is not None and op[0] == ".":
                fresh = self._fresh(op[1:], frame)
                frame.me.held[op[1:]] = Name(fresh)
                return fresh
        raise Unclear(f"`{frame.title}` binds `{print_expression(target)}`")

    def _is_own(self, name: str, frame: _Frame) -> bool:
        """Does a name stand for a variable of its own, which no other name stands for?"""
        known = frame.names.get(name)
        if not isinstance(known, Name) or known.id not in frame.own:
            return False  # it may be what another call of this method has returned
        return self.names.get((frame.title, known.id)) == name

    def _add(self, own: Statement, frame: _Frame, line: Line, shown: str = "") -> None:
        written = statement(line.node, line.comment)
        self.steps.append(Step(line.numbers, own, written, frame.title, shown))

    def _stored(self, name: str, value: Value, frame: _Frame, line: Line) -> Value:
        """Return a value as a variable of a name like this one."""
        if not isinstance(value, Operation | Comprehension):
            return value
        fresh = self._unique(name)
        self.names[frame.title, fresh] = name
        self._add(assign(fresh, value), frame, line)
        return Name(fresh)

    def _named(self, result: Value | None, frame: _Frame, line: Line) -> Value | None:
        """Return what a method returns as a variable."""
        if frame.me is None or not isinstance(result, Operation | Comprehension):
            return result
        fresh = self._fresh("dx" if frame.function.name == BACKWARD else "y", frame)
        self._add(assign(fresh, result), frame, line, statement(line.node).text)
        return Name(fresh)

    # --- Names ----------------------------------------------------------------------------

    def _fresh(self, name: str, frame: _Frame) -> str:
        """Return a variable for a name: `d…` for the gradient of one that `forward` knows."""
        variable = name
        if name[:1] == "d" and frame.me is not None and frame.of is not None:
            known = frame.me.known.get(frame.of.name, {})
            of = known.get(name[1:], frame.me.held.get(name[1:]))
            if isinstance(of, Name):
                is_input = of.id in frame.me.taken.get(frame.of.name, ())
                variable = "gradient" if is_input else f"d{of.id}"  # it gets its name in the end
        fresh = self._unique(variable)
        self.names[frame.title, fresh] = name
        return fresh

    def _unique(self, name: str) -> str:
        variable, number = name, 1
        while variable in self._taken:
            number += 1
            variable = f"{name}__{number}"
        self._taken.add(variable)
        return variable

    def _name_gradients(self) -> None:
        """Call the gradient of each value that an object took by its name."""
        used: set[str] = set()
        names: dict[str, str] = {}
        for value, gradient in self._gradients.items():
            wanted = f"d{value}"
            if gradient not in used and wanted not in self._taken:
                used.add(gradient)
                names[gradient] = wanted
        self.steps = [replace(step, statement=step.statement.rename(names)) for step in self.steps]
        self.returned = renamed(self.returned, names)
        self.names = {(f, names.get(v, v)): name for (f, v), name in self.names.items()}

    # --- Expressions ----------------------------------------------------------------------

    def _value(self, node: Expression, frame: _Frame, line: Line) -> Value:
        """Return what an expression is; the calls of methods in it are done before it."""
        match node:
            case Name("self") if frame.me is not None:
                return frame.me
            case Name(name):
                return self._of_name(name, frame)
            case Literal():
                return node
            case Comprehension():
                return self._comprehension(node, frame, line)
            case Operation("tuple" | "list" as op, operands):
                values = [self._value(o, frame, line) for o in operands]
                return Several(tuple(values))
            case Operation("reversed()", (inner,)):
                over = self._value(inner, frame, line)
                if isinstance(over, Several):
                    return Several(over.values[::-1])
            case Operation("zip()", (Operation("*", (Comprehension() as each,)),)):
                several = self._comprehension(each, frame, line)
                if isinstance(several, Several):
                    rows = [_elements_of(value) for value in several.values]
                    if len({*map(len, rows)}) > 1:
                        raise Unclear("it is not clear which gradients are stacked")
                    columns = zip(*rows, strict=True)
                    return Several(tuple(Several(column) for column in columns))
            case Operation("dict()", (Operation("zip()", (keys, values)),)):
                return self._zipped(keys, values, frame, line)
            case Operation("[]", (Name(name), key)) if isinstance(
                entries := frame.names.get(name), Entries
            ):
                at = self._key(key, frame, line)
                if at not in entries.values:
                    raise Unclear(f"there is no gradient of {at!r} in `{name}`")
                return entries.values[at]
            case Operation("[]", (inner, Literal(int(row)))) if _may_be_object(inner):
                over = self._value(inner, frame, line)
                if isinstance(over, Several):
                    if row >= len(over.values):
                        said = f"`{print_expression(inner)}` has {len(over.values)} elements"
                        raise Unclear(f"{said}, and `{print_expression(node)}` is none of them")
                    return over.values[row]
            case Operation(op, (inner, *arguments)) if op[0] == ".":
                receiver = self._receiver(inner, frame, line)
                if receiver is not None:
                    me, of = receiver
                    if op[-1] != ")":
                        return self._attribute(me, op[1:])
                    given = [self._value(a, frame, line) for a in arguments]
                    return self._called(me, of, op[1:-2], given, {}, line)
            case Operation(op, operands, options) if op[-1] == ")" and self._is_class(op[:-2]):
                return self._made(op[:-2], operands, options, frame, line)
        return mapped(node, lambda inner: self._plain(self._value(inner, frame, line)))

    def _of_name(self, name: str, frame: _Frame) -> Value:
        if name in frame.names:
            return frame.names[name]
        if name in self._globals:
            return self._globals[name]
        definition = self._defined.get(name)
        for line in definition.body if definition is not None else ():
            match line.node:
                case Assign((Name(known),), Operation(op) as call) if (
                    known == name and self._is_class(op[:-2])
                ):
                    self._globals[name] = Name(name)  # where it is made of itself
                    self._globals[name] = self._value(call, _Frame(self._defined[name], {}), line)
                    return self._globals[name]
        return Name(name)

    def _is_class(self, name: str) -> bool:
        """Is it a class? One without methods has the name of its base."""
        known = self._defined.get(name)
        return known is not None and bool(known.methods or known.base)

    def _receiver(
        self, node: Expression, frame: _Frame, line: Line
    ) -> tuple[Object, Definition] | None:
        """Return the object whose method or attribute it is, and the class where to look."""
        if node == Operation("super()") and frame.me is not None and frame.of is not None:
            if frame.of.base not in self._defined:
                raise Unclear(f"`{frame.of.name}` has no class above it")
            return frame.me, self._defined[frame.of.base]
        value = self._value(node, frame, line) if _may_be_object(node) else None
        return (value, value.of) if isinstance(value, Object) else None

    def _made(
        self,
        name: str,
        operands: Sequence[Expression],
        options: Sequence[tuple[str, Expression]],
        frame: _Frame,
        line: Line,
    ) -> Value:
        made = Object(self._defined[name])
        given: list[Value] = []
        for operand in operands:
            match operand:
                case Operation("*", (inner,)):
                    several = self._value(inner, frame, line)
                    if not isinstance(several, Several):
                        raise Unclear(f"it is not clear what `{name}` is made with")
                    given += several.values
                case _:
                    given.append(self._array(self._value(operand, frame, line), frame, line))
        named = {key: self._value(value, frame, line) for key, value in options}
        if self._method(made.of, "__init__") is not None:
            self._called(made, made.of, "__init__", given, named, line)
        return made

    def _array(self, value: Value, frame: _Frame, line: Line) -> Value:
        """Return an array that an object is made with as a variable: `W1` for `params["W1"]`."""
        match value:
            case Operation(
                "[]", (Operation("[]", (Name(), Literal(str(name)))), Literal(int(row)))
            ):
                return self._stored(f"{name}_{row}", value, frame, line)
            case Operation("[]", (Name(), Literal(str(name)))):
                known = self._globals.get(f"[{name}]")
                if known is None:
                    known = self._globals[f"[{name}]"] = self._stored(name, value, frame, line)
                return known
        return value

    def _attribute(self, me: Object, name: str) -> Value:
        if name in me.held:
            return me.held[name]
        for of in self._lineage(me.of):
            for line in of.body:
                match line.node:
                    case Assign((Name(known),), value) if known == name:
                        return self._value(value, _Frame(of, {}), line)
        raise Unclear(f"an object of `{me.of.name}` has no `{name}`")

    def _method(self, of: Definition, name: str) -> tuple[Definition, Definition] | None:
        for each in self._lineage(of):
            for method in each.methods:
                if method.name == name:
                    return each, method
        return None

    def _lineage(self, of: Definition) -> Iterator[Definition]:
        """Yield a class and those above it."""
        known: list[str] = []
        each: Definition | None = of
        while each is not None:
            if each.name in known:
                raise Unclear(f"class `{each.name}` is made of a class of its own name")
            known.append(each.name)
            yield each
            each = self._defined.get(each.base)

    def _called(
        self,
        me: Object,
        of: Definition,
        name: str,
        given: Sequence[Value],
        options: Mapping[str, Value],
        line: Line,
    ) -> Value:
        found = self._method(of, name)
        if found is None:
            raise Unclear(f"`{of.name}` has no method `{name}`")
        of, method = found
        if not method.arguments:
            raise Unclear(f"`{of.name}.{name}` takes no `self`")
        _, *arguments = method.arguments
        names: dict[str, Value] = dict(options)
        rest = ""
        if arguments and arguments[-1][0] == "*":
            rest = arguments.pop()[1:]
            names[rest] = Several(tuple(given[len(arguments) :]))
        names |= zip(arguments, given, strict=False)
        missing = [argument for argument in arguments if argument not in names]
        if missing or (len(given) > len(arguments) and not rest):
            wrong = f"is not given `{missing[0]}`" if missing else "is given more than it takes"
            raise Unclear(f"`{of.name}.{name}` {wrong}")
        if self._depth == MAX_DEPTH:
            raise Unclear(f"`{of.name}.{name}` calls itself, or more than {MAX_DEPTH} others")
        frame = _Frame(method, dict(names), me, of)
        self._depth += 1
        result = self._run(frame)
        self._depth -= 1
        if name == FORWARD and arguments:
            me.known[of.name] = frame.names
            taken = (names[argument] for argument in arguments if argument in names)
            me.taken[of.name] = [value.id for value in taken if isinstance(value, Name)]
        if name == BACKWARD and me.taken.get(of.name) and isinstance(result, Name):
            self._gradients.pop(me.taken[of.name][0], None)
            self._gradients[me.taken[of.name][0]] = result.id
        if name == BACKWARD:
            for known, value in me.known.get(of.name, {}).items():
                slope = frame.names.get(f"d{known}")
                if isinstance(value, Name) and isinstance(slope, Name):
                    self._gradients.pop(value.id, None)
                    self._gradients[value.id] = slope.id  # of all that took it, added
        return result if result is not None else NOTHING

    def _zipped(self, keys: Expression, values: Expression, frame: _Frame, line: Line) -> Value:
        over = self._value(values, frame, line)
        known = self._keys(keys)
        if not isinstance(over, Several) or len(known) != len(over.values):
            raise Unclear("it is not clear which gradient is that of which parameter")
        pairs = zip(known, over.values, strict=True)
        return Entries({key: self._stored(f"d{key}", v, frame, line) for key, v in pairs})

    def _keys(self, node: Expression) -> list[str]:
        """Return the keys of a dictionary that the script defines: `params`."""
        if isinstance(node, Name) and node.id in self._defined:
            match self._defined[node.id].body:
                case [Line(Assign(_, Operation("dict", pairs)))]:
                    keys = [p.operands[0] for p in pairs if isinstance(p, Operation)]
                    return [str(key.value) for key in keys if isinstance(key, Literal)]
        return []

    def _key(self, node: Expression, frame: _Frame, line: Line) -> str:
        made = self._value(node, frame, line)
        if not isinstance(made, Literal) or not isinstance(made.value, str):
            raise Unclear("it is not clear which gradient is changed")
        return made.value

    def _comprehension(
        self, node: Comprehension, frame: _Frame, line: Line, *, unrolls: bool = False
    ) -> Value:
        """Return a list over layers; one over numbers stays as it is."""
        first, *rest = node.clauses
        over = self._value(first.iterable, frame, line)
        element = node.element
        makes = isinstance(element, Operation) and self._is_class(element.op.removesuffix("()"))
        counted = rounds(first.iterable, self._defined) if makes else None
        if counted is not None:
            over, unrolls = Several(tuple(Literal(i, str(i)) for i in range(counted))), True
        if (
            isinstance(over, Several)
            and not first.conditions
            and (unrolls or not any(isinstance(value, Literal) for value in over.values))
        ):
            made: list[Value] = []
            for value in over.values:
                inner = _Frame(frame.function, dict(frame.names), frame.me, frame.of)
                self._bind(first.target, value, inner, line)
                if not rest:
                    made.append(self._value(node.element, inner, line))
                    continue
                inside = replace(node, clauses=tuple(rest))
                part = self._comprehension(inside, inner, line, unrolls=True)
                if not isinstance(part, Several):
                    raise Unclear("it is not clear what a list holds")
                made += part.values
            return Several(tuple(made))
        own = {name for clause in node.clauses for name in names_of(clause.target)}
        names = {n: v for n, v in frame.names.items() if n not in own}
        inner = _Frame(frame.function, names, frame.me, frame.of)
        return mapped(node, lambda part: self._plain(self._value(part, inner, line)))

    # --- Back to expressions --------------------------------------------------------------

    def _plain(self, value: Value) -> Expression:
        """Return a value as an expression."""
        match value:
            case Several(values):
                return Operation("tuple", tuple(map(self._plain, values)), enclosed=True)
            case Entries(values):
                pairs = ((quoted(key), self._plain(v)) for key, v in values.items())
                return Operation("dict", tuple(Operation("pair", pair) for pair in pairs))
            case Object():
                raise Unclear(f"an object of `{value.of.name}` stands where an array should")
        return value


def values_within(
    defined: Iterable[Definition], inputs: Collection[str]
) -> dict[str, Collection[str]]:
    """Return what each `backward` calls the values of the network.

    A class takes them in `forward`; that of the network takes `inputs`, and makes the others.
    """
    known: dict[str, Collection[str]] = {}
    for of in defined:
        for method in of.methods:
            if method.name == FORWARD:
                made = method.body if {*method.arguments} >= {*inputs} else ()
                names = [name for line in made for name in bound_names(line.node)]
                known[f"{of.name}.{BACKWARD}"] = {*method.arguments, *names}
    return known


NOTHING = Literal(None, "None")


def _elements_of(value: Value) -> tuple[Value, ...]:
    if not isinstance(value, Several):
        raise Unclear("it is not clear what a list holds")
    return value.values


def _may_be_object(node: Expression) -> bool:
    """Can it be an object: a name, an attribute, an element, a call of a class?"""
    match node:
        case Name(name):
            return name not in ("np", "math")
        case Operation("[]", (inner, _)):
            return _may_be_object(inner)
        case Operation(op, (inner,)) if op[0] == "." and op[-1] != ")":
            return _may_be_object(inner)
    return False
