"""A script in the style `layers` as the statements of one function.

What its objects hold and how they call each other is known without running anything: constructors
are followed, loops over layers are unrolled, and each call of a method becomes its statements, with
unique names for its variables. The gradient of a value that a layer took is called `d` and the
value's name, so that the statements look like those of a flat script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from nndsl.live.gradients.calls import (
    Call,
    Entries,
    Object,
    Several,
    Step,
    Unclear,
    Value,
    Whole,
    element_of,
    rounds,
    texts,
)
from nndsl.live.gradients.classes import Classes
from nndsl.vocabulary.layer import BACKWARD, FORWARD

MAX_DEPTH = 60  # calls inside of calls
NOTHING = Literal(None, "None")


class WholeOfObjects(Whole):
    """The steps of a function of a script that is made of objects.

    ValueError where it cannot be told what they do.
    """

    def __init__(self, defined: Mapping[str, Definition], function: str) -> None:
        super().__init__(defined, function)
        self.classes = Classes(defined)
        self.globals: dict[str, Value] = {}
        self.depth = 0  # of calls inside of calls
        self.gradients: dict[str, str] = {}  # of a value that went into an object: its gradient's
        called = defined[function]
        result = _Call(called, {name: Name(name) for name in called.arguments}, whole=self).run()
        if result is None:
            raise Unclear(f"`{function}` has to return the loss and the gradients")
        self.returned = _plain(result)
        self._name_gradients()

    def note_gradient(self, value: Value, gradient: Value) -> None:
        """Remember which variable is the gradient of one: of all that took it, added."""
        if isinstance(value, Name) and isinstance(gradient, Name):
            self.gradients.pop(value.id, None)
            self.gradients[value.id] = gradient.id

    def _name_gradients(self) -> None:
        """Call the gradient of each value that an object took by its name."""
        used: set[str] = set()
        names: dict[str, str] = {}
        for value, gradient in self.gradients.items():
            wanted = f"d{value}"
            if gradient not in used and wanted not in self.taken:
                used.add(gradient)
                names[gradient] = wanted
        self.steps = [replace(step, statement=step.statement.rename(names)) for step in self.steps]
        self.returned = renamed(self.returned, names)
        self.names = {(f, names.get(v, v)): name for (f, v), name in self.names.items()}


@dataclass
class _Call(Call):
    """A call of a function or a method, of the object `me`, that the class `of` has."""

    whole: WholeOfObjects = field(kw_only=True)
    me: Object | None = None
    of: Definition | None = None
    own: set[str] = field(default_factory=set)  # variables that were made for its names

    @property
    def title(self) -> str:
        return f"{self.of.name}.{self.function.name}" if self.of else self.function.name

    # --- Statements -----------------------------------------------------------------------

    def run(self) -> Value | None:
        """Add the steps of the function; return what it returns."""
        for line in self.function.body:
            match line.node:
                case KeywordStatement("return", value):
                    self.line = line
                    result = None if value is None else self.value(value)
                    if self.me is None or result is None:
                        return result
                    name = "dx" if self.function.name == BACKWARD else "y"
                    return self._stored(name, result, self.written.text)
            self._do(line)
        return None

    def _do(self, line: Line) -> None:
        self.line = line
        match line.node:
            case Assign((target,), value):
                self._bind(target, self.value(value))
            case ExpressionStatement(value):
                made = self.value(value)
                if isinstance(made, Operation):
                    self._add(statement(ExpressionStatement(made)))
            case Block("for", iterable, target, body, None) if iterable and target:
                over = self.value(iterable)
                if not isinstance(over, Several):
                    self._whole()
                    return
                for each in over.values:
                    self.line = line
                    self._bind(target, each)
                    for inner in body:
                        self._do(replace(inner, numbers=inner.numbers or line.numbers))
            case KeywordStatement("return"):
                raise Unclear(f"`{self.title}` returns before its end")
            case _:
                self._whole()

    def _whole(self) -> None:
        """Add a statement that is about arrays as it is, with unique names."""
        written = self.written
        for name in sorted(bound_names(self.line.node)):
            if name == "self" or "." in name:
                continue
            known = self.names.get(name)
            if not self._is_own(name):
                fresh = self._fresh(name)
                if known is not None and name in written.reads:
                    self._add(assign(fresh, _plain(known)))
                self.names[name] = Name(fresh)
        self._add(written.rewrite(self._put))

    def _put(self, node: Expression) -> Expression:
        """Return what a name or an attribute is."""
        match node:
            case Name(name) if name in self.names:
                return _plain(self.names[name])
            case Operation(op, (Name("self"),)) if op[0] == "." and self.me is not None:
                return _plain(self._attribute(self.me, op[1:]))
        return node

    def _bind(self, target: Expression, value: Value) -> None:
        match target, value:
            case Operation("tuple" | "list", targets), Several(values) if len(targets) == len(
                values
            ):
                for one, each in zip(targets, values, strict=True):
                    self._bind(one, each)
            case Operation("tuple" | "list", targets), _:
                places = Operation("tuple", tuple(Name(self._bound(t)) for t in targets))
                self._add(statement(Assign((places,), _plain(value))))
            case Name(name), Object() | Several() | Entries() | Name() | Literal():
                self.names[name] = value
            case Operation(op, (Name("self"),)), Object() | Several() | Entries() | Name() if (
                self.me is not None and op[0] == "."
            ):
                self.me.held[op[1:]] = value
            case Operation("[]", (Name(name), key)), _ if isinstance(
                entries := self.names.get(name), Entries
            ):
                at = self._key(key)
                entries.values[at] = self._stored(f"d{at}", value)
            case ((Name() | Operation(_, (Name("self"),))), _) if not (
                isinstance(target, Operation) and target.op == "[]"
            ):
                self._add(assign(self._bound(target), _plain(value)))
            case _:
                place = _plain(self.value(target))
                self._add(statement(Assign((place,), _plain(value))))

    def _bound(self, target: Expression) -> str:
        """Return the variable for a name or an attribute that is bound to something computed."""
        match target:
            case Name(name):
                known = self.names.get(name)
                if isinstance(known, Name) and self._is_own(name):
                    return known.id
                fresh = self._fresh(name)
                self.names[name] = Name(fresh)
                self.own.add(fresh)
                return fresh
            case Operation(op, (Name("self"),)) if self.me is not None and op[0] == ".":
                fresh = self._fresh(op[1:])
                self.me.held[op[1:]] = Name(fresh)
                return fresh
        raise Unclear(f"`{self.title}` binds `{print_expression(target)}`")

    def _is_own(self, name: str) -> bool:
        """Does a name stand for a variable of its own, which no other name stands for?"""
        known = self.names.get(name)
        if not isinstance(known, Name) or known.id not in self.own:
            return False  # it may be what another call of this method has returned
        return self.whole.names.get((self.title, known.id)) == name

    def _add(self, own: Statement, shown: str = "") -> None:
        self.whole.steps.append(Step(self.line.numbers, own, self.written, self.title, shown))

    def _stored(self, name: str, value: Value, shown: str = "") -> Value:
        """Return a value as a variable of a name like this one, where it is computed."""
        if not isinstance(value, Operation | Comprehension):
            return value
        fresh = self._fresh(name)
        self._add(assign(fresh, value), shown)
        return Name(fresh)

    def _fresh(self, name: str) -> str:
        """Return a variable for a name: `d…` for the gradient of one that `forward` knows."""
        variable = name
        if name[:1] == "d" and self.me is not None and self.of is not None:
            known = self.me.known.get(self.of.name, {})
            of = known.get(name[1:], self.me.held.get(name[1:]))
            if isinstance(of, Name):
                is_input = of.id in self.me.taken.get(self.of.name, ())
                variable = "gradient" if is_input else f"d{of.id}"  # it gets its name in the end
        fresh = self.whole.unique(variable)
        self.whole.names[self.title, fresh] = name
        return fresh

    # --- Expressions ----------------------------------------------------------------------

    def value(self, node: Expression) -> Value:
        """Return what an expression is; the calls of methods in it are done before it."""
        match node:
            case Name("self") if self.me is not None:
                return self.me
            case Name(name):
                return self._of_name(name)
            case Literal():
                return node
            case Comprehension():
                return self._comprehension(node)
            case Operation("tuple" | "list", operands):
                return Several(tuple(map(self.value, operands)))
            case Operation("reversed()", (inner,)):
                over = self.value(inner)
                if isinstance(over, Several):
                    return Several(over.values[::-1])
            case Operation("zip()", (Operation("*", (Comprehension() as each,)),)):
                several = self._comprehension(each)
                if isinstance(several, Several):
                    rows = list(map(_elements_of, several.values))
                    if len({*map(len, rows)}) > 1:
                        raise Unclear("it is not clear which gradients are stacked")
                    return Several(tuple(map(Several, zip(*rows, strict=True))))
            case Operation("dict()", (Operation("zip()", (keys, values)),)):
                return self._zipped(keys, values)
            case Operation("[]", (Name(name), key)) if isinstance(
                entries := self.names.get(name), Entries
            ):
                at = self._key(key)
                if at not in entries.values:
                    raise Unclear(f"there is no gradient of {at!r} in `{name}`")
                return entries.values[at]
            case Operation("[]", (inner, Literal(int(row)))) if _may_be_object(inner):
                over = self.value(inner)
                if isinstance(over, Several):
                    return element_of(over, row, node, inner)
            case Operation(op, (inner, *arguments)) if op[0] == ".":
                receiver = self._receiver(inner)
                if receiver is not None:
                    me, of = receiver
                    if op[-1] != ")":
                        return self._attribute(me, op[1:])
                    return self._called(me, of, op[1:-2], [*map(self.value, arguments)], {})
            case Operation(op, operands, options) if op[-1] == ")" and op[:-2] in self._classes:
                return self._made(op[:-2], operands, options)
        return mapped(node, lambda inner: _plain(self.value(inner)))

    @property
    def _classes(self) -> Classes:
        return self.whole.classes

    def _inside(self, names: dict[str, Value]) -> _Call:
        """Return this call where other names are known, inside a comprehension."""
        return replace(self, names=names, own=set())

    def _of_name(self, name: str) -> Value:
        if name in self.names:
            return self.names[name]
        known = self.whole.globals
        if name not in known:
            definition = self.whole.defined.get(name)
            for line in definition.body if definition is not None else ():
                match line.node:
                    case Assign((Name(bound),), Operation(op) as call) if (
                        bound == name and op[:-2] in self._classes
                    ):
                        known[name] = Name(name)  # where it is made of itself
                        assert definition is not None
                        known[name] = _Call(definition, {}, line, whole=self.whole).value(call)
                        break
        return known.get(name, Name(name))

    def _receiver(self, node: Expression) -> tuple[Object, Definition] | None:
        """Return the object whose method or attribute it is, and the class where to look."""
        if node == Operation("super()") and self.me is not None and self.of is not None:
            return self.me, self._classes.above(self.of)
        value = self.value(node) if _may_be_object(node) else None
        return (value, value.of) if isinstance(value, Object) else None

    def _made(
        self, name: str, operands: Sequence[Expression], options: Sequence[tuple[str, Expression]]
    ) -> Value:
        made = Object(self.whole.defined[name])
        given: list[Value] = []
        for operand in operands:
            match operand:
                case Operation("*", (inner,)):
                    several = self.value(inner)
                    if not isinstance(several, Several):
                        raise Unclear(f"it is not clear what `{name}` is made with")
                    given += several.values
                case _:
                    given.append(self._array(self.value(operand)))
        named = {key: self.value(value) for key, value in options}
        if self._classes.method(made.of, "__init__") is not None:
            self._called(made, made.of, "__init__", given, named)
        return made

    def _array(self, value: Value) -> Value:
        """Return an array that an object is made with as a variable: `W1` for `params["W1"]`."""
        match value:
            case Operation(
                "[]", (Operation("[]", (Name(), Literal(str(name)))), Literal(int(row)))
            ):
                return self._stored(f"{name}_{row}", value)
            case Operation("[]", (Name(), Literal(str(name)))):
                known = self.whole.globals
                if f"[{name}]" not in known:
                    known[f"[{name}]"] = self._stored(name, value)
                return known[f"[{name}]"]
        return value

    def _attribute(self, me: Object, name: str) -> Value:
        if name in me.held:
            return me.held[name]
        found = self._classes.attribute(me.of, name)
        if found is None:
            raise Unclear(f"an object of `{me.of.name}` has no `{name}`")
        of, line, value = found
        return _Call(of, {}, line, whole=self.whole).value(value)

    def _called(
        self,
        me: Object,
        of: Definition,
        name: str,
        given: Sequence[Value],
        options: Mapping[str, Value],
    ) -> Value:
        found = self._classes.method(of, name)
        if found is None:
            raise Unclear(f"`{of.name}` has no method `{name}`")
        of, method = found
        names = _arguments(f"{of.name}.{name}", method, given, options)
        if self.whole.depth == MAX_DEPTH:
            raise Unclear(f"`{of.name}.{name}` calls itself, or more than {MAX_DEPTH} others")
        taken = [names[argument] for argument in method.arguments[1:] if argument[0] != "*"]
        call = _Call(method, names, whole=self.whole, me=me, of=of)
        self.whole.depth += 1
        result = call.run()
        self.whole.depth -= 1
        if name == FORWARD and taken:
            me.known[of.name] = call.names
            me.taken[of.name] = [value.id for value in taken if isinstance(value, Name)]
        if name == BACKWARD:
            for first in me.taken.get(of.name, [])[:1]:
                self.whole.note_gradient(Name(first), result or NOTHING)
            for known, value in me.known.get(of.name, {}).items():
                self.whole.note_gradient(value, call.names.get(f"d{known}", NOTHING))
        return result or NOTHING

    def _zipped(self, keys: Expression, values: Expression) -> Value:
        over = self.value(values)
        known = texts(keys, self.whole.defined, "dict")
        if not isinstance(over, Several) or len(known) != len(over.values):
            raise Unclear("it is not clear which gradient is that of which parameter")
        pairs = zip(known, over.values, strict=True)
        return Entries({key: self._stored(f"d{key}", value) for key, value in pairs})

    def _key(self, node: Expression) -> str:
        made = self.value(node)
        if not isinstance(made, Literal) or not isinstance(made.value, str):
            raise Unclear("it is not clear which gradient is changed")
        return made.value

    def _comprehension(self, node: Comprehension, *, unrolls: bool = False) -> Value:
        """Return a list over layers; one over numbers stays as it is."""
        first, *rest = node.clauses
        over = self.value(first.iterable)
        element = node.element
        makes = isinstance(element, Operation) and element.op.removesuffix("()") in self._classes
        counted = rounds(first.iterable, self.whole.defined) if makes else None
        if counted is not None:
            over, unrolls = Several(tuple(Literal(i, str(i)) for i in range(counted))), True
        if (
            isinstance(over, Several)
            and not first.conditions
            and (unrolls or not any(isinstance(value, Literal) for value in over.values))
        ):
            made: list[Value] = []
            for value in over.values:
                inner = self._inside(dict(self.names))
                inner._bind(first.target, value)
                if not rest:
                    made.append(inner.value(node.element))
                    continue
                inside = replace(node, clauses=tuple(rest))
                made += _elements_of(inner._comprehension(inside, unrolls=True))
            return Several(tuple(made))
        own = {name for clause in node.clauses for name in names_of(clause.target)}
        inner = self._inside({n: v for n, v in self.names.items() if n not in own})
        return mapped(node, lambda part: _plain(inner.value(part)))


def _arguments(
    title: str, method: Definition, given: Sequence[Value], options: Mapping[str, Value]
) -> dict[str, Value]:
    """Return the values of a method's arguments."""
    if not method.arguments:
        raise Unclear(f"`{title}` takes no `self`")
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
        raise Unclear(f"`{title}` {wrong}")
    return names


def _plain(value: Value) -> Expression:
    """Return a value as an expression."""
    match value:
        case Several(values):
            return Operation("tuple", tuple(map(_plain, values)), enclosed=True)
        case Entries(values):
            pairs = ((quoted(key), _plain(v)) for key, v in values.items())
            return Operation("dict", tuple(Operation("pair", pair) for pair in pairs))
        case Object():
            raise Unclear(f"an object of `{value.of.name}` stands where an array should")
    return value


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
