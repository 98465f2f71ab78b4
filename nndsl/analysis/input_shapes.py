"""What enters a network: the shape of each input, by what the page says and the data has."""

from collections.abc import Collection

from nndsl.analysis.spec import Spec
from nndsl.analysis.suggest import did_you_mean, typo_fix
from nndsl.data import inputs_of
from nndsl.diagnostics import Diagnostics, Label
from nndsl.shapes import Shape, Tokens, describe
from nndsl.vocabulary.layer import LayerInstance


def input_shape(spec: Spec, first: LayerInstance, diagnostics: Diagnostics) -> Shape | None:
    """Return the shape of an input: that of the page, or of the data. None where it is wrong."""
    if spec.description.parts:
        return _shape_of_part(spec, first, diagnostics)
    if first.layer.input_columns and not spec.description.failed:
        return _shape_of_columns(spec, first, diagnostics)
    known = spec.description.shape
    shape = _with_lengths(first.layer.input_shape, known)
    if shape is None and spec.data is None and "data" in spec.origins:
        return None  # the data is wrong, and that is said
    if shape is None and spec.description.failed:
        return None
    if shape is None:
        note = f" ({spec.description.note})" if spec.description.note else ""
        diagnostics.report(
            "NN302",
            f"the shape of the input is not known{note}",
            first.origin,
            help="begin the network with input(…), the shape of one example"
            if first.layer.input_shape is None
            else "say how many tokens an example has, too: input(LENGTH, tokens=KINDS)",
        )
        return None
    if isinstance(known, Tokens) and known == shape and not isinstance(shape, Tokens):
        shape = known  # only the data says how many kinds there are
    if known is not None and describe(known) != describe(shape):
        encoding = spec.description.encoding
        help = f"leave it out: the data says it{f' ({encoding})' if encoding else ''}"
        if isinstance(shape, Tokens) and spec.data is not None and spec.data.token_kinds:
            help = f"say it of the data: {spec.data.token_kinds}={shape.vocab_size}"
        diagnostics.report(
            "NN303",
            f"`{first.layer.keyword()}` says {describe(shape)}, "
            f"and the data has {describe(known)} in each example",
            first.origin,
            Label(spec.origins["data"].span, f"gives {describe(known)}"),
            help=help,
        )
        return None
    return shape


def _with_lengths(given: Shape | None, known: Shape | None) -> Shape | None:
    """Return the shape that a page gives; what it leaves out is that of the data."""
    if isinstance(given, Tokens) and not given:
        return None if known is None else Tokens(known, given.vocab_size, given.padding)
    return given or known


def input_name(instance: LayerInstance) -> str:
    """Return the name that the page gives an input; none where another layer comes first."""
    named = instance.layer.declares_input and instance.gives
    return named.name if named else ""


def columns_of(spec: Spec, one: LayerInstance) -> tuple[int, ...]:
    places = inputs_of(spec.description.inputs)
    return tuple(at for name in one.layer.input_columns for at in places[name])


def _shape_of_columns(spec: Spec, first: LayerInstance, diagnostics: Diagnostics) -> Shape | None:
    """Return the shape of an input that takes columns of a table."""
    known = [column.name for column in spec.description.inputs]
    strange = next((name for name in first.layer.input_columns if name not in known), None)
    labels = (Label(spec.origins["data"].span, "the data"),) if "data" in spec.origins else ()
    if strange is not None:
        wrong = f"the data has no column `{strange}` among its inputs"
        from nndsl.data.table import shown_columns  # what reads tables takes time to import

        help = did_you_mean(strange, known) or f"it has {shown_columns(known)}"
        if not known:
            help = "columns have names in a table: `csv`"
        fixes = typo_fix(first.origin.span, strange, known)
        diagnostics.report("NN320", wrong, first.origin, *labels, help=help, fixes=fixes)
        return None
    shape, given = (len(columns_of(spec, first)),), first.layer.input_shape
    if given is not None and tuple(given) != shape:
        wrong = (
            f"`{first.layer.keyword()}` says {describe(given)}, and its columns are "
            f"{describe(shape)} in each example"
        )
        diagnostics.report("NN303", wrong, first.origin, *labels, help="leave the number out")
        return None
    return shape


def _shape_of_part(spec: Spec, first: LayerInstance, diagnostics: Diagnostics) -> Shape | None:
    """Return the shape of an input that takes one of several parts of the data."""
    inputs = {n: part for n, part in spec.description.parts.items() if not part.is_target}
    data = Label(spec.origins["data"].span, "the data")
    name = input_name(first)
    if not name and len(inputs) == 1:
        name = next(iter(inputs))
    part = inputs.get(name)
    if part is None:
        wrong = f"the data has no input `{name}`"
        listed = ", ".join(f"`{one}`" for one in inputs)
        help = did_you_mean(name, [*inputs]) or f"it has {listed}"
        if not name:
            wrong = f"the data has {len(inputs)} inputs, {listed}, and the network takes one"
            help = "begin it with a line for each: " + "; ".join(f"input {one}" for one in inputs)
        fixes = typo_fix(first.origin.span, name, [*inputs]) if name else ()
        diagnostics.report("NN320", wrong, first.origin, data, help=help, fixes=fixes)
        return None
    given = _with_lengths(first.layer.input_shape, part.shape) or part.shape
    shape = part.as_input(given)
    if shape is None:
        tokens = part.tokens if isinstance(given, Tokens) else None
        padding = given.padding if isinstance(given, Tokens) else None
        diagnostics.report(
            "NN303",
            f"`{first.layer.keyword()}` says {describe(given)}, and the data has "
            f"{describe(tokens or part.shape)} in each example of `{name}`",
            first.origin,
            data,
            help=f"write {declared_input(name, tokens or part.shape, padding)}",
        )
    return shape


def declared_input(name: str, shape: Shape, padding: int | None = None) -> str:
    """Return the line that declares an input of a shape."""
    lengths = ", ".join(map(str, shape))
    kinds = f", tokens={shape.vocab_size}" if isinstance(shape, Tokens) else ""
    kinds += f", padding={padding}" if kinds and padding is not None else ""
    return f"`input {name}({lengths}{kinds})`"


def report_untaken(spec: Spec, taken: Collection[str], diagnostics: Diagnostics) -> bool:
    """Report parts of the data that no input takes."""
    inputs = [name for name, part in spec.description.parts.items() if not part.is_target]
    left = [name for name in inputs if name not in taken] if taken != {""} else []
    if left:
        wrong = f"no input of the network takes `{left[0]}`"
        help = f"begin the network with `input {left[0]}`, or leave it out of the data"
        where = spec.origins.get("data.x", spec.origins["data"])
        diagnostics.report("NN320", wrong, where, help=help)
    return bool(left)
