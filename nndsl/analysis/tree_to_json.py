"""From the tree to its JSON form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nndsl.analysis.experiments import subject
from nndsl.analysis.json_rules import (
    DATA,
    INSTRUMENT,
    RANGE,
    block_parameters,
    let_names,
    parameters,
    section_slots,
    variant_slot,
)
from nndsl.analysis.slots import Slot
from nndsl.analysis.values_to_json import Json, ValueWriter
from nndsl.diagnostics import Findings
from nndsl.syntax.tree import (
    Body,
    Call,
    Comparison,
    Declaration,
    Name,
    Reference,
    Setting,
    Statement,
    Tree,
)


def tree_to_json(tree: Tree, findings: Findings) -> Json:
    """Return the JSON form of a tree, as values of Python.

    What JSON cannot say (two settings of one name, statements out of place) is an error of the
    spec too; it is reported and left out.
    """
    return _Writer(tree, findings).document()


class _Writer(ValueWriter):
    def __init__(self, tree: Tree, findings: Findings) -> None:
        super().__init__(findings, let_names(tree), block_parameters(tree))
        self._tree = tree
        self._lets = self.names
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
                self._put(written.setdefault("let", {}), statement.name, self.value(value, None))
            case Declaration(word=Name("block"), body=body) if body is not None:
                block = self._block(statement, body)
                self._put(written.setdefault("blocks", {}), statement.name, block)
            case Setting(name=Name("data")):
                self._put(written, statement.name, self.value(statement.value, DATA))
            case Call(name=Name(name), body=body) if name in _SECTIONS and body is not None:
                self._put(written, statement.name, _SECTIONS[name](self, statement, body))
            case _:
                self.refuse(statement)

    def _put(self, written: Json, name: Name, value: Any) -> None:
        if name.text in written:
            self.findings.error("NN203", f"`{name.text}` is given twice", name.span)
        else:
            written[name.text] = value

    # --- Sections -----------------------------------------------------------------------

    def _block(self, statement: Declaration, body: Body) -> Json:
        written: list[Any] = []
        for argument in statement.arguments or ():
            if argument.name is not None:
                default = self.value(argument.value, None)
                written.append({"name": argument.name.text, "default": default})
            elif isinstance(argument.value, Reference) and argument.value.arguments is None:
                written.append(argument.value.name.text)
            else:
                wrong = "a parameter of a block is a name, or name = default"
                self.findings.error("NN224", wrong, argument.span)
        self.names = self._lets | parameters(statement).keys()
        layers = self.layers(body)
        self.names = self._lets
        return {"parameters": written, "layers": layers} if written else {"layers": layers}

    def _network(self, call: Call, body: Body) -> list[Any]:
        self._arguments_of(call, {})
        return self.layers(body)

    def _settings(self, call: Call, body: Body) -> Json:
        known = section_slots(call.name.text)
        written = self._arguments_of(call, {})
        for statement in body.statements:
            if isinstance(statement, Setting):
                slot = known.get(statement.name.text)
                self._put(written, statement.name, self.value(statement.value, slot))
            else:
                self.refuse(statement)
        return written

    def _compare(self, call: Call, body: Body) -> Json:
        variants: Json = {}
        for statement in body.statements:
            if not isinstance(statement, Declaration) or statement.word.text != "variant":
                self.refuse(statement)
                continue
            written: Json = {}
            expected: list[Any] = []
            for setting in statement.body.statements if statement.body else ():
                if isinstance(setting, Setting):
                    slot = variant_slot(setting.name.text, self._lets, self._subject)
                    self._put(written, setting.name, self.value(setting.value, slot))
                elif isinstance(setting, Comparison):
                    expected.append(self._comparison(setting))
                else:
                    self.refuse(setting)
            written |= {"expect": expected} if expected else {}
            if statement.body is None or statement.arguments:
                self.refuse(statement)
            else:
                self._put(variants, statement.name, written)
        return self._arguments_of(call, section_slots("compare")) | {"variants": variants}

    def _search(self, call: Call, body: Body) -> Json:
        ranges: Json = {}
        for statement in body.statements:
            if isinstance(statement, Setting):
                self._put(ranges, statement.name, self.value(statement.value, RANGE))
            else:
                self.refuse(statement)
        return self._arguments_of(call, section_slots("search")) | {"ranges": ranges}

    def _record(self, call: Call, body: Body) -> list[Any]:
        self._arguments_of(call, {})
        return [self.layer(statement, INSTRUMENT) for statement in body.statements]

    def _expect(self, call: Call, body: Body) -> list[Any]:
        self._arguments_of(call, {})
        written = []
        for statement in body.statements:
            if isinstance(statement, Comparison):
                written.append(self._comparison(statement))
            else:
                self.refuse(statement)
        return written

    def _comparison(self, statement: Comparison) -> Json:
        value = self.value(statement.value, None)
        return {"name": statement.name.text, "operator": statement.operator, "value": value}

    def _minimize(self, call: Call, body: Body) -> Json:
        starts = [s for s in body.statements if isinstance(s, Call) and s.name.text == "start"]
        rest = tuple(s for s in body.statements if s not in starts)
        written = self._settings(call, Body(rest, body.span))
        for start in starts:
            if start.body is not None:
                self.refuse(start)
            self._put(written, start.name, self._arguments_of(start, {}))
        return written

    def _arguments_of(self, call: Call, known: Mapping[str, Slot]) -> Json:
        """Write arguments that all have names; a section takes none by position."""
        written: Json = {}
        for argument in call.arguments or ():
            if argument.name is None or (argument.name.text in ("variants", "ranges")):
                wrong = f"`{call.name.text}` takes no such argument"
                self.findings.error("NN205", wrong, argument.span)
            else:
                slot = known.get(argument.name.text)
                self._put(written, argument.name, self.value(argument.value, slot))
        return written


_SECTIONS: Mapping[str, Callable[[_Writer, Call, Body], Any]] = {
    "network": _Writer._network,
    "train": _Writer._settings,
    "compare": _Writer._compare,
    "search": _Writer._search,
    "record": _Writer._record,
    "expect": _Writer._expect,
    "minimize": _Writer._minimize,
}
