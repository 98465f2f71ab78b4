"""The JSON form of a spec: the same program, for other programs to write.

    {
      "model": "net",
      "import": ["words.nn"],
      "let": {"width": 100, "act": {"kind": "relu"}},
      "blocks": {"hidden": {"parameters": ["n", {"name": "rate", "default": 0.2}], "layers": […]}},
      "layers": {"double": {"formulas": {"y": "=2 * x"}}},
      "data": {"kind": "digits", "validation": 0.1},
      "network": [{"kind": "hidden", "n": "=width"}, {"kind": "repeat", "times": 2, "layers": […]}],
      "train": {"loss": {"size": "=0.3 * huber"}, "optimizer": {"kind": "sgd", "lr": "=1 / 10"}},
      "compare": {"seeds": 3, "variants": {"wide": {"width": 200}}},
      "search": {"trials": 9, "ranges": {"width": {"kind": "integer", "low": 1, "high": 9}}},
      "record": [{"kind": "weights"}],
      "expect": [{"name": "parameters", "operator": "<=", "value": 1000}],
      "minimize": {"f": "=x**2", "start": {"x": 1}, "optimizer": {"kind": "sgd"}}
    }

A value of the network with a name is `{"name": "a", "value": …}`, an output of the network
`{"declare": "output", "name": "a", "value": …}`; a layer that takes values by name is a value of
the language: `"=dense(a, 50)"`, and one with a body `{"kind": "=residual(a)", "layers": […]}`.

A call is an object: `kind` is its name, its arguments go by name, its body is `layers`. Where the
word alone says it all, `"he"` is read for `{"kind": "he"}`. A string that begins with `=` is a
value of the language: arithmetic, the name of a `let`, or any other value. So a text that itself
begins with `=` is written as a value, in quotes: `"=\\"=text\\""`. In a `let` and in an argument
of a block every other string is a text; where a name is wanted (`padding`, `metric`), a string is
that name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nndsl.analysis.experiments import subject
from nndsl.analysis.json_values import (
    DATA,
    INSTRUMENT,
    RANGE,
    Form,
    Json,
    Member,
    SlotOf,
    declared,
    name_at,
    parameters,
    quoted,
    section_slots,
)
from nndsl.analysis.scope import TOO_DEEP, AnalysisError
from nndsl.analysis.slots import NUMBER, Slot
from nndsl.analysis.suggest import did_you_mean
from nndsl.analysis.toplevel import OWN_KINDS
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax import ast
from nndsl.syntax.json_reader import JsonArray, JsonObject, JsonValue
from nndsl.vocabulary.layer import Layer

OPERATORS = ("<=", ">=", "==", "!=", "<", ">")
Statements = tuple[ast.Statement, ...]
Inside = tuple[ast.Value | None, tuple[ast.Argument, ...] | None, ast.Body | None]  # of a statement


def json_to_tree(document: JsonValue, source: Source, diagnostics: Diagnostics) -> ast.Tree | None:
    """Return the tree of a JSON form, or None where it is none; all that is wrong is reported."""
    members = _members(document)
    own = {
        kind: {name: _names(word) for name, word in _members(members.get(kind)).items()}
        for kind in OWN_KINDS.values()
    }
    blocks = {name: _names(block) for name, block in _members(members.get("blocks")).items()}
    own[Layer.kind] |= blocks
    varied = "minimize" if "minimize" in members and "train" not in members else "train"
    form = Form(diagnostics, frozenset(_members(members.get("let"))), own, varied)
    try:
        statements = _SPEC.read(form, ast.String("", Span(source, 0, 0)), document)
    except AnalysisError:
        return None
    except RecursionError:
        diagnostics.report("NN107", TOO_DEEP, Span(source, 0, 1))
        return None
    return None if form.failed else ast.Tree(source, statements)


def tree_to_json(tree: ast.Tree, diagnostics: Diagnostics) -> Json:
    """Return the JSON form of a tree, as values of Python.

    What JSON cannot say (two settings of one name, statements out of place) is an error of the
    spec too; it is reported and left out.
    """
    own = {
        kind: {name: parameters(word) for name, word in declared(tree, form).items()}
        for form, kind in OWN_KINDS.items()
    }
    own[Layer.kind] |= {name: parameters(b) for name, b in declared(tree, "block").items()}
    form = Form(diagnostics, frozenset(declared(tree, "let")), own, subject(tree))
    lines = ast.walk(*map(_layers_in, tree.statements))
    form.values = frozenset(
        name.text
        for one in lines
        if isinstance(one, ast.Setting | ast.Declaration)
        for name in (one.names if isinstance(one, ast.Setting) else (one.name,))
    )
    return _SPEC.write(form, tree.statements, {})


def _layers_in(statement: ast.Statement) -> tuple[ast.Statement, ...]:
    """Return the lines of a network or a block; none of anything else."""
    match statement:
        case ast.Call(ast.Name("network"), _, ast.Body(lines)):
            return lines
        case ast.Declaration(ast.Name("block"), body=ast.Body(lines)):
            return lines
    return ()


# --- What is inside of one statement --------------------------------------------------------


class _Value:
    needs = "value"

    def __init__(self, slot: Slot | None) -> None:
        self.slot = slot

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Inside:
        return form.read_value(json, self.slot), None, None

    def write(self, form: Form, statement: Any) -> Any:
        return form.write_value(statement.value, self.slot)


class _Arguments:
    needs = "name"

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Inside:
        members = form.members(json, f"`{key.value}`")
        return None, form.read_arguments(members, lambda _: None), None

    def write(self, form: Form, statement: Any) -> Any:
        return form.write_arguments(statement, lambda _: None)


class _Body:
    """A body that is the whole object or array; or its member `under`, beside arguments."""

    needs = "body"

    def __init__(self, body: _Array | _Object | _Declarations, under: str = "") -> None:
        self.body, self.under = body, under

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Inside:
        if not self.under:
            return None, None, ast.Body(self.body.read(form, key, json), json.span)
        members = form.members(json, f"`{key.value}`")
        inside = members.pop(self.under, None)
        statements = self.body.read(form, *inside) if inside else ()
        arguments = form.read_arguments(members, section_slots(key.value).get)
        return None, arguments or None, ast.Body(statements, json.span)

    def write(self, form: Form, statement: Any) -> Any:
        statements = statement.body.statements
        if not self.under:
            written = form.write_arguments(statement, lambda _: None)
            return self.body.write(form, statements, written)
        written = form.write_arguments(statement, section_slots(statement.name.text).get)
        return written | {self.under: self.body.write(form, statements, {})}


class _Block:
    """Parameters and a body: the layers of a block, or the formulas of a word of the page."""

    needs = "body"

    def __init__(self, what: str, under: str) -> None:
        self.what, self.under = what, under

    @property
    def body(self) -> _Array | _Object:
        return _LAYERS if self.under == "layers" else _FORMULAS

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Inside:
        members = form.members(json, self.what, ("parameters", self.under))
        listed = members.get("parameters", (key, JsonArray((), key.span)))[1]
        items = form.items(listed, "the parameters")
        arguments = form.each(items, lambda item: (self._read_parameter(form, item),))
        form.names = form.lets | _names(json).keys()
        try:
            inside = form.required_member(members, self.under, json)
            name = ast.String(self.under, key.span)
            return (
                None,
                arguments or None,
                ast.Body(self.body.read(form, name, inside), inside.span),
            )
        finally:
            form.names = form.lets

    def write(self, form: Form, statement: Any) -> Any:
        items = [self._write_parameter(form, argument) for argument in statement.arguments or ()]
        written = [item for item in items if item is not None]
        form.names = form.lets | parameters(statement).keys()
        inside = self.body.write(form, statement.body.statements, {})
        form.names = form.lets
        return ({"parameters": written} if written else {}) | {self.under: inside}

    def _read_parameter(self, form: Form, json: JsonValue) -> ast.Argument:
        if isinstance(json, JsonObject):
            members = form.members(json, "a parameter", ("name", "default"))
            name = form.name(form.string(form.required_member(members, "name", json), "a name"))
            default = form.read_value(form.required_member(members, "default", json), None)
            return ast.Argument(name, default, json.span)
        name = form.name(form.string(json, "a parameter, its name or name and default"))
        return ast.Argument(None, ast.Reference(name, None, json.span), json.span)

    def _write_parameter(self, form: Form, argument: ast.Argument) -> Any:
        if argument.name is not None:
            default = form.write_value(argument.value, None)
            return {"name": argument.name.text, "default": default}
        if isinstance(argument.value, ast.Reference) and argument.value.arguments is None:
            return argument.value.name.text
        wrong = "a parameter of a block is a name, or name = default"
        return form.diagnostics.report("NN224", wrong, argument.span)


# --- What stands under a name of an object --------------------------------------------------


class _Part:
    """One statement: a setting or a call of that name."""

    def __init__(
        self, kind: type[ast.Setting | ast.Call], inside: _Value | _Arguments | _Body
    ) -> None:
        self.kind, self.inside = kind, inside

    def holds(self, name: str, statement: Any) -> bool:
        fits = isinstance(statement, self.kind) and getattr(statement, self.inside.needs)
        return bool(fits) and statement.name.text == name

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        name, span = form.name(key), key.span.to(json.span)
        value, arguments, body = self.inside.read(form, key, json)
        return (ast.Setting(name, value, span) if value else ast.Call(name, arguments, body, span),)

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        form.add_member(written, statement.name, self.inside.write(form, statement))


class _Declarations:
    """An object with a declaration under each of its names."""

    def __init__(self, word: str, inside: _Value | _Body | _Block) -> None:
        self.word, self.inside = word, inside

    def holds(self, name: str, statement: Any) -> bool:
        fits = isinstance(statement, ast.Declaration) and getattr(statement, self.inside.needs)
        return bool(fits) and statement.word.text == self.word

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        members = form.members(json, f"`{key.value}`").values()
        return form.each(members, lambda member: self._read_one(form, member))

    def _read_one(self, form: Form, member: Member) -> Statements:
        key, json = member
        inside, span = self.inside.read(form, key, json), key.span.to(json.span)
        return (ast.Declaration(name_at(key, self.word), form.name(key), *inside, span),)

    def write(self, form: Form, statements: Statements, written: Json) -> Json:
        for statement in statements:
            if self.holds("", statement) and isinstance(statement, ast.Declaration):
                form.add_member(written, statement.name, self.inside.write(form, statement))
            else:
                form.report_misplaced(statement)
        return written

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        self.write(form, (statement,), written.setdefault(name, {}))


class _OfOutputs(_Declarations):
    """A setting, or an object with one for each of several outputs: `loss NAME = …`."""

    def __init__(self, word: str, slot: str = "") -> None:
        self.value = _Value(None)
        super().__init__(word, self.value)
        self.slot = slot

    def holds(self, name: str, statement: Any) -> bool:
        self._know()
        return super().holds(name, statement)

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        self._know()
        if not self.slot or (isinstance(json, JsonObject) and "kind" not in _members(json)):
            return super().read(form, key, json)
        return _Part(ast.Setting, self.value).read(form, key, json)

    def _know(self) -> None:
        """Look up what the setting may be: a word is known once it is asked for."""
        if self.slot:
            self.value.slot = section_slots(self.slot)[self.word]


class _Model:
    def holds(self, name: str, statement: Any) -> bool:
        return isinstance(statement, ast.Declaration) and statement.word.text == name

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        name = form.name(form.string(json, "the name of the model"))
        return (ast.Declaration(form.name(key), name, None, None, None, key.span.to(json.span)),)

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        form.add_member(written, statement.word, statement.name.text)


class _Imports:
    """The names of files, in an array or one alone."""

    def holds(self, name: str, statement: Any) -> bool:
        return isinstance(statement, ast.Call) and statement.name.text == name

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        items = json.items if isinstance(json, JsonArray) else (json,)
        return form.each(items, lambda item: (self._read_one(form, key, item),))

    def _read_one(self, form: Form, key: ast.String, json: JsonValue) -> ast.Call:
        text = form.string(json, "the name of a file")
        argument = ast.Argument(None, text, text.span)
        return ast.Call(form.name(key), (argument,), None, text.span)

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        match statement.arguments:
            case (ast.Argument(None, ast.String(text)),):
                written.setdefault(name, []).append(text)
            case _:
                form.report_misplaced(statement)


# --- Bodies -----------------------------------------------------------------------------------


class _Array:
    """Statements of one kind. Among others in an object they stand in an array, behind them."""

    def __init__(
        self,
        read_item: Callable[[Form, JsonValue], ast.Statement],
        write_item: Callable[[Form, Any], Any],
        what: str = "",
    ) -> None:
        self.read_item, self.write_item, self.what = read_item, write_item, what

    def holds(self, name: str, statement: Any) -> bool:
        return isinstance(statement, ast.Comparison)

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        items = form.items(json, self.what or f"`{key.value}`")
        return form.each(items, lambda item: (self.read_item(form, item),))

    def write(self, form: Form, statements: Statements, written: Json) -> list[Any]:
        items = [self.write_item(form, statement) for statement in statements]
        return [item for item in items if item is not None]

    def add(self, form: Form, written: Json, name: str, statement: Any) -> None:
        written.setdefault(name, []).append(self.write_item(form, statement))


class _Object:
    """Statements under names, as `parts` say; under any other name stands a setting."""

    def __init__(
        self, slots: Callable[[Form], SlotOf] | None = None, what: str = "", **parts: Any
    ) -> None:
        self.slots, self.what = slots, what
        self.parts: dict[str, _Part | _Declarations | _Model | _Imports | _Array] = parts

    def read(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        members = form.members(json, self.what or f"`{key.value}`").values()
        ordered = sorted(members, key=lambda m: isinstance(self.parts.get(m[0].value), _Array))
        return form.each(ordered, lambda member: self._read_member(form, *member))

    def _read_member(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        part = self.parts.get(key.value)
        if part is None and self.slots is not None:
            part = _Part(ast.Setting, _Value(self.slots(form)(key.value)))
        if part is not None:
            return part.read(form, key, json)
        if key.value == "$schema":
            return ()
        help = did_you_mean(key.value, list(self.parts))
        raise form.reject("NN220", f"unknown section {quoted(key)}", key.span, help)

    def write(self, form: Form, statements: Statements, written: Json) -> Json:
        apart: Json = {}  # they stand behind the settings
        for statement in statements:
            found = (item for item in self.parts.items() if item[1].holds(item[0], statement))
            name, part = next(found, ("", None))
            if part is not None:
                part.add(form, apart, name, statement)
            elif isinstance(statement, ast.Setting) and self.slots is not None:
                value = form.write_value(statement.value, self.slots(form)(statement.name.text))
                form.add_member(written, statement.name, value)
            else:
                form.report_misplaced(statement)
        return written | apart


class _Formulas(_Object):
    """Formulas under the names that they give. A block of lines is an object."""

    def _read_member(self, form: Form, key: ast.String, json: JsonValue) -> Statements:
        if isinstance(json, JsonObject):
            return super()._read_member(form, key, json)
        return _Part(ast.Setting, _Value(NUMBER)).read(form, key, json)


def _read_comparison(form: Form, json: JsonValue) -> ast.Comparison:
    members = form.members(json, "a comparison", ("name", "operator", "value"))
    name = form.name(form.string(form.required_member(members, "name", json), "a name"))
    operator = form.string(form.required_member(members, "operator", json), "an operator")
    if operator.value not in OPERATORS:
        wrong = f"expected one of {' '.join(OPERATORS)}, found {quoted(operator)}"
        raise form.reject("NN112", wrong, operator.span)
    value = form.read_value(form.required_member(members, "value", json), None)
    return ast.Comparison(name, operator.value, value, json.span)


def _write_comparison(form: Form, statement: Any) -> Any:
    if not isinstance(statement, ast.Comparison):
        return form.report_misplaced(statement)
    value = form.write_value(statement.value, None)
    return {"name": statement.name.text, "operator": statement.operator, "value": value}


def _calls(slot: Slot, what: str = "") -> _Array:
    return _Array(lambda f, json: f.read_call(json, slot), lambda f, s: f.write_call(s, slot), what)


def _settings(section: str) -> Callable[[Form], SlotOf]:
    return lambda _: section_slots(section).get


def _variant_settings(form: Form) -> SlotOf:
    """A `let` comes first, then data, then what is trained."""
    known = section_slots(form.varied) | {"data": DATA}
    return lambda name: None if name in form.lets else known.get(name)


# --- The table --------------------------------------------------------------------------------

_LAYERS = _Array(Form.read_line, Form.write_line, "layers")
_LINES = _Formulas(lambda _: lambda _: NUMBER, "formulas")
_INSIDE = _Part(ast.Call, _Body(_LINES))
_FORMULAS = _Formulas(
    lambda _: lambda _: NUMBER, "formulas", backward=_INSIDE, decay=_INSIDE, evaluate=_INSIDE
)
_COMPARISONS = _Array(_read_comparison, _write_comparison)
_VARIANT = _Object(_variant_settings, "a variant", expect=_COMPARISONS)
_VARIANTS = _Declarations("variant", _Body(_VARIANT))
_TRAIN = _Object(
    _settings("train"),
    loss=_OfOutputs("loss", "train"),
    metrics=_OfOutputs("metrics", "train"),
    target=_OfOutputs("target"),
)
_MINIMIZE = _Object(_settings("minimize"), start=_Part(ast.Call, _Arguments()))
_SPEC = _Object(
    None,
    "a spec",
    model=_Model(),
    **{"import": _Imports()},
    let=_Declarations("let", _Value(None)),
    blocks=_Declarations("block", _Block("a block", "layers")),
    **{k: _Declarations(form, _Block(f"a {form}", "formulas")) for form, k in OWN_KINDS.items()},
    data=_Part(ast.Setting, _Value(DATA)),
    network=_Part(ast.Call, _Body(_LAYERS)),
    train=_Part(ast.Call, _Body(_TRAIN)),
    compare=_Part(ast.Call, _Body(_VARIANTS, "variants")),
    search=_Part(ast.Call, _Body(_Object(lambda _: lambda _: RANGE), "ranges")),
    record=_Part(ast.Call, _Body(_calls(INSTRUMENT))),
    expect=_Part(ast.Call, _Body(_COMPARISONS)),
    minimize=_Part(ast.Call, _Body(_MINIMIZE)),
)


def _members(json: JsonValue | None) -> dict[str, JsonValue]:
    """Return the members of an object, and none of anything else."""
    return {key.value: v for key, v in json.members} if isinstance(json, JsonObject) else {}


def _names(block: JsonValue) -> dict[str, bool]:
    """Return the parameters of a block: may the argument be left out?"""
    listed, found = _members(block).get("parameters"), {}
    for item in listed.items if isinstance(listed, JsonArray) else ():
        name = _members(item).get("name", item)
        if isinstance(name, ast.String):
            found[name.value] = name is not item
    return found
