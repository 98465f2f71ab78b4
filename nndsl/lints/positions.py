"""Lints of layers that look along the positions of an example."""

import math
from collections.abc import Iterator

from nndsl.analysis.fixes import fix
from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, number
from nndsl.lints.rule import NetworkLint, example
from nndsl.shapes import Shape, Tokens, describe, show_shape

_FILES = {"fable.txt": "the fox looked up at the grapes on the fence " * 8}
_LAYERS = "embedding(16); positional_embedding; self_attention(heads=2{0}); dense(18)"


def _spec(more: str) -> str:
    data = 'text("fable.txt", window=16, validation=0.2)'
    return example(_LAYERS.format(more), "batch = 4", data=data)


def _recurrent(more: str) -> str:
    layers = f"embedding(16); lstm(16, output=all{more}); dense(18)"
    return example(layers, "batch = 4", data='text("fable.txt", window=16, validation=0.2)')


@NetworkLint(
    "NN462",
    "a position that sees its answer",
    wrong=_spec(""),
    right=_spec(", causal=true"),
    files=_FILES,
)
def visible_answer(context: LintContext) -> Iterator[Finding]:
    """Each position is to predict the next one, and a layer shows it later ones.

    The network learns to copy: its loss falls to almost nothing in training and on what is held
    back alike, and when it is to continue a text there is nothing to copy from.

    Source: Vaswani et al. 2017, Attention Is All You Need, section 3.2.3.
    """
    if not context.spec.description.predicts_next:
        return
    the_data = (Label(context.spec.origins["data"].span, "each position predicts the next one"),)
    for node in context.graph.nodes:
        if node.layer.sees_ahead:
            yield Finding(
                f"`{node.layer.keyword()}` sees later positions, and the next one is the answer",
                node.origin,
                f"{node.layer.sees_ahead}: a position then sees itself and those before it",
                the_data,
            )


@NetworkLint(
    "NN464",
    "a memory that forgets from the start",
    wrong=_recurrent(", forget_bias=0"),
    right=_recurrent(""),
    files=_FILES,
)
def closed_memory(context: LintContext) -> Iterator[Finding]:
    """The gate that keeps a memory from step to step begins half open, or less.

    What a step wrote is halved at each step that follows, and so is the gradient that comes back:
    what lies far apart is not connected before the gate has learnt to stay open, which it does
    slowly for the same reason.

    Source: Gers, Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015, An Empirical
    Exploration of Recurrent Network Architectures.
    """
    for node in context.graph.nodes:
        field, steps = node.layer.memory_bias, node.shapes[0][0]
        if not field or getattr(node.layer, field) > 0 or steps == 1:
            continue
        bias = getattr(node.layer, field)
        kept = 0.5 + 0.5 * math.tanh(0.5 * bias)  # the sigmoid
        yield Finding(
            f"with {field}={bias:g} `{node.layer.keyword()}` keeps {number(kept)} of its memory "
            f"from step to step, and of the first of {steps} steps {number(kept ** (steps - 1))}",
            context.argument_origin(node.layer, node.origin, field),
            f"write {field}=1, or leave it out: then it remembers, until it has learnt to forget",
            fixes=fix(f"write {field}=1", context.set_argument(node, field, "1")),
        )


_PATCHES = "reshape(1, 8, 8); conv2d(9, kernel=2, stride=2); relu; reshape({0}); {1}dense(10)"


@NetworkLint(
    "NN465",
    "a reshape that mixes axes",
    wrong=example(_PATCHES.format("16, 9", "flatten; ")),
    right=example(_PATCHES.format("9, 16", "flatten; ")),
)
def mixed_axes(context: LintContext) -> Iterator[Finding]:
    """A `reshape` cuts rows of one axis into rows of another: neither keeps its meaning.

    A reshape keeps the order of the numbers. Where 9 channels of 16 places become 16 rows of 9, a
    row holds places of one channel and none of the next, and not the 9 channels of a place. To
    join axes that stand side by side, or cut one into several, mixes nothing.

    Source: numpy.reshape, which reads and writes with the last index changing fastest.
    """
    for node in context.graph.nodes:
        x, y = node.inputs[0].shape, node.output.shape
        if node.layer.keeps_order and _mixes(x, y):
            yield Finding(
                f"`{node.layer.keyword()}` keeps the order of the numbers: of {describe(x)} it "
                f"makes {show_shape(y)} in which no axis means what one meant before",
                node.origin,
                "`transpose` changes axes; `flatten` before it says that the order means nothing",
            )


def _mixes(old: Shape, new: Shape) -> bool:
    """Do several axes become several others, with no end of a row in common?"""
    parts = _ends(old), _ends(new)
    before = [0, 0]
    for end in sorted(parts[0] & parts[1]):
        counts = [sum(e <= end for e in ends) for ends in parts]
        if min(now - was for now, was in zip(counts, before, strict=True)) > 1:
            return True
        before = counts
    return False


def _ends(shape: Shape) -> set[int]:
    """Return how many numbers the first axes hold: of the first, of two, of three …"""
    lengths = [length for length in shape if length != 1]
    return {math.prod(lengths[: count + 1]) for count in range(len(lengths))}


_DECODER = """network {{
  input question(7, tokens=13)
  input before(4, tokens=13)
  embedding(question, 16)
  end = lstm(32{0})
  embedding(before, 16)
  lstm(32, output=all, state=end)
  dense(13)
}}
"""


@NetworkLint(
    "NN467",
    "a state in part",
    wrong=_DECODER.format(""),
    right=_DECODER.format(", output=state"),
)
def state_in_part(context: LintContext) -> Iterator[Finding]:
    """A recurrent layer begins with less than the other one remembers, or with more than a state.

    An LSTM remembers in two arrays, the state h and the cell c. Where a decoder takes h alone, its
    cell begins at 0, and what the encoder kept for later is lost; where a layer takes both for one
    state, half of its units begin with cells, which have no bounds.

    Source: Sutskever, Vinyals and Le 2014, Sequence to Sequence Learning with Neural Networks.
    """
    for node in context.graph.nodes:
        for role, value in zip(node.layer.inputs, node.inputs, strict=True):
            if value.producer is None:
                continue
            doubt = node.layer.doubt_of_role(role, value.producer.layer)
            if doubt is not None:
                wrong = f"`{node.layer.keyword()}` {doubt[0]}"
                there = Label(value.producer.origin.span, "what it begins with")
                yield Finding(wrong, node.origin, doubt[1], (there,))


def _stateful(more: str) -> str:
    layers = "embedding(16); lstm(16, output=all, stateful=true); dense(18)"
    data = f'text("fable.txt", window=16, validation=0.2{more})'
    return example(layers, "batch = 4", data=data)


@NetworkLint(
    "NN468",
    "a state that comes from elsewhere",
    wrong=_stateful(""),
    right=_stateful(", split=in_order"),
    files=_FILES,
)
def state_from_elsewhere(context: LintContext) -> Iterator[Finding]:
    """A layer goes on from batch to batch, and its examples do not follow each other.

    The state that an example begins with is then that of another one, which has nothing to do with
    it: it is noise, and prediction begins with zeros. Where the text is read backwards, the window
    that comes next is the one before.

    Source: Zaremba, Sutskever and Vinyals 2014, Recurrent Neural Network Regularization, section 4.
    """
    data = context.spec.data
    for node in context.graph.nodes:
        if not node.layer.carries:
            continue
        keyword, value = node.layer.keyword(), node.inputs[0]
        if data is not None and not data.in_sequence:
            yield Finding(
                f"`{keyword}` begins where the example before ended, and those of "
                f"`{data.keyword()}` do not follow each other",
                node.origin,
                "windows of a text follow each other with split=in_order, and without `stride` or "
                "`fold`; else leave out stateful=true",
                (Label(context.spec.origins["data"].span, "the examples"),),
            )
            continue
        while value.producer is not None:
            if value.producer.layer.turns_positions:
                yield Finding(
                    f"`{keyword}` reads backwards, and begins with the state that the window "
                    "before ended with: that was its first position",
                    node.origin,
                    "leave out stateful=true",
                )
                break
            value = value.producer.inputs[0]


_WORDS = {"w.csv": "text,label\n" + "good soup,a\nno soup at all,b\n" * 20}
_NORMALISED = "embedding(8); {0} gru(8); dense(2)"


@NetworkLint(
    "NN466",
    "padding that counts as content",
    wrong=example(_NORMALISED.format("batch_norm;"), data='labelled_texts("w.csv", length=4)'),
    right=example(_NORMALISED.format("layer_norm;"), data='labelled_texts("w.csv", length=4)'),
    files=_WORDS,
)
def padding_as_content(context: LintContext) -> Iterator[Finding]:
    """A layer takes what fills up short examples for a part of them, or the loss does.

    Recurrent layers, attention and pooling over positions leave padding out. A normalisation over
    the batch has a mean of all positions, of padding too, and so has a formula that looks along
    positions: what such a layer says of a word depends on how many shorter examples there are.
    Targets at padding count in the loss, unless they are -1, which is none.

    Source: Ioffe and Szegedy 2015, Batch Normalization, section 3: the mean is that of the batch.
    """
    for node in context.graph.nodes:
        layer, value = node.layer, node.inputs[0]
        looks_along = bool(layer.definition) and layer.sees_positions
        if value.mask is not None and (looks_along or layer.compares_examples):
            help = "`layer_norm` takes each position alone"
            if looks_along:
                help = "`pool_positions`, attention and recurrent layers leave padding out"
            wrong = f"`{layer.keyword()}` counts padding as if it were content"
            yield Finding(wrong, node.origin, help)
    for head in context.spec.heads:
        known, value = context.spec.description_of(head), context.graph.output_of(head.name)
        while value.producer is not None:  # back to the input whose positions these are
            value = value.producer.inputs[0]
        is_padded = isinstance(value.shape, Tokens) and value.shape.padding is not None
        if is_padded and known.per_position and known.classes and not known.has_gaps:
            wrong = "targets at padding count as those of content do: none of them is -1"
            where = context.spec.origins["data"]
            yield Finding(wrong, where, "write -1 for the target of padding: it is then left out")
