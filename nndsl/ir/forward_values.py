"""Values of a forward pass: what they are called, their shapes, and which get a name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nndsl.ir.derivatives import RULES, NotDifferentiable
from nndsl.ir.loops import Loop, loop_of
from nndsl.ir.rows import Dimensions, Rows, node_of
from nndsl.ir.statement import Statement, assign
from nndsl.ir.symbols import number
from nndsl.ir.tidy import FREE, operations
from nndsl.ir.tree import (
    NOTHING,
    Assign,
    Block,
    Comprehension,
    Expression,
    Literal,
    Name,
    Operation,
    names_of,
    parts,
    putting,
    transformed,
)
from nndsl.ir.values import NUMBER, Value, unpacked, value_of

WHOLE = Operation("slice", (NOTHING, NOTHING))  # `:`
NEW = Literal(None, "None")  # an axis of length 1
MAX_STEPS = 1000  # lines and names of one backward pass
LETTERS = "u v q k o".split()  # of values that a formula does not name
# What does not change by however little its operands change.
FLAT = frozenset([op for op, texts in RULES.items() if {*texts} == {"0"}])
FLAT |= {
    *"np.zeros_like() .shape .size len() // .integers() .random() .standard_normal() & |".split()
}
# What is computed again where its value is needed: it takes less time than to read about a name.
CHEAP = frozenset(
    "+ - * / < <= > >= == != [] .T .shape .reshape() np.minimum() np.maximum()".split()
)
NAMES = {  # of values that a formula does not name, by their operation
    "np.exp()": ("powers",),
    "np.tanh()": ("bent",),
    "np.sqrt()": ("root",),
    "sigmoid()": ("gate",),
    "softmax()": ("share",),
    "log_softmax()": ("log_P",),
    ".sum()": ("total",),
    ".mean()": ("mean",),
    ".max()": ("highest",),
    ".min()": ("lowest",),
}


class ForwardValues:
    """The values of statements that give each name once, and names for more of them.

    `wanted` are the names that may change; what depends on them is active.
    """

    def __init__(
        self, forward: Sequence[Statement], wanted: Sequence[str], known: Mapping[str, Value]
    ) -> None:
        self.known = {"N": NUMBER, **known}
        self.active = set(wanted)
        self.named: dict[Expression, str] = {}  # what the forward pass has a name for
        self.parts_of: dict[str, tuple[str, ...]] = {}  # what is named together, by the first
        self._tuples: dict[str, Expression] = {}  # by their names
        self.loops: dict[str, Loop] = {}  # by a name that no program has
        self._meanings: dict[str, Expression] = {}
        self.products: dict[str, tuple[Expression, ...]] = {}  # of those, which are of names
        names = {name for s in forward for name in (*s.reads, *s.writes)} | set(known)
        self.taken = {name.lower() for name in names}  # no two names differ in case only
        self.steps = [self._read(step) for step in self._with_repeated_parts(forward)]
        self.readers = Counter(name for _, value, _ in self.steps for name in names_of(value))
        self.at = 0  # the step that is gone back through
        self._factors: dict[int, tuple[Expression, ...]] = {}  # of a value that has a name
        self._hoisted: list[tuple[int, str, Expression]] = []  # before which step, name, value
        self._find_products()

    def _read(self, step: Statement) -> tuple[str, Expression, Statement]:
        name, value = step.target, step.value
        match step.node:
            case Assign((Operation("tuple", targets),), whole) if {*step.writes}.isdisjoint(
                self.known
            ):
                return self._unpacked(targets, bare(whole), step)
            case Block():
                return self._looped(step)
            case Assign((Name(pair),), Operation("tuple") as items) if not self.is_active(items):
                self._tuples[pair] = items
                return pair, items, step
        if name is None or value is None or name in self.known:
            raise NotDifferentiable("each line gives one new name to one formula")
        value = transformed(bare(value), putting(self._tuples))
        found = value_of(value, self.known)
        if found is not None:
            self.known[name] = found
        elif self.is_active(value):
            raise NotDifferentiable(f"the shape of `{name}` is not known", value)
        if self.is_active(value):
            self.active.add(name)
        self.named.setdefault(value, name)
        self._meanings[name] = value
        return name, value, step

    def _looped(self, step: Statement) -> tuple[str, Expression, Statement]:
        """Read a loop that fills arrays."""
        name = f"for {step.writes[0]}"
        if self.active.isdisjoint(step.reads):
            return name, Operation("for"), step
        loop = loop_of(step)
        if not loop.stored or not {*loop.stored} <= self.known.keys():
            raise NotDifferentiable("a loop fills arrays that were made before it")
        self.active |= loop.active(self.active) & {*loop.stored}
        self.loops[name] = loop
        read = sorted(step.reads & self.known.keys())
        return name, Operation("for", tuple(map(Name, read))), step

    def _unpacked(
        self, targets: Sequence[Expression], whole: Expression, step: Statement
    ) -> tuple[str, Expression, Statement]:
        """Read `a, b = value`."""
        names = [target.id for target in targets if isinstance(target, Name)]
        match whole:
            case Operation("[]", (Operation(".shape", (inner,)), Operation("slice"))):
                lengths = self.shape(inner)[-len(names) :]
                values = [Value((), "int", length=length) for length in lengths]
                self.known |= dict(zip(names, values, strict=True))
                return names[0], whole, step
        one = unpacked(value_of(whole, self.known), len(targets))
        if one is None:
            raise NotDifferentiable("the shapes of several names are not known", whole)
        for name in names:
            self.known[name] = one
        if self.is_active(whole):
            self.active |= {*names}
            self.parts_of[names[0]] = tuple(names)
        return names[0], whole, step

    # --- From the last statement to the first -----------------------------------------------
    def _with_repeated_parts(self, forward: Sequence[Statement]) -> list[Statement]:
        """Return statements in which what is computed twice from what may change has a name."""
        count: Counter[Expression] = Counter()
        first: dict[Expression, int] = {}
        for at, step in enumerate(forward):
            for part in parts(bare(step.value)) if step.value is not None else ():
                array = part.operands[0] if isinstance(part, Operation) and picks(part) else None
                for one in (part, array):
                    if one is not None and _is_computed(one):
                        count[one] += 1
                        first.setdefault(one, at)
        changing = self._depending(forward)
        named: dict[Expression, str] = {}
        made: list[Statement] = []
        for at, step in enumerate(forward):
            again = [part for part, where in first.items() if where == at and count[part] > 1]
            for part in sorted(again, key=operations):
                assert isinstance(part, Operation)
                is_whole = step.value is not None and bare(step.value) == part
                inside = _with_names(part, named)
                if is_whole or not operations(inside) or not changing & set(names_of(part)):
                    continue
                if any(count[o] == count[part] and part in set(parts(o)) - {o} for o in again):
                    continue  # it stands inside of what gets a name, and nowhere else
                name = self.fresh(*NAMES.get(part.op, "u"))
                made.append(assign(name, inside))
                named[part] = name
            if step.value is not None and named:
                step = step.with_node(assign(step.writes[0], _with_names(step.value, named)).node)
            made.append(step)
        return made

    def _depending(self, forward: Sequence[Statement]) -> set[str]:
        """Return the names that change with what is wanted."""
        found = set(self.active)
        for step in forward:
            found |= set(step.writes) if found & step.reads else set()
        return found

    def is_active(self, node: Expression) -> bool:
        """Does a change of what is wanted change this value, by however little?"""
        match node:
            case Name(name):
                return name in self.active
            case Operation(op, operands) if op not in FLAT:
                return any(map(self.is_active, operands))
            case Comprehension(element=element):
                return any(name in self.active for name in names_of(element))
        return False

    def value(self, node: Expression) -> Expression:
        """Return a value of the forward pass: by its name, or again where that is short."""
        if not isinstance(node, Operation):
            return node
        if (name := self.named.get(node)) is not None:
            return Name(name)
        inverse = self.named.get(Operation("/", (number(1), node)))
        if inverse is not None:
            return Operation("/", (number(1), Name(inverse)))
        is_cheap = node.op in CHEAP and operations(node) <= 1
        if (
            is_cheap
            or operations(node) == 0
            or not any(self.known[name].shape for name in names_of(node) if name in self.known)
        ):
            return node
        return self._hoist(node)

    def _hoist(self, node: Operation) -> Name:
        """Give a value a name in the forward pass, so that the backward pass can use it again."""
        shape = self.shape(node)
        name = self.fresh(*NAMES.get(node.op, "u"))
        self._hoisted.append((self.at, name, node))
        self.named[node] = name
        self.known[name] = Value(shape)
        self._find_products()
        return Name(name)

    def meaning_of(self, name: str) -> Expression | None:
        """Return what a name stands for in the forward pass."""
        return self._meanings.get(name)

    def _find_products(self) -> None:
        """Note which names stand for products of names."""
        for value, name in self.named.items():
            if isinstance(value, Operation) and value.op == "*" and name not in self.products:
                if id(value) not in self._factors:
                    self._factors[id(value)] = tuple(map(bare, value.operands))
                found = [(self.named.get(side), side) for side in self._factors[id(value)]]
                sides = [side if known is None else Name(known) for known, side in found]
                if all(isinstance(side, Name) for side in sides) and sides[0] != sides[1]:
                    self.products[name] = tuple(sides)

    def forward(self) -> tuple[Statement, ...]:
        """Return the forward pass, in which what was hoisted has lines of its own."""
        made: list[Statement] = []
        known: dict[Expression, str] = {}
        for at, (_, value, step) in enumerate(self.steps):
            here = [(name, node) for where, name, node in self._hoisted if where == at]
            for name, node in sorted(here, key=lambda one: operations(one[1])):
                made.append(assign(name, _with_names(node, known)))
                known[node] = name
            if step.value is not None and any(part in known for part in parts(value)):
                step = assign(step.writes[0], _with_names(step.value, known), like=step)
            made.append(step)
        return tuple(made)

    # --- Shapes -------------------------------------------------------------------------------

    def fresh(self, *wishes: str) -> str:
        for name in (*wishes, *LETTERS, *(f"{wishes[0]}_{n}" for n in range(2, MAX_STEPS))):
            if not {name, f"d{name}"} & self.taken:
                self.taken |= {name, f"d{name}"}
                return name
        raise NotDifferentiable("the backward pass has too many steps")

    def found_shape(self, node: Expression) -> Dimensions | None:
        found = value_of(node, self.known)
        return found.shape if found is not None else None

    def shape(self, node: Expression) -> Dimensions:
        shape = self.found_shape(node)
        if shape is None:
            raise NotDifferentiable("the shape of a part is not known", node)
        return shape

    def length(self, node: Expression, axis: int) -> Expression:
        """Return the length of an axis, as a reader would say it."""
        shape = self.shape(node)
        if shape[axis] == Rows():
            return Name("N")
        whole = self.whole_name(node)
        if whole is not None:
            return Operation("[]", (Operation(".shape", (whole,)), number(axis)))
        return node_of(shape[axis])

    def whole_name(self, node: Expression) -> Name | None:
        """Return a name in an expression that has its shape, if there is one."""
        shape = self.shape(node)
        names = (part for part in parts(node) if isinstance(part, Name))
        return next((name for name in names if self.found_shape(name) == shape), None)


def keeps_all(index: Expression) -> bool:
    return index in (WHOLE, NEW)


def turns(index: Expression) -> bool:
    """Is it `::-1`, which keeps an axis and turns it round?"""
    match index:
        case Operation("slice", (first, last, step)):
            return first == last == NOTHING and step == Operation("-", (Literal(1, "1"),))
    return False


def picks(node: Operation) -> bool:
    """Does it take some numbers of an array, and leave others?"""
    indices = node.operands[1:]
    return node.op == "[]" and not all(keeps_all(index) or turns(index) for index in indices)


def _is_computed(node: Expression) -> bool:
    return isinstance(node, Operation) and node.op not in FREE | FLAT and operations(node) > 0


def bare(node: Expression) -> Expression:
    """Return an expression without the parentheses and lines that its writer gave it."""

    def rule(part: Expression) -> Expression:
        if isinstance(part, Operation) and (part.enclosed or part.lines):
            return Operation(part.op, part.operands, part.options)
        return part

    return transformed(node, rule)


def _with_names(node: Expression, known: Mapping[Expression, str]) -> Expression:
    """Return an expression in which the largest parts that have a name stand as it."""
    if (name := known.get(bare(node))) is not None:
        return Name(name)
    if not isinstance(node, Operation):
        return node
    operands = tuple(_with_names(operand, known) for operand in node.operands)
    return replace(node, operands=operands)
