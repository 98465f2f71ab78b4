"""A script in the style `layers` as the statements of one function.

What its objects hold and how they call each other is known without running anything: constructors
are followed, loops over layers are unrolled, and each call of a method becomes its statements, with
unique names for its variables. The gradient of a value that a layer took is called `d` and the
value's name, so that the statements look like those of a flat script.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nndsl.ir import Expression, Literal, Name, Operation, assign
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
)
from nndsl.live.gradients.calls import (
    Call,
    Entries,
    Object,
    Several,
    Unclear,
    Value,
    elements_of,
    plain,
    rounds,
    texts,
)
from nndsl.live.gradients.objects import WholeOfObjects, given_names, may_be_object
from nndsl.vocabulary.layer import BACKWARD, FORWARD

MAX_DEPTH = 60  # calls inside of calls
NOTHING = Literal(None, "None")


def steps_of_objects(defined: Mapping[str, Definition], function: str) -> WholeOfObjects:
    """Return the steps of a function of a script that is made of objects.

    Unclear where it cannot be told what they do.
    """
    whole, called = WholeOfObjects(defined, function), defined[function]
    result = _Call(whole, called, {name: Name(name) for name in called.arguments}).run()
    if result is None:
        raise Unclear(f"`{function}` has to return the loss and the gradients")
    whole.returned = plain(result)
    whole.name_gradients()
    return whole


@dataclass
class _Call(Call):
    """A call of a function or a method, of the object `me`, that the class `of` has."""

    whole: WholeOfObjects
    me: Object | None = None
    of: Definition | None = None
    own: dict[str, str] = field(default_factory=dict)  # variables that were made for its names

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
                    self.add(statement(ExpressionStatement(made)))
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
                    self.add(assign(fresh, plain(known)))
                self.names[name] = Name(fresh)
        self.add(written.rewrite(self._put))

    def _put(self, node: Expression) -> Expression:
        """Return what a name or an attribute is."""
        match node:
            case Name(name) if name in self.names:
                return plain(self.names[name])
            case Operation(op, (Name("self"),)) if op[0] == "." and self.me is not None:
                return plain(self._attribute(self.me, op[1:]))
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
                self.add(statement(Assign((places,), plain(value))))
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
                self.add(assign(self._bound(target), plain(value)))
            case _:
                place = plain(self.value(target))
                self.add(statement(Assign((place,), plain(value))))

    def _bound(self, target: Expression) -> str:
        """Return the variable for a name or an attribute that is bound to something computed."""
        match target:
            case Name(name):
                if not self._is_own(name):
                    self.own[name] = self._fresh(name)
                    self.names[name] = Name(self.own[name])
                return self.own[name]
            case Operation(op, (Name("self"),)) if self.me is not None and op[0] == ".":
                fresh = self._fresh(op[1:])
                self.me.held[op[1:]] = Name(fresh)
                return fresh
        raise Unclear(f"`{self.title}` binds `{print_expression(target)}`")

    def _is_own(self, name: str) -> bool:
        """Does a name stand for a variable of its own, which no other name stands for?"""
        return name in self.own and self.names.get(name) == Name(self.own[name])

    def _stored(self, name: str, value: Value, shown: str = "") -> Value:
        """Return a value as a variable of a name like this one, where it is computed."""
        if not isinstance(value, Operation | Comprehension):
            return value
        fresh = self._fresh(name)
        self.add(assign(fresh, value), shown=shown)
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
                    rows = list(map(elements_of, several.values))
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
            case Operation("[]", (inner, Literal(int(row)))) if may_be_object(inner):
                over = self.value(inner)
                if isinstance(over, Several):
                    if row >= len(over.values):
                        said = f"`{print_expression(inner)}` has {len(over.values)} elements"
                        raise Unclear(f"{said}, and `{print_expression(node)}` is none of them")
                    return over.values[row]
            case Operation(op, (inner, *arguments)) if op[0] == ".":
                receiver = self._receiver(inner)
                if receiver is not None:
                    me, of = receiver
                    if op[-1] != ")":
                        return self._attribute(me, op[1:])
                    return self._called(me, of, op[1:-2], [*map(self.value, arguments)], {})
            case Operation(op, operands, options) if op[-1] == ")" and self.whole.is_class(op[:-2]):
                return self._made(op[:-2], operands, options)
        return mapped(node, lambda inner: plain(self.value(inner)))

    def _of_name(self, name: str) -> Value:
        if name in self.names:
            return self.names[name]
        known = self.whole.globals
        if name not in known:
            definition = self.whole.defined.get(name)
            for line in definition.body if definition is not None else ():
                match line.node:
                    case Assign((Name(bound),), Operation(op) as call) if (
                        bound == name and self.whole.is_class(op[:-2])
                    ):
                        known[name] = Name(name)  # where it is made of itself
                        assert definition is not None
                        known[name] = _Call(self.whole, definition, {}, line).value(call)
                        break
        return known.get(name, Name(name))

    def _receiver(self, node: Expression) -> tuple[Object, Definition] | None:
        """Return the object whose method or attribute it is, and the class where to look."""
        if node == Operation("super()") and self.me is not None and self.of is not None:
            return self.me, self.whole.above(self.of)
        value = self.value(node) if may_be_object(node) else None
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
        if self.whole.method(made.of, "__init__") is not None:
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
        found = self.whole.attribute(me.of, name)
        if found is None:
            raise Unclear(f"an object of `{me.of.name}` has no `{name}`")
        of, line, value = found
        return _Call(self.whole, of, {}, line).value(value)

    def _called(
        self,
        me: Object,
        of: Definition,
        name: str,
        given: Sequence[Value],
        options: Mapping[str, Value],
    ) -> Value:
        found = self.whole.method(of, name)
        if found is None:
            raise Unclear(f"`{of.name}` has no method `{name}`")
        of, method = found
        names = given_names(f"{of.name}.{name}", method, given, options)
        if self.whole.depth == MAX_DEPTH:
            raise Unclear(f"`{of.name}.{name}` calls itself, or more than {MAX_DEPTH} others")
        taken = [names[argument] for argument in method.arguments[1:] if argument[0] != "*"]
        call = _Call(self.whole, method, names, me=me, of=of)
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
        makes = isinstance(element, Operation) and self.whole.is_class(
            element.op.removesuffix("()")
        )
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
                inner = replace(self, names=dict(self.names), own={})
                inner._bind(first.target, value)
                if not rest:
                    made.append(inner.value(node.element))
                    continue
                inside = replace(node, clauses=tuple(rest))
                made += elements_of(inner._comprehension(inside, unrolls=True))
            return Several(tuple(made))
        own = {name for clause in node.clauses for name in names_of(clause.target)}
        known = {n: v for n, v in self.names.items() if n not in own}
        inner = replace(self, names=known, own={})
        return mapped(node, lambda part: plain(inner.value(part)))
