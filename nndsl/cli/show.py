"""`nndsl show`: the output of each phase of the compiler."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from nndsl.analysis.builtin_printer import print_builtin
from nndsl.analysis.compile import Checked, analyse
from nndsl.cli.arguments import Parser, add_shared, read_spec
from nndsl.cli.output import print_text, report_diagnostics
from nndsl.emit.build import build_descent, build_program, build_script
from nndsl.ir.printer import expression
from nndsl.ir.rows import margin
from nndsl.program.program import Array, Function, Update
from nndsl.shapes import show_shape
from nndsl.source import Origin, Span
from nndsl.syntax.ast import Name
from nndsl.vocabulary.builtin import Builtin

DESCRIPTION = "Print what a phase of the compiler hands to the next."
EXAMPLE = """\
  nndsl show digits.nn --stage tree      the text, before names mean anything
  nndsl show digits.nn --stage program   the statements of the script, as data"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument(
        "--stage", choices=list(STAGES), required=True, metavar="STAGE", help=", ".join(STAGES)
    )


def run(arguments: Namespace) -> int:
    source = read_spec(arguments.spec, arguments.words)
    checked = analyse(source, settings=dict(arguments.set))
    print_text("".join(f"{line}\n" for line in STAGES[arguments.stage](checked)))
    report_diagnostics(checked.diagnostics, source)  # last: a spec with errors has a tree
    return 0


def _tree(checked: Checked) -> Iterator[str]:
    for statement in checked.tree.statements if checked.tree else ():
        yield from _outline(statement)


def _spec(checked: Checked) -> Iterator[str]:
    spec = checked.spec
    if spec is not None:
        yield from _outline(
            {n: getattr(spec, n) for n in ("name", "data", "description", "network")}
        )
        train = (
            {n: getattr(spec.train, n) for n in type(spec.train).model_fields} if spec.train else {}
        )
        yield from _outline({"train": train, **spec.experiments})


def _graph(checked: Checked) -> Iterator[str]:
    program = build_program(checked)
    names = program.value_names
    graph = program.graph
    yield from (f"{names[x]}: {show_shape(x.shape)}" for x in graph.inputs.values())
    for node in graph.nodes:
        read = ", ".join(names[value] for value in node.inputs)
        made = f"{names[node.output]}: {show_shape(node.output.shape)}"
        yield f"{made} = {print_builtin(node.layer)} of {read}  {_place(node.origin)}"
        for role, parameter in node.parameters.items():
            init = parameter.init
            how = print_builtin(init) if isinstance(init, Builtin) else init
            name, copy = program.array_of(node, role)
            index = f"[{copy}]" if copy is not None else ""
            yield f"    {name}{index}: {show_shape(parameter.shape)}, {how}"
        for role, (owner, theirs) in node.shared.items():
            how = ", transposed" * (role in node.transposed)
            yield f"    {role}: the {theirs} of {names[owner.output]}{how}"
    yield f"output: {names[graph.output]}"


def _program(checked: Checked) -> Iterator[str]:
    descent = build_descent(checked)
    if descent is not None:
        for constant in descent.constants:
            yield f"constant {constant.name} = {constant.code}"
        for function in (descent.f, descent.gradient, *descent.update.schedules):
            yield from _function(function)
        yield from _update(descent.update)
        return
    program = build_program(checked)
    for constant in program.constants:
        yield f"constant {constant.name} = {constant.code}"
    yield f"streams {', '.join(program.streams)}"
    loading, training = program.loading, program.training
    for name, file in program.files.items():
        yield f"file {file.constant} = {name}"
    for array in program.parameters:
        yield _array("parameter", array)
    for array in program.states:
        yield _array("state", array)
    functions = [*program.initializers, program.predict]
    functions += [loading.function] if loading else []
    if training is not None:
        functions += [training.batch_loss] if training.batch_loss is not None else []
        functions += [training.loss_and_gradients, training.evaluate, *training.update.schedules]
    for function in functions:
        yield from _function(function)
    if training is not None:
        yield from _update(training.update)


def _update(update: Update) -> Iterator[str]:
    body = (*update.before, *update.decay, *update.statements)
    return _function(Function("update", ("name", "g"), update.title, body))


def _array(kind: str, array: Array) -> str:
    return f"{kind} {array.name}: {show_shape(array.shape)} = {expression(array.value)}"


def _function(function: Function) -> Iterator[str]:
    result = expression(function.returns) if function.returns is not None else "nothing"
    yield f"function {expression(function.head)} -> {result}"
    for statement in function.statements:
        first, *rest = statement.text.splitlines()
        shape = f"({', '.join(map(margin, statement.shape))})" if statement.shape else ""
        notes = [shape, _place(statement.origin) if statement.origin else ""]
        yield f"    {first:<56}  {' '.join(filter(None, notes))}".rstrip()
        yield from (f"    {line}" for line in rest)


def _code(checked: Checked) -> Iterator[str]:
    yield from build_script(checked).text.splitlines()


STAGES: dict[str, Callable[[Checked], Iterator[str]]] = {
    "tree": _tree,
    "spec": _spec,
    "graph": _graph,
    "program": _program,
    "code": _code,
}


# --- Any value of the compiler: one line for each part, indented ------------------------


def _outline(value: Any, label: str = "", indent: int = 0) -> Iterator[str]:
    """Yield the lines of a value after its label. None is left out."""
    blanks = "  " * indent
    match value:
        case None | Span() | Origin():
            pass
        case Mapping():
            if label and value:
                yield f"{blanks}{label.rstrip()}"
            for name, part in value.items():
                yield from _outline(part, f"{name}: ", indent + bool(label))
        case tuple() | list():
            if label and value:
                yield f"{blanks}{label.rstrip()}"
            for part in value:
                yield from _outline(part, "", indent + bool(label))
        case Builtin() | Name() | str() | int() | float():
            yield f"{blanks}{label}{_inline(value)}"
        case _ if is_dataclass(value):
            parts = {field.name: getattr(value, field.name) for field in fields(value)}
            short = {name: part for name, part in parts.items() if _is_short(part)}
            inlined = [f"{name}={_inline(part)}" for name, part in short.items()]
            where = [_place(p) for p in parts.values() if isinstance(p, Span | Origin)]
            yield f"{blanks}{label}{' '.join([type(value).__name__, *inlined, *where])}"
            for name, part in parts.items():
                if name not in short:
                    yield from _outline(part, f"{name}: ", indent + 1)
        case _:
            yield f"{blanks}{label}{value}"


def _place(where: Span | Origin) -> str:
    """Return a position: `@3:5`, followed by the uses of the blocks around it."""
    if isinstance(where, Origin):
        return "".join(map(_place, (where.span, *where.uses)))
    return f"@{where.line}:{where.column}"


def _is_short(value: Any) -> bool:
    is_plain = isinstance(value, tuple) and all(isinstance(part, int | float) for part in value)
    return isinstance(value, Builtin | Name | str | int | float) or (is_plain and value != ())


def _inline(value: Any) -> str:
    match value:
        case Builtin():
            return print_builtin(value)
        case Name():
            return value.text
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
