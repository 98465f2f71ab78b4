"""How the networks of two specs differ in prediction, in sentences; training is left out."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from nndsl.analysis.builtin_printer import print_builtin
from nndsl.analysis.slots import slots
from nndsl.analysis.spec import Spec
from nndsl.ir import parse_text
from nndsl.record import record
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, LayerInstance
from nndsl.vocabulary.regularizer import Regularizer

_OF_TRAINING = {Initializer.kind, Regularizer.kind}


@record
class _Line:
    text: str  # as the spec gives it
    meaning: str  # what counts in prediction, with all defaults
    number: int


def layer_changes(old: Spec, new: Spec, of_old: str) -> list[str]:
    """Return what is another in the network of `new`, a sentence each.

    `of_old` is what the old spec is called: "`dense(50)` at line 5 is `dense(100)` in …".
    """
    before, after = (list(_lines(spec.network or ())) for spec in (old, new))
    matcher = SequenceMatcher(
        None, [line.meaning for line in before], [line.meaning for line in after], autojunk=False
    )
    found = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag != "equal":
            pairs = zip_longest(before[i:i_end], after[j:j_end])
            found += [_said(was, line, of_old) for was, line in pairs]
    return found


def _said(was: _Line | None, line: _Line | None, of_old: str) -> str:
    if line is None:
        assert was is not None
        return f"`{was.text}` stands in {of_old}, and is not there any more"
    if was is None:
        return f"`{line.text}` at line {line.number} is not in {of_old}"
    texts = (line.text, was.text) if line.text != was.text else (line.meaning, was.meaning)
    return f"`{texts[0]}` at line {line.number} is `{texts[1]}` in {of_old}"


def _lines(layers: Sequence[LayerInstance], depth: int = 0) -> Iterator[_Line]:
    for placed in layers:
        layer = placed.layer
        if not _only_trains(layer):
            meaning = print_builtin(_without_training(layer))
            text = print_builtin(layer, defaults=False)
            yield _Line(text, f"{' ' * depth}{meaning}", placed.origin.span.line)
        yield from _lines(placed.body, depth + 1)


def _only_trains(layer: Layer) -> bool:
    """Is the output of the layer its input, in prediction?"""
    forward = parse_text(layer.inference_forward)
    return len(forward) == 1 and forward[0].copied == layer.inputs[0]


def _without_training(layer: Layer) -> Layer:
    fields = slots(type(layer))
    return layer.model_copy(
        update={name: None for name, slot in fields.items() if _OF_TRAINING & set(slot.kinds)}
    )
