"""Data as statements: read, split, standardise, encode."""

from collections.abc import Mapping, Sequence
from math import isfinite

from nndsl.analysis.spec import Spec
from nndsl.ir import Operation, Statement, names_of, parse_text, parse_value, reads, renamed
from nndsl.ir.printer import expression, on_lines
from nndsl.languages import listed, sentence
from nndsl.program.context import Context
from nndsl.program.functions import called_functions
from nndsl.program.heads import HeadWriter
from nndsl.program.layers import Layers
from nndsl.program.program import File, Function, Loading
from nndsl.shapes import Tokens
from nndsl.vocabulary import partition
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.loss import Loss

HELD_BACK = {"validation": "to choose settings by", "test": "to judge the result, once"}


def write_loading(
    context: Context, data: Data, layers: Layers, heads: Sequence[HeadWriter]
) -> Loading:
    """Write the function that returns the parts of the data, for what the network takes."""
    spec, names, constants, dtype = context.spec, context.names, context.constants, context.dtype
    files = data.files(spec.source.folder)
    described = spec.description
    read = parse_text(described.read or data.read)
    alone = "DATA_FOLDER" if "folder" in files else "DATA_FILE"
    paths = {
        role: names.fresh(alone if len(files) == 1 else f"{role}_FILE".upper()) for role in files
    }
    roles = {"rng": "split_rng", "dtype": dtype, "np": "np", "math": "math"} | paths
    made = {name for statement in read for name in statement.writes}  # `t` is a field, too
    roles |= data_roles(context, data, reads(read) - made - set(files))
    statements = [statement.rename(roles) for statement in read]
    own_test = data.has_own_test
    parts = partition.parts(data)
    sizes = {part: f"{part.upper()}" for part in parts if part != "training"}
    if data.fold is not None:
        del sizes["validation"]
        number, folds = data.fold
        constants.add("FOLDS", folds, "pieces of the examples, held back by turns")
        constants.add("FOLD", number, f"the piece that is held back, {HELD_BACK['validation']}")
    for part, name in sizes.items():
        if not (part == "test" and own_test):
            share = getattr(data, part)
            what = "examples" if isinstance(share, int) else "part of the examples"
            constants.add(name, share, f"{what} held back, {HELD_BACK[part]}")
    if data.training:
        constants.add("TRAINING", data.training, "examples to learn from, the first ones")
    preparation = spec.preparation
    if described.parts:
        text, returns, given = _several(spec, data, layers, heads)
    else:
        encode, between = "{}", Loss.between
        several = len(heads) > 1
        if heads and heads[0].of.targets == "values" and not several:
            if described.outputs is not None:
                between = heads[0].of.between
            else:
                encode = partition.of_classes(described.classes, layers.graph.output.shape[-1])
        text, returns = partition.text(data, described, encode, between, preparation.loss)
        pieces: dict[str, dict[str, str]] = {}
        if any(value.columns for value in layers.graph.inputs.values()):
            pieces["X"] = _columns_of_inputs(layers)
        if several:
            compared = (head for head in heads if head.of.has_targets)
            pieces["t"] = {head.t: _targets_of(head, spec) for head in compared}
        if pieces:
            lines, returns = _taken_apart(returns, pieces, own_test=own_test)
            for head in heads if several and described.outputs is not None else ():
                if isfinite(head.of.between[0]):
                    lines += partition.within(head.t, head.of.between)
            text = "\n".join([text, *lines])
        given = (*pieces.get("X", ("X",)), *pieces.get("t", ("t",)), *["w"] * data.weighs)
    rest: list[Statement] = list(parse_text(text)) if text else []
    made_of = {"rng": "split_rng", "dtype": dtype} | _types(context, layers)
    statements = [statement.rename(made_of) for statement in (*statements, *rest)]
    result = parse_value(returns)
    if len(given) > 2 and len(parts) > 1:
        assert isinstance(result, Operation)
        result = on_lines(result)
    for_parts = listed(*map(sentence, parts))
    says = sentence("Return ({arrays}) for {parts}.", arrays=", ".join(given), parts=for_parts)
    load_data = Function("load_data", (), says, tuple(statements), result)
    return Loading(
        load_data,
        parts,
        {
            path.name: File(constant, path)
            for constant, path in zip(paths.values(), files.values(), strict=True)
        },
        described.title or data.keyword(),
        data.modules,
        preparation,
        called_functions([data.functions], [load_data]),
    )


def _columns_of_inputs(layers: Layers) -> dict[str, str]:
    """Return which columns of a table each input is."""
    found = {}
    for name, value in zip(layers.inputs, layers.graph.inputs.values(), strict=True):
        first, count = value.columns[0], len(value.columns)
        is_slice = value.columns == tuple(range(first, first + count))
        places = f"{first}:{first + count}" if is_slice else str([*value.columns])
        found[name] = f"{{}}[:, {places}]"
    return found


def _targets_of(head: HeadWriter, spec: Spec) -> str:
    """Return what one of several outputs learns of the targets, in the form that its loss takes."""
    described, at = spec.description, spec.target_column(head.head)
    if at is not None:
        return f"{{}}[:, {at}:{at + 1}]"
    if head.of.targets == "classes" or described.classes is None:
        return "{}"
    return partition.of_classes(described.classes, head.shape[-1])


def _taken_apart(
    returns: str, pieces: Mapping[str, Mapping[str, str]], *, own_test: bool
) -> tuple[list[str], str]:
    """Return the lines that take arrays apart, and what is returned then.

    `pieces` are those of "X" and of "t", by their names.
    """
    lines = [
        f"{name}{ending} = {code.format(f'{of}{ending}')}"
        for ending in ("", *["_test"] * own_test)
        for of, made in pieces.items()
        for name, code in made.items()
        if code != "{}"
    ]
    given = parse_value(returns)
    assert isinstance(given, Operation)
    groups = []
    for pair in given.operands if isinstance(given.operands[0], Operation) else (given,):
        assert isinstance(pair, Operation)
        each = []
        for array in pair.operands:
            known = {*names_of(array)}
            of = next((o for o in pieces if o in known or f"{o}_test" in known), "")
            for name, code in pieces[of].items() if of else (("", "{}"),):
                kept = {of: name, f"{of}_test": f"{name}_test"} if code != "{}" else {}
                each.append(expression(renamed(array, kept)))
        groups.append(f"({', '.join(each)})")
    return lines, ", ".join(groups)


def _types(context: Context, layers: Layers) -> dict[str, str]:
    """Return the type of each of several inputs: that of tokens is whole."""
    first = next(iter(context.spec.description.parts), "")
    return {
        f"{name or first}_type": "np.int64" if isinstance(value.shape, Tokens) else context.dtype
        for name, value in layers.graph.inputs.items()
    }


def _several(
    spec: Spec, data: Data, layers: Layers, heads: Sequence[HeadWriter]
) -> tuple[str, str, tuple[str, ...]]:
    """Return what follows the reading of several arrays, what is returned, and names for that."""
    inputs = [name or next(iter(spec.description.parts)) for name in layers.graph.inputs]
    encoded = dict(zip(inputs, inputs, strict=True))
    lines: list[str] = []
    heads = [head for head in heads if head.of.has_targets]
    for head in heads:
        name = spec.part_of(head.head)
        code, target = name, spec.description.parts[name]
        if head.of.targets == "values" and target.classes is not None:
            code = partition.of_classes(target.classes, head.shape[-1]).format(name)
        elif head.of.targets == "values" and isfinite(head.of.between[0]):
            lines += partition.within(name, head.of.between)
        alone = code == name and name not in encoded
        encoded[name if alone else head.t] = code
    text, returns = partition.several_parts(data, spec.description, encoded)
    return "\n".join([*lines, text]), returns, (*layers.inputs, *(head.t for head in heads))


def data_roles(context: Context, data: Data, known: set[str]) -> dict[str, str]:
    """Return constants for what a text of the data reads: its fields, and what was found of it."""
    settings, constants = context.spec.description.settings, context.constants
    return constants.of_fields(data, known - set(settings), prefix=False) | {
        name: constants.add(name.upper(), value, data.notes.get(name, ""))
        for name, value in settings.items()
        if name in known
    }
