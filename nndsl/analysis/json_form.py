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

from typing import Any

from nndsl.analysis.experiments import subject
from nndsl.analysis.json_statements import (
    Array,
    CallArguments,
    Declarations,
    Definition,
    Formulas,
    Imports,
    ModelName,
    Object,
    OfOutputs,
    OneStatement,
    SettingValue,
    SlotOf,
    WithBody,
    members_of,
    parameters_of,
)
from nndsl.analysis.json_values import (
    DATA,
    INSTRUMENT,
    RANGE,
    Form,
    Json,
    Parameters,
    declared,
    parameters,
    quoted,
    section_slots,
)
from nndsl.analysis.scope import TOO_DEEP, AnalysisError
from nndsl.analysis.slots import Slot
from nndsl.analysis.toplevel import OWN_KINDS
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax import ast
from nndsl.syntax.json_reader import JsonValue
from nndsl.vocabulary.layer import Layer

OPERATORS = ("<=", ">=", "==", "!=", "<", ">")


def json_to_tree(document: JsonValue, source: Source, diagnostics: Diagnostics) -> ast.Tree | None:
    """Return the tree of a JSON form, or None where it is none; all that is wrong is reported."""
    inside = {name: members_of(part) for name, part in members_of(document).items()}

    def words(name: str) -> dict[str, Parameters]:
        return {word: parameters_of(json) for word, json in inside.get(name, {}).items()}

    own = {kind: words(kind) for kind in OWN_KINDS.values()}
    own[Layer.kind] |= words("blocks")
    varied = "minimize" if "minimize" in inside and "train" not in inside else "train"
    form = Form(diagnostics, frozenset(inside.get("let", ())), own, varied)
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

    def words(form: str) -> dict[str, Parameters]:
        return {name: parameters(word) for name, word in declared(tree, form).items()}

    own = {kind: words(form) for form, kind in OWN_KINDS.items()}
    own[Layer.kind] |= words("block")
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
        case ast.Call(ast.Name("network"), body=ast.Body(lines)) | ast.Declaration(
            ast.Name("block"), body=ast.Body(lines)
        ):
            return lines
    return ()


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


def _settings(section: str) -> SlotOf:
    return lambda _, name: section_slots(section).get(name)


def _variant_setting(form: Form, name: str) -> Slot | None:
    """A `let` comes first, then data, then what is trained."""
    known = section_slots(form.varied) | {"data": DATA}
    return None if name in form.lets else known.get(name)


# --- The table --------------------------------------------------------------------------------

_LAYERS = Array(Form.read_line, Form.write_line, "layers")
_INSIDE = OneStatement(ast.Call, WithBody(Formulas()))
_FORMULAS = Formulas(backward=_INSIDE, decay=_INSIDE, evaluate=_INSIDE)
_CALLS = Array(
    lambda form, json: form.read_call(json, INSTRUMENT),
    lambda form, statement: form.write_call(statement, INSTRUMENT),
)
_COMPARISONS = Array(_read_comparison, _write_comparison)
_VARIANT = Object(_variant_setting, "a variant", expect=_COMPARISONS)
_VARIANTS = Declarations("variant", WithBody(_VARIANT))
_TRAIN = Object(
    _settings("train"),
    loss=OfOutputs("loss"),
    metrics=OfOutputs("metrics"),
    target=Declarations("target", SettingValue()),
)
_MINIMIZE = Object(_settings("minimize"), start=OneStatement(ast.Call, CallArguments()))
_SPEC = Object(
    None,
    "a spec",
    model=ModelName(),
    **{"import": Imports()},
    let=Declarations("let", SettingValue()),
    blocks=Declarations("block", Definition("a block", _LAYERS, "layers")),
    **{
        k: Declarations(form, Definition(f"a {form}", _FORMULAS, "formulas"))
        for form, k in OWN_KINDS.items()
    },
    data=OneStatement(ast.Setting, SettingValue(lambda *_: DATA)),
    network=OneStatement(ast.Call, WithBody(_LAYERS)),
    train=OneStatement(ast.Call, WithBody(_TRAIN)),
    compare=OneStatement(ast.Call, WithBody(_VARIANTS, "variants")),
    search=OneStatement(ast.Call, WithBody(Object(lambda *_: RANGE), "ranges")),
    record=OneStatement(ast.Call, WithBody(_CALLS)),
    expect=OneStatement(ast.Call, WithBody(_COMPARISONS)),
    minimize=OneStatement(ast.Call, WithBody(_MINIMIZE)),
)
