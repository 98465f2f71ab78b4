"""From the tree to its JSON form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nndsl.analysis.arguments import name_arguments
from nndsl.analysis.experiments import subject
from nndsl.analysis.json_form import (
    DATA,
    INSTRUMENT,
    LAYER,
    RANGE,
    RESERVED,
    Parameters,
    block_parameters,
    find_word,
    is_text,
    let_names,
    parameters,
    section_slots,
    variant_slot,
)
from nndsl.analysis.scope import Budget, Place
from nndsl.analysis.slots import Slot, slots
from nndsl.diagnostics import Findings
from nndsl.syntax.spelling import spell
from nndsl.syntax.tree import (
    Argument,
    Body,
    Boolean,
    Call,
    Comparison,
    Declaration,
    Group,
    Name,
    Number,
    Reference,
    Setting,
    Statement,
    String,
    Tree,
    Unary,
    Value,
)
from nndsl.syntax.tree import (
    Sequence as Values,
)
from nndsl.vocabulary import catalogue
from nndsl.vocabulary.word import Word

Json = dict[str, Any]


def tree_to_json(tree: Tree, findings: Findings) -> Json:
    """Return the JSON form of a tree, as values of Python.

    What JSON cannot say (two settings of one name, statements out of place) is an error of the
    spec too; it is reported and left out.
    """
    return _Writer(tree, findings).document()


class _Writer:
    def __init__(self, tree: Tree, findings: Findings) -> None:
        self._tree = tree
        self._findings = findings
        self._lets = self._names = let_names(tree)
        self._blocks = block_parameters(tree)
        self._subject = subject(tree)

    def document(self) -> Json:
        written: Json = {}
        for statement in self._tree.statements:
            self._top(written, statement)
        return written

    def _top(self, written: Json, statement: Statement) -> None:
        match statement:
            case Declaration(word=Name("model"), value=None, arguments=None, body=None):
                self._put(written, statement.word, statement.name.text)
            case Declaration(word=Name("let"), value=value) if value is not None:
                self._put(written.setdefault("let", {}), statement.name, self._value(value, None))
            case Declaration(word=Name("block"), body=body) if body is not None:
                block = self._block(statement, body)
                self._put(written.setdefault("blocks", {}), statement.name, block)
            case Setting(name=Name("data")):
                self._put(written, statement.name, self._value(statement.value, DATA))
            case Call(name=Name(name), body=body) if name in _SECTIONS and body is not None:
                self._put(written, statement.name, _SECTIONS[name](self, statement, body))
            case _:
                self._refuse(statement)

    def _put(self, written: Json, name: Name, value: Any) -> None:
        if name.text in written:
            self._findings.error("NN203", f"`{name.text}` is given twice", name.span)
        else:
            written[name.text] = value

    def _refuse(self, statement: Statement) -> None:
        self._findings.error("NN224", "this has no JSON form: it is out of place", statement.span)

    # --- Sections -----------------------------------------------------------------------

    def _block(self, statement: Declaration, body: Body) -> Json:
        written: list[Any] = []
        for argument in statement.arguments or ():
            if argument.name is not None:
                default = self._value(argument.value, None)
                written.append({"name": argument.name.text, "default": default})
            elif isinstance(argument.value, Reference) and argument.value.arguments is None:
                written.append(argument.value.name.text)
            else:
                wrong = "a parameter of a block is a name, or name = default"
                self._findings.error("NN224", wrong, argument.span)
        self._names = self._lets | parameters(statement).keys()
        layers = self._layers(body)
        self._names = self._lets
        return {"parameters": written, "layers": layers} if written else {"layers": layers}

    def _network(self, call: Call, body: Body) -> list[Any]:
        self._arguments_of(call, {})
        return self._layers(body)

    def _settings(self, call: Call, body: Body) -> Json:
        known = section_slots(call.name.text)
        written = self._arguments_of(call, {})
        for statement in body.statements:
            if isinstance(statement, Setting):
                slot = known.get(statement.name.text)
                self._put(written, statement.name, self._value(statement.value, slot))
            else:
                self._refuse(statement)
        return written

    def _compare(self, call: Call, body: Body) -> Json:
        variants: Json = {}
        for statement in body.statements:
            if not isinstance(statement, Declaration) or statement.word.text != "variant":
                self._refuse(statement)
                continue
            written: Json = {}
            for setting in statement.body.statements if statement.body else ():
                if isinstance(setting, Setting):
                    slot = variant_slot(setting.name.text, self._lets, self._subject)
                    self._put(written, setting.name, self._value(setting.value, slot))
                else:
                    self._refuse(setting)
            if statement.body is None or statement.arguments:
                self._refuse(statement)
            else:
                self._put(variants, statement.name, written)
        return self._arguments_of(call, section_slots("compare")) | {"variants": variants}

    def _search(self, call: Call, body: Body) -> Json:
        ranges: Json = {}
        for statement in body.statements:
            if isinstance(statement, Setting):
                self._put(ranges, statement.name, self._value(statement.value, RANGE))
            else:
                self._refuse(statement)
        return self._arguments_of(call, section_slots("search")) | {"ranges": ranges}

    def _record(self, call: Call, body: Body) -> list[Any]:
        self._arguments_of(call, {})
        return [self._layer(statement, INSTRUMENT) for statement in body.statements]

    def _expect(self, call: Call, body: Body) -> list[Any]:
        self._arguments_of(call, {})
        written = []
        for statement in body.statements:
            if isinstance(statement, Comparison):
                value = self._value(statement.value, None)
                operator = {"name": statement.name.text, "operator": statement.operator}
                written.append(operator | {"value": value})
            else:
                self._refuse(statement)
        return written

    def _minimize(self, call: Call, body: Body) -> Json:
        starts = [s for s in body.statements if isinstance(s, Call) and s.name.text == "start"]
        rest = tuple(s for s in body.statements if s not in starts)
        written = self._settings(call, Body(rest, body.span))
        for start in starts:
            if start.body is not None:
                self._refuse(start)
            self._put(written, start.name, self._arguments_of(start, {}))
        return written

    def _arguments_of(self, call: Call, known: Mapping[str, Slot]) -> Json:
        """Write arguments that all have names; a section takes none by position."""
        written: Json = {}
        for argument in call.arguments or ():
            if argument.name is None or (argument.name.text in ("variants", "ranges")):
                wrong = f"`{call.name.text}` takes no such argument"
                self._findings.error("NN205", wrong, argument.span)
            else:
                slot = known.get(argument.name.text)
                self._put(written, argument.name, self._value(argument.value, slot))
        return written

    # --- Calls and values ---------------------------------------------------------------

    def _layers(self, body: Body) -> list[Any]:
        return [self._layer(statement, LAYER) for statement in body.statements]

    def _layer(self, statement: Statement, slot: Slot) -> Any:
        if not isinstance(statement, Call):
            self._refuse(statement)
            return None
        name, body = statement.name.text, statement.body
        written = self._call(name, statement.arguments, slot)
        if body is not None:
            if written is None:
                self._refuse(statement)
            return (written or {"kind": name}) | {"layers": self._layers(body)}
        if written is None:
            return f"={spell(Reference(statement.name, statement.arguments, statement.span))}"
        return written

    def _call(
        self, name: str, arguments: tuple[Argument, ...] | None, slot: Slot | None
    ) -> Json | None:
        """Return a call as an object, or None where its arguments cannot all go by name."""
        if not arguments:
            return {"kind": name}
        word = find_word(name, slot)
        if slot is LAYER and name in self._blocks:
            named = _name_block_arguments(self._blocks[name], arguments)
            known: Mapping[str, Slot] = {}
        elif word is not None:
            named, known = _name_word_arguments(word, arguments), slots(word)
        else:
            return None
        if named is None:
            return None
        values = {
            field: self._field(parts, known.get(field), word is not None and word.variadic == field)
            for field, parts in named.items()
        }
        return {"kind": name} | values

    def _field(self, parts: Sequence[Argument], slot: Slot | None, is_variadic: bool) -> Any:
        if not is_variadic:
            return self._value(parts[0].value, slot)
        values = [part.value for part in parts]
        first = _ungrouped(values[0])
        keeps_tuples = slot is not None and slot.unevaluated and parts[0].name is None
        if len(values) == 1 and isinstance(first, Values) and not keeps_tuples:
            values = list(first.items)
        elif parts[0].name is not None:
            return self._value(values[0], slot)
        return [self._value(value, slot) for value in values]

    def _value(self, value: Value, slot: Slot | None) -> Any:
        value = _ungrouped(value)
        slot = None if slot is not None and slot.unevaluated else slot
        match value:
            case Number() | Boolean():
                return value.value
            case Unary("-", Number(number)):
                return -number
            case String(text) if not text.startswith("=") and is_text(text, slot):
                return text
            case Values():
                return [self._value(item, slot) for item in value.items]
            case Reference(Name(name), arguments) if arguments is not None or (
                name not in self._names
            ):
                if arguments is None and slot and (name in slot.choices or slot.name):
                    return name
                if catalogue.roles_of(name) if slot is None else find_word(name, slot):
                    written = self._call(name, arguments, slot)
                    if written is not None:
                        return written
        return f"={spell(value)}"


_SECTIONS: Mapping[str, Callable[[_Writer, Call, Body], Any]] = {
    "network": _Writer._network,
    "train": _Writer._settings,
    "compare": _Writer._compare,
    "search": _Writer._search,
    "record": _Writer._record,
    "expect": _Writer._expect,
    "minimize": _Writer._minimize,
}


def _ungrouped(value: Value) -> Value:
    while isinstance(value, Group):
        value = value.inner
    return value


def _name_word_arguments(
    word: type[Word], arguments: tuple[Argument, ...]
) -> dict[str, list[Argument]] | None:
    aside = Findings()
    named = name_arguments(word, arguments, arguments[0].span, Place(aside, {}, {}, Budget(0)))
    return None if aside.diagnostics else named


def _name_block_arguments(
    parameters: Parameters, arguments: tuple[Argument, ...]
) -> dict[str, list[Argument]] | None:
    named: dict[str, list[Argument]] = {}
    for argument in arguments:
        waiting = [parameter for parameter in parameters if parameter not in named]
        name = argument.name.text if argument.name else next(iter(waiting), None)
        if name not in waiting or name in RESERVED:
            return None
        named[name] = [argument]
    return named
