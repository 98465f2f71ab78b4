"""Data as statements: read, split, standardise, encode."""

from __future__ import annotations

from nndsl.ir import Statement, parse_text, parse_value, reads
from nndsl.program.context import Context
from nndsl.program.functions import called_functions
from nndsl.program.program import File, Function, Loading
from nndsl.vocabulary import partition
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.loss import Loss

HELD_BACK = {"validation": "to choose settings by", "test": "to judge the result, once"}


def write_loading(context: Context, data: Data, *, units: int) -> Loading:
    """Write the function that returns the parts of the data. `units`: outputs of the network."""
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
    targets, between = "classes", Loss.between
    if spec.train is not None and spec.train.loss.targets == "values":
        if described.outputs is not None:
            between = spec.train.loss.between
        else:
            targets = "column" if units == 1 else "one_hot"
    preparation = spec.preparation
    text, returns = partition.text(data, described, targets, between, preparation.loss)
    rest: list[Statement] = list(parse_text(text)) if text else []
    statements += [statement.rename({"rng": "split_rng", "dtype": dtype}) for statement in rest]
    listed = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    load_data = Function(
        "load_data", (), f"Return (X, t) for {listed}.", tuple(statements), parse_value(returns)
    )
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


def data_roles(context: Context, data: Data, known: set[str]) -> dict[str, str]:
    """Return constants for what a text of the data reads: its fields, and what was found of it."""
    settings, constants = context.spec.description.settings, context.constants
    return constants.of_fields(data, known - set(settings), prefix=False) | {
        name: constants.add(name.upper(), value, data.notes.get(name, ""))
        for name, value in settings.items()
        if name in known
    }
