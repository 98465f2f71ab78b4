"""From tree to LaTeX: a statement as the equation that a blackboard has for it.

One table says how each operation is set, and another which letters names become. What has no place
on a blackboard, as a dictionary or a file that is opened, has no equation.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from nndsl.ir.tree import (
    NOTHING,
    Assign,
    AugmentedAssign,
    Block,
    Comprehension,
    Expression,
    ExpressionStatement,
    KeywordStatement,
    Literal,
    Name,
    Node,
    Operation,
)
from nndsl.record import record

# How tightly what is set holds together. A large operator such as a sum wants nothing behind it.
SUM, LARGE, PRODUCT, FRACTION, CALL, ATOM = range(6)

GREEK = """
    alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi
    omega
""".split()
LETTERS = {
    "epsilon": r"\varepsilon",
    "math.pi": r"\pi",
    "np.inf": r"\infty",
    "True": r"\text{true}",
    "False": r"\text{false}",
}
NO_LETTERS: Mapping[str, str] = {}
AXES = {0: "n", 1: "j", 2: "k", 3: "l", -1: "k", -2: "j"}
_SKIPPED = re.compile(r"_|gradients|cache\w*")  # what is kept, and no mathematics
_NUMBERED = re.compile(r"([A-Za-z_]*[A-Za-z])_?(\d+)$")


class NotTypeset(Exception):
    """There is no equation for this."""


@record
class _Set:
    """What an expression is set as, and how tightly it holds together."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """Return the text, in parentheses unless it holds together that tightly."""
        return self.text if self.level >= level else _enclosed(self.text)


class Typesetter:
    """Sets the statements of one script. `constants` are numbers, `names` all that stands in it.

    `dX` is the derivative of the loss by `X` where there is an `X` among the names. `letters` are
    LaTeX for some names, and `numbers` are those that are one number.
    """

    def __init__(
        self,
        names: Collection[str] = (),
        constants: Collection[str] = (),
        *,
        letters: Mapping[str, str] = NO_LETTERS,
        numbers: Collection[str] = (),
    ) -> None:
        self.names, self.constants = frozenset(names), frozenset(constants)
        self.letters, self.numbers = {**LETTERS, **letters}, frozenset(numbers)

    def equation(self, node: Node) -> str:
        """Return a statement as an equation; empty where it has none."""
        try:
            return self._statement(node)
        except NotTypeset:
            return ""

    def expression(self, node: Expression) -> str:
        """Return an expression as LaTeX; empty where it has none."""
        try:
            return self._set(node).text
        except NotTypeset:
            return ""

    def symbol(self, name: str) -> str:
        """Return the letter of a name: `W1` as W with an index, `dW1` as a derivative."""
        return self._symbol(name).text

    # --- Statements ---------------------------------------------------------------------

    def _statement(self, node: Node) -> str:
        match node:
            case Assign(_, Operation("len()" | ".values()" | ".shape")):
                raise NotTypeset
            case Assign((Operation("tuple"),), Name()) | Assign(_, Name("cache")):
                raise NotTypeset
            case Assign((target,), value) if _hands_on(target, value):
                raise NotTypeset
            case Block("for", value, Name(name)) if value is not None:
                return f"{self.symbol(name)} = {self._range(value)}"
            case Assign((Operation("tuple", operands),), value):
                kept = [o for o in operands if not _is_skipped(o)]
                left = ",\\; ".join(self._set(operand).text for operand in kept)
                return f"{left} = {self._set(value).text}"
            case Assign((target,), value):
                if _is_skipped(target):
                    raise NotTypeset
                return f"{self._set(target).text} = {self._set(value).text}"
            case AugmentedAssign(target, op, value):
                changed = Operation(op, (target, value))
                return rf"{self._set(target).text} \leftarrow {self._set(changed).text}"
            case ExpressionStatement(Operation("np.add.at()", (array, index, value))):
                place = Operation("[]", (array, index))
                added = Operation("+", (place, value))
                return rf"{self._set(place).text} \leftarrow {self._set(added).text}"
            case KeywordStatement("return", value) if value is not None:
                return self._set(value).text
        raise NotTypeset

    def _range(self, node: Expression) -> str:
        """`range(1, T + 1)` as 1, ..., T."""
        match node:
            case Operation("reversed()", (Operation("range()") as inner,)):
                return ",\\, ".join(reversed(self._range(inner).split(",\\, ")))
            case Operation("range()", (*first, Operation("+", (last, Literal(1))))):
                pass
            case Operation("range()", (*first, end)):
                last = Operation("-", (end, Literal(1, "1")))
                if isinstance(end, Literal) and isinstance(end.value, int):
                    last = Literal(end.value - 1, str(end.value - 1))
            case _:
                raise NotTypeset
        start = self._set(first[0]).text if first else "0"
        return rf"{start},\, \dots,\, {self._set(last).text}"

    # --- Names --------------------------------------------------------------------------

    def _symbol(self, name: str) -> _Set:
        if name in self.letters:
            return _Set(self.letters[name])
        if name in self.constants and not name.islower():
            return _Set(_constant(name))
        if name[0] == "d" and (name[1:] in self.names or self._is_of_hat(name)):
            return _Set(rf"\frac{{\partial L}}{{\partial {self.symbol(name[1:])}}}", FRACTION)
        whole, _, part = name.rpartition("_")  # `dx_part`: of a derivative that is added up
        if whole[:1] == "d" and whole[1:] in self.names:
            return _Set(rf"{self._symbol(whole).at(CALL)}_{{\text{{{part}}}}}", CALL)
        if name.startswith("mean_"):
            made = self._symbol(name[5:])
            if made.level < ATOM:
                return _Set(rf"\left\langle {made.text} \right\rangle")
            return _Set(rf"\overline{{{made.text}}}")
        if name.startswith("log_"):
            return _Set(rf"\log {self._symbol(name[4:]).at(CALL)}", CALL)
        numbered = _NUMBERED.match(name)
        stem, index = (numbered[1], numbered[2]) if numbered else (name, "")
        if stem.endswith("_hat") and "_" not in stem[:-4]:
            return _Set(rf"\hat{{{self.symbol(stem[:-4])}}}" + f"_{{{index}}}" * bool(index))
        if numbered and stem in self.letters:
            return _Set(f"{{{self.letters[stem]}}}_{{{index}}}")
        head, _, rest = stem.partition("_")
        if rest and (len(head) == 1 or head in GREEK):
            below = ",".join(filter(None, [_below(rest), index]))
            return _Set(f"{_letter(head)}_{{{below}}}")
        return _Set(_letter(stem) + f"_{{{index}}}" * bool(index))

    def _is_of_hat(self, name: str) -> bool:
        """Is it `dx_hat`, where the object keeps `x_hat`, whose name is no variable then?"""
        return name.endswith("_hat") and name[1:-4] in self.names

    # --- Expressions --------------------------------------------------------------------

    def _set(self, node: Expression) -> _Set:
        match node:
            case Name(name):
                return self._symbol(name)
            case Literal(value, text):
                return self._literal(value, text)
            case Operation("*" | "**", (_,)):
                raise NotTypeset  # of arguments
            case Operation() if name := _attribute(node):
                return self._symbol(name)
            case Operation(op):
                rule = _RULES.get(op)
                if rule is not None:
                    return rule(self, node)
                if " " in op:
                    return self._relation(node)
                if op.endswith("()") and op != "()":
                    return self._call(node)
        raise NotTypeset

    def _literal(self, value: object, text: str) -> _Set:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NotTypeset
        digits, exponent = text.partition("e")[::2]
        if not exponent:
            return _Set(text)
        power = f"10^{{{int(exponent)}}}"
        return _Set(power if digits == "1" else rf"{digits} \cdot {power}", PRODUCT)

    def _call(self, node: Operation) -> _Set:
        """A function that has no sign of its own: `softmax(Z)`, `x.reshape(N, -1)`."""
        name = node.op[:-2].rpartition(".")[2]
        if name in _OPAQUE or any(key == "out" for key, _ in node.options):
            raise NotTypeset
        operands = node.operands[:1] if name in _ONE_ARGUMENT else node.operands
        operands = tuple(one for one in operands if not _is_skipped(one) and not _is_shape(one))
        inside = ",\\, ".join(self._set(operand).text for operand in operands)
        before, name = (r"\log ", name[4:]) if name.startswith("log_") else ("", name)
        return _Set(f"{before}{_operator(name)}{_enclosed(inside)}", CALL)

    def _sum(self, node: Operation) -> _Set:
        if len(node.operands) == 1:
            return _Set(f"{node.op}{self._set(node.operands[0]).at(LARGE)}", SUM)
        left, right = map(self._set, node.operands)
        return _Set(f"{left.at(SUM)} {node.op} {right.at(LARGE)}", SUM)

    def _product(self, node: Operation) -> _Set:
        left, right = node.operands
        if left == right:
            return self._power(Operation("**", (left, Literal(2, "2"))))
        first, second = self._set(left), self._set(right)
        if not self._is_number(left) and not self._is_number(right):
            sign = r"\odot"
        elif isinstance(right, Literal) or (second.text[0].isdigit()):
            sign = r"\cdot"
        else:
            sign = r"\,"
        return _Set(f"{first.at(PRODUCT)} {sign} {second.at(PRODUCT + 1)}", PRODUCT)

    def _quotient(self, node: Operation) -> _Set:
        left, right = node.operands
        return _Set(rf"\frac{{{self._set(left).text}}}{{{self._set(right).text}}}", FRACTION)

    def _matrix_product(self, node: Operation) -> _Set:
        left, right = map(self._set, node.operands)
        return _Set(rf"{left.at(PRODUCT)}\, {right.at(PRODUCT + 1)}", PRODUCT)

    def _power(self, node: Operation) -> _Set:
        base, exponent = node.operands
        return _Set(f"{self._set(base).at(ATOM)}^{{{self._set(exponent).text}}}", CALL)

    def _transposed(self, node: Operation) -> _Set:
        match node:
            case Operation(".transpose()", (_, *axes)):
                order = [axis.value for axis in axes if isinstance(axis, Literal)]
                if order[:-2] != [*range(len(order) - 2)] or len(order) < 3:
                    axes_below = f"_{{{','.join(map(str, order))}}}" * bool(order)
                    inside = _enclosed(self._set(node.operands[0]).text)
                    return _Set(f"{_operator(node.op[1:-2])}{axes_below}{inside}", CALL)
        return _Set(rf"{self._set(node.operands[0]).at(ATOM)}^{{\top}}", CALL)

    def _relation(self, node: Operation) -> _Set:
        signs = [_SIGNS[one] for one in node.op.split(" ") if one in _SIGNS]
        if len(signs) != len(node.operands) - 1:
            raise NotTypeset
        first, *rest = (self._set(operand).at(SUM) for operand in node.operands)
        pairs = (f" {sign} {one}" for sign, one in zip(signs, rest, strict=True))
        return _Set(rf"\mathbf{{1}}\left[{first}{''.join(pairs)}\right]", CALL)

    def _index(self, node: Operation) -> _Set:
        array, *indices = node.operands
        match indices:
            case [Name("name") | Literal(str())]:  # of all parameters, one
                return self._set(array)
            case [Operation("np.arange()"), Name() as which]:
                return self._at(array, f"n,\\, {self.symbol(which.id)}_{{n}}")
        kept = [one for one in indices if one not in (Literal(None, "None"), Name("np.newaxis"))]
        if len(kept) < len(indices) and all(one == _WHOLE for one in kept):
            return self._set(array)  # the same numbers, laid beside others
        return self._at(array, ",\\, ".join(self._place(one) for one in kept))

    def _place(self, index: Expression) -> str:
        match index:
            case Operation("slice", ends):
                if len([end for end in ends if end != NOTHING]) > 1:
                    raise NotTypeset
                return ":".join("" if end == NOTHING else self._set(end).text for end in ends)
            case Operation("-", (Literal(1),)):
                return r"\text{last}"
        return self._set(index).text

    def _at(self, array: Expression, index: str) -> _Set:
        made = self._set(array)
        if made.level == ATOM and "_" not in made.text and "^" not in made.text:
            return _Set(f"{made.text}_{{{index}}}")
        return _Set(f"{_enclosed(made.text)}_{{{index}}}")

    def _reduced(self, node: Operation) -> _Set:
        """A sum, a mean, a maximum or a minimum along axes, or of all numbers."""
        inner, how = node.operands[0], node.op[1:-2]
        axis = dict(node.options).get("axis")
        is_picked = isinstance(inner, Operation) and inner.op == "[]"
        if axis is None and not (is_picked and self._set(inner).text.endswith("_{n}}")):
            match inner:
                case Operation("*", (left, right)) if left == right and how == "sum":
                    return _Set(rf"\left\|{self._set(left).text}\right\|^{{2}}", CALL)
                case Operation(".sum()" | ".mean()") if how == "mean":
                    return _Set(rf"\frac{{1}}{{N}}\sum_{{n}} {self._set(inner).at(LARGE)}", LARGE)
            large = r"\sum" if how == "sum" else rf"\operatorname{{{how}}}"
            return _Set(f"{large}{_enclosed(self._set(inner).text)}", CALL)
        letters = ["n"] if axis is None else [AXES[at] for at in _axes(axis)]
        if how in ("max", "min"):
            letters = ["i" if letter == "n" else letter for letter in letters]
        below = ",".join(letters)
        made = self._set(inner) if is_picked and axis is None else self._indexed(inner, below)
        sums = rf"\sum_{{{below}}} {made.at(LARGE)}"
        if how == "sum":
            return _Set(sums, LARGE)
        if how == "mean" and letters == ["n"]:
            return _Set(rf"\frac{{1}}{{{self._count(inner)}}} {sums}", LARGE)
        large = rf"\{how}" if how in ("max", "min") else rf"\operatorname{{{how}}}"
        return _Set(rf"{large}_{{{below}}}\, {made.at(CALL)}", LARGE)

    def _count(self, node: Expression) -> str:
        """How many are picked by `log_P[np.arange(rows), targets]`: as many as there are rows."""
        match node:
            case Operation("[]", (_, Operation("np.arange()", (Name(count),)), _)):
                return self.symbol(count)
        return "N"

    def _indexed(self, node: Expression, index: str) -> _Set:
        match node:
            case Operation("*", (left, right)) if left == right:
                return _Set(f"{self._indexed(left, index).at(ATOM)}^{{2}}", CALL)
            case Operation("**", (base, Literal(_, power))):
                return _Set(f"{self._indexed(base, index).at(ATOM)}^{{{power}}}", CALL)
            case Operation(".reshape()" | ".astype()", (inner, *_)):
                return self._indexed(inner, index)
            case Operation("np.exp()", (Name(),)):
                return _Set(rf"\exp{_enclosed(self._at(node.operands[0], index).text)}", CALL)
        return self._at(node, index)

    def _where(self, node: Operation) -> _Set:
        condition, yes, no = node.operands if node.op != "if" else _turned(node.operands)
        holds = self._condition(condition)
        cases = rf"{self._set(yes).text} & {holds} \\ {self._set(no).text} & \text{{otherwise}}"
        return _Set(rf"\begin{{cases}} {cases} \end{{cases}}", CALL)

    def _condition(self, node: Expression) -> str:
        text = self._set(node).text
        start, end = r"\mathbf{1}\left[", r"\right]"
        return text[len(start) : -len(end)] if text.startswith(start) else text

    def _exponential(self, node: Operation) -> _Set:
        match node.operands:
            case (Name(name),) if name.startswith("log_"):
                return self._symbol(name[4:])
        inside = self._set(node.operands[0])
        if len(inside.text) < 14 and "frac" not in inside.text:
            return _Set(f"e^{{{inside.text}}}", CALL)
        return _Set(rf"\exp{_enclosed(inside.text)}", CALL)

    def _added_up(self, node: Operation) -> _Set:
        match node.operands:
            case (Comprehension("()", element, (clause,)),) if not clause.conditions:
                each = self._set(clause.target).text
                among = self._set(clause.iterable).text
                inside = self._set(element).at(LARGE)
                return _Set(rf"\sum_{{{each} \in {among}}} {inside}", LARGE)
        raise NotTypeset

    def _listed(self, node: Operation) -> _Set:
        inside = ",\\, ".join(self._set(operand).text for operand in node.operands)
        return _Set(_enclosed(inside))

    def _joined(self, node: Operation) -> _Set:
        match node.operands:
            case (Operation("list" | "tuple", parts), *_):
                inside = r"\;\; ".join(self._set(part).text for part in parts)
                return _Set(rf"\left[{inside}\right]")
        return self._call(node)

    def _drawn(self, node: Operation) -> _Set:
        """Noise: `rng.normal(0, s, shape)`."""
        match node:
            case Operation(".normal()", (_, mean, Operation("math.sqrt()", (square,)), *_)):
                spread = self._set(square).text
            case Operation(".normal()", (_, mean, deviation, *_)):
                spread = f"{self._set(deviation).at(ATOM)}^{{2}}"
            case Operation(".uniform()", (_, low, high, *_)):
                ends = f"{self._set(low).text},\\, {self._set(high).text}"
                return _Set(rf"\text{{uniform in }} \left[{ends}\right]", CALL)
            case _:
                return _Set(r"\mathcal{N}\left(0,\, 1\right)", CALL)
        return _Set(rf"\mathcal{{N}}\left({self._set(mean).text},\, {spread}\right)", CALL)

    def _root(self, node: Operation) -> _Set:
        return _Set(rf"\sqrt{{{self._set(node.operands[0]).text}}}")

    def _absolute(self, node: Operation) -> _Set:
        return _Set(rf"\left|{self._set(node.operands[0]).text}\right|")

    def _same(self, node: Operation) -> _Set:
        return self._set(node.operands[0])

    def _zeros(self, node: Operation) -> _Set:
        return _Set("0" if "zeros" in node.op else "1")

    def _named(self, node: Operation) -> _Set:
        """A function that LaTeX knows: of a short operand without parentheses."""
        name = _FUNCTIONS[node.op]
        inside = ",\\, ".join(self._set(operand).text for operand in node.operands)
        return _Set(f"{name}{_enclosed(inside)}", CALL)

    def _negated(self, node: Operation) -> _Set:
        return _Set(rf"\lnot {self._set(node.operands[0]).at(CALL)}", CALL)

    def _logical(self, node: Operation) -> _Set:
        parts = []
        for operand in node.operands:
            part = self._condition(operand)
            is_loose = node.op == "&" and isinstance(operand, Operation) and operand.op == "|"
            parts.append(_enclosed(part) if is_loose else part)
        return _Set(rf"\mathbf{{1}}\left[{f' {_LOGICAL[node.op]} '.join(parts)}\right]", CALL)

    def _size(self, node: Operation) -> _Set:
        return _Set(f"{_operator(node.op[1:])}{_enclosed(self._set(node.operands[0]).text)}", CALL)

    def _is_number(self, node: Expression) -> bool:
        """Is it one number, as far as can be told, and no array?"""
        match node:
            case Literal():
                return True
            case Name(name):
                return name in self.constants or name in self.numbers or name.startswith("math.")
            case Operation(".sum()" | ".mean()" | ".max()" | ".min()"):
                return not node.options
            case Operation("[]"):
                return False
            case Operation(op, operands):
                if op.startswith("math.") or op in ("len()", "float()", "int()"):
                    return True
                return bool(operands) and all(map(self._is_number, operands))
        return False


def folded(nodes: Iterable[Node]) -> Iterator[tuple[int, Node]]:
    """Yield how many successive statements are one, and the one that says all of them.

    A value that is made, and then changed in place, is one expression.
    """
    count, whole = 0, None
    for node in nodes:
        changed = _changed(whole, node)
        if changed is None and whole is not None:
            yield count, whole
            count = 0
        count, whole = count + 1, changed or node
    if whole is not None:
        yield count, whole


def _changed(before: Node | None, after: Node) -> Node | None:
    """Return an assignment with a change in place that follows it."""
    if not isinstance(before, Assign) or not isinstance(after, AugmentedAssign):
        return None
    value, change = before.value, after.value
    match after.target:
        case target if before.targets == (target,):
            pass
        case Operation("[]", (target, Operation("np.arange()"), which)) if before.targets == (
            target,
        ):
            ones = Operation("one_hot()", (which,))
            change = ones if change == Literal(1, "1") else Operation("*", (change, ones))
        case _:
            return None
    return Assign(before.targets, Operation(after.op, (value, change)))


def _is_skipped(node: Expression) -> bool:
    name = node.id if isinstance(node, Name) else _attribute(node)
    return _SKIPPED.fullmatch(name) is not None


def _is_shape(node: Expression) -> bool:
    return isinstance(node, Operation) and node.op == ".shape"


def _hands_on(target: Expression, value: Expression) -> bool:
    """Does the object only keep what is there: `self.W, self.b = W, b`, or give it back?"""
    is_tuple = isinstance(target, Operation) and target.op == "tuple"
    places = target.operands if isinstance(target, Operation) and is_tuple else (target,)
    is_made = isinstance(value, Operation) and value.op != "tuple"
    return bool(_attribute(value)) or (any(map(_attribute, places)) and not is_made)


def _attribute(node: Expression) -> str:
    """Return the name of an attribute of the object, if it is one: `self.W` is W."""
    match node:
        case Operation(op, (Name("self"),)) if op[0] == "." and op[-1] != ")":
            return op[1:]
    return ""


def _axes(axis: Expression) -> list[int]:
    match axis:
        case Literal(int(one)):
            return [one]
        case Operation("-", (Literal(int(one)),)):
            return [-one]
        case Operation("tuple", several):
            return [found for one in several for found in _axes(one)]
    raise NotTypeset


def _turned(operands: Sequence[Expression]) -> tuple[Expression, ...]:
    """`a if c else b` as where(c, a, b)."""
    yes, condition, no = operands
    return condition, yes, no


def _enclosed(text: str) -> str:
    """Return a text in parentheses, which grow where it is higher than a line."""
    is_high = any(sign in text for sign in (r"\frac", r"\sum", r"\begin", r"\sqrt"))
    return rf"\left({text}\right)" if is_high else f"({text})"


def _word(name: str) -> str:
    return name.replace("_", " ").strip() if len(name) > 1 else name


def _below(name: str) -> str:
    return name if len(name) == 1 else rf"\text{{{_word(name)}}}"


def _operator(name: str) -> str:
    return rf"\operatorname{{{name}}}" if name.isalpha() else rf"\text{{{_word(name)}}}"


def _letter(stem: str) -> str:
    if stem in LETTERS:
        return LETTERS[stem]
    if stem in GREEK:
        return rf"\{stem}"
    if len(stem) == 1:
        return stem
    return rf"\text{{{_word(stem)}}}"


def _constant(name: str) -> str:
    """A constant: `BETA1` as a letter, `LAYER_NORM_EPSILON` as what it is of any layer."""
    if of_norm := re.fullmatch(r"L(\d)", name):  # what the norm of the weights is multiplied by
        return rf"\lambda_{{{of_norm[1]}}}"
    numbered = re.fullmatch(r"(?:\w+_)?([A-Z]+?)(\d*)", name)
    last = numbered[1].lower() if numbered else ""
    if numbered and last in GREEK:
        letter = LETTERS.get(last) or rf"\{last}"
        return letter + f"_{{{numbered[2]}}}" * bool(numbered[2])
    return rf"\text{{{_word(name).lower()}}}" if len(name) > 1 else name


_WHOLE = Operation("slice", (NOTHING, NOTHING))
_ONE_ARGUMENT = frozenset("reshape repeat broadcast_to pad".split())
_OPAQUE = frozenset(
    """
    print open load save savez with_name permutation values items update zip enumerate len range
    spawn default_rng integers sliding_window_view empty empty_like full exit isfinite slices places
    format triu tril append forward backward
    """.split()
)
_LOGICAL = {"&": r"\land", "|": r"\lor"}
_SIGNS = {
    ">": ">",
    "<": "<",
    ">=": r"\ge",
    "<=": r"\le",
    "==": "=",
    "!=": r"\ne",
    "in": r"\in",
    "not_in": r"\notin",
}
_FUNCTIONS = {
    "np.maximum()": r"\max",
    "np.minimum()": r"\min",
    "max()": r"\max",
    "min()": r"\min",
    "np.log()": r"\log",
    "math.log()": r"\log",
    "np.tanh()": r"\tanh",
    "np.sin()": r"\sin",
    "np.cos()": r"\cos",
    "np.tan()": r"\tan",
    "np.sinh()": r"\sinh",
    "np.cosh()": r"\cosh",
    "math.cos()": r"\cos",
    "math.sin()": r"\sin",
}
_Rule = Callable[[Typesetter, Operation], _Set]
_RULES: dict[str, _Rule] = {
    **dict.fromkeys("+-", Typesetter._sum),
    "*": Typesetter._product,
    **dict.fromkeys(["/", "//"], Typesetter._quotient),
    "@": Typesetter._matrix_product,
    "**": Typesetter._power,
    **dict.fromkeys([".T", ".transpose()"], Typesetter._transposed),
    "[]": Typesetter._index,
    **dict.fromkeys(_SIGNS, Typesetter._relation),
    **dict.fromkeys([".sum()", ".mean()", ".max()", ".min()"], Typesetter._reduced),
    **dict.fromkeys(["np.where()", "if"], Typesetter._where),
    **dict.fromkeys(["np.exp()", "math.exp()"], Typesetter._exponential),
    "sum()": Typesetter._added_up,
    **dict.fromkeys(["tuple", "list"], Typesetter._listed),
    **dict.fromkeys(["np.concatenate()", "np.hstack()", "np.stack()"], Typesetter._joined),
    **dict.fromkeys([".normal()", ".standard_normal()", ".uniform()"], Typesetter._drawn),
    **dict.fromkeys(["np.sqrt()", "math.sqrt()"], Typesetter._root),
    **dict.fromkeys(["np.abs()", "abs()"], Typesetter._absolute),
    **dict.fromkeys([".astype()", ".copy()", "np.float32()", "float()"], Typesetter._same),
    **dict.fromkeys(
        ["np.zeros()", "np.zeros_like()", "np.ones()", "np.ones_like()"], Typesetter._zeros
    ),
    **dict.fromkeys(_FUNCTIONS, Typesetter._named),
    "~": Typesetter._negated,
    **dict.fromkeys(_LOGICAL, Typesetter._logical),
    ".size": Typesetter._size,
}
