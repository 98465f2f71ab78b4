"""Do weights belong to a network, and if not, what is different?"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.analysis.builtin_printer import write_value
from nndsl.analysis.compile import Checked, analyse
from nndsl.analysis.slots import slots
from nndsl.analysis.spec import Spec
from nndsl.data import Description
from nndsl.languages import joined
from nndsl.live.arrays import Array
from nndsl.live.errors import ModelError
from nndsl.live.network import Network
from nndsl.live.weights import WeightsFile
from nndsl.program.layer_changes import layer_changes
from nndsl.program.lower import lower
from nndsl.shapes import Shape, describe
from nndsl.source import Source

_MAX_SAID = 5
_MAX_CHARACTERS = 100
_STORED_SPEC = "the weights' spec"


def restore(model: Network, file: WeightsFile) -> str | None:
    """Give a model the weights of a file. ModelError where they belong to another network.

    Returns what there is to warn of: a file that does not say which network it belongs to.
    """
    arrays = {**model.parameters, **model.saved_state}
    shapes = {name: array.shape for name, array in arrays.items()}
    stored = stored_spec(file)
    wrong = _array_differences(file, shapes)
    if wrong:
        help = _explanation(model.spec, stored, model.example_shape, file.known)
        raise ModelError(wrong, help or "the spec was changed since, or it is the file of another")
    _require_identity(model, file, stored)
    values = file.read((*arrays, *file.statistics))
    for name in file.statistics:
        shape, what = model.example_shape, "an input of the network"
        if name.startswith("class"):
            shape, what = (model.spec.description.classes or 0,), "the number of classes"
        elif name.startswith("target"):
            shape, what = (model.spec.description.outputs or 1,), "a target"
        elif name == "fill":  # what says that a value is missing comes behind it
            shape = (shape[0] - sum(column.indicated for column in model.spec.description.inputs),)
        if values[name].shape != shape:
            raise ModelError(f"`{name}` is {values[name].shape} in {file.path}, and {what} {shape}")
    for name, read in values.items():
        _require_finite(name, read, model.dtype, file.path)
    for name, array in arrays.items():
        array[...] = values[name]
    model.has_begun = True
    if file.statistics:  # the mean and the scale that belong to the weights are saved with them
        known = {name: values[name] for name in file.statistics}
        model.namespace.setdefault("statistics", {}).update(known)
    if file.network is None:
        return f"{file.path} does not say which network it belongs to; names and shapes agree"
    return None


def _require_finite(name: str, array: Array, dtype: np.dtype[Any], path: Path) -> None:
    """ModelError where an array of a file holds what is no number of `dtype`."""
    with np.errstate(over="ignore"):
        wrong = ~np.isfinite(array.astype(dtype))
    if wrong.any():
        entry = np.unravel_index(wrong.argmax(), wrong.shape)
        where = f" at ({', '.join(map(str, entry))})" if entry else ""
        raise ModelError(
            f"`{name}` in {path} holds {array[entry]}{where}, which is no number of {dtype}",
            "training diverged, or the file was damaged: train again, with a smaller learning rate",
        )


def stored_spec(file: WeightsFile) -> Checked | None:
    """Return the spec that a file of weights carries, if it does. No file of its data is read."""
    if file.spec is None or file.known is None:
        return None
    checked = analyse(Source(_STORED_SPEC, file.spec), known=file.known)
    return None if checked.diagnostics.failed or checked.spec is None else checked


def require_same_preprocessing(spec: Spec, file: WeightsFile) -> None:
    """ModelError where the data of a spec prepares inputs otherwise than that of the weights."""
    stored = stored_spec(file)
    data, other = spec.data, stored.spec.data if stored and stored.spec else None
    changes = []
    if data is not None and other is not None and type(data) is type(other):
        kinds = slots(type(data))
        for name in data.prepares:
            values = [write_value(getattr(part, name), kinds[name]) for part in (data, other)]
            if values[0] != values[1]:
                changes.append(f"`{name}` is {values[0]}, and {values[1]} in {_STORED_SPEC}")
    known = [spec.description.vocabulary, file.known.vocabulary if file.known else ""]
    if all(known) and known[0] != known[1]:
        here, there = (repr(tokens[:_MAX_CHARACTERS]) for tokens in known)
        what = "words" if spec.description.words else "characters"
        changes.append(f"the text has the {what} {here}, and {there} in {_STORED_SPEC}")
    prepares = data is not None and data.preparation(spec.description).keeps
    standardised = any(not name.startswith("class") for name in file.statistics)
    if not changes and standardised and not prepares:
        changes.append("inputs were standardised in training, and the spec's data does not do so")
    if changes:
        raise ModelError(
            f"{file.path} was trained on inputs that were prepared otherwise",
            "\n".join([*changes, "train again, or change the data's settings back"]),
        )


def _array_differences(file: WeightsFile, arrays: Mapping[str, Shape]) -> str:
    """Say which names or shapes in a file are not those of the network; empty: none."""
    stored = file.weights
    missing = [name for name in arrays if name not in stored]
    others = [name for name in stored if name not in arrays]
    if missing and len(missing) == len(arrays):
        return (
            f"{file.path} holds no weights of this network: "
            f"it has {_listed(others) or 'no arrays'}, and the network {_listed(missing)}"
        )
    parts = [f"{file.path} lacks {_listed(missing)}"] * bool(missing)
    parts += [f"{file.path} holds {_listed(others)}, which the model has not"] * bool(others)
    different = [name for name in arrays if name in stored and stored[name] != arrays[name]]
    parts += [
        f"{name} is {stored[name]} in {file.path}, and {arrays[name]} in the model"
        for name in different[:_MAX_SAID]
    ]
    if len(different) > _MAX_SAID:
        parts.append(f"and {len(different) - _MAX_SAID} more")
    return joined(parts) if parts else ""


def _require_identity(model: Network, file: WeightsFile, stored: Checked | None) -> None:
    if file.network in (None, model.script.identity):
        return
    if stored is not None and stored.spec is not None and stored.graph is not None:
        program = lower(replace(stored.spec, data=None), stored.graph)
        if program.identity == model.script.identity:
            return  # another version of nndsl wrote the same network otherwise
    help = _explanation(model.spec, stored, model.example_shape, file.known)
    raise ModelError(
        f"{file.path} belongs to another network: names and shapes agree, and it predicts "
        f"otherwise (it is {file.network}, this one {model.script.identity})",
        help
        or "an activation or an argument of a layer was changed since: change it back, "
        "or build the script again and train",
    )


def _explanation(
    spec: Spec, stored: Checked | None, shape: Shape, known: Description | None
) -> str | None:
    if stored is None or stored.spec is None:
        return None
    said = []
    if known is not None and known.shape is not None and known.shape != shape:
        said.append(
            f"an example is {describe(shape)}, and {describe(known.shape)} in {_STORED_SPEC}"
        )
    said += layer_changes(stored.spec, spec, _STORED_SPEC)
    if len(said) > _MAX_SAID:
        said[_MAX_SAID:] = [f"and {len(said) - _MAX_SAID} more"]
    return "\n".join(said) or None


def _listed(names: list[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown
