"""Codes of layers that look along the positions of an example."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_FILES = {"fable.txt": "the fox looked up at the grapes on the fence " * 8}
_LAYERS = "embedding(16); positional_embedding; self_attention(heads=2{0}); dense(18)"


def _spec(more: str) -> str:
    data = 'text("fable.txt", window=16, validation=0.2)'
    return example(_LAYERS.format(more), "batch = 4", data=data)


def _recurrent(more: str) -> str:
    layers = f"embedding(16); lstm(16, output=all{more}); dense(18)"
    return example(layers, "batch = 4", data='text("fable.txt", window=16, validation=0.2)')


CODES = (
    Code(
        "NN462",
        "a position that sees its answer",
        "Each position is to predict the next one, and a layer shows it later ones.",
        "The network learns to copy: its loss falls to almost nothing in training and on what is "
        "held back alike, and when it is to continue a text there is nothing to copy from.",
        _spec(""),
        _spec(", causal=true"),
        "Vaswani et al. 2017, Attention Is All You Need, section 3.2.3.",
        files=_FILES,
    ),
    Code(
        "NN464",
        "a memory that forgets from the start",
        "The gate that keeps a memory from step to step begins half open, or less.",
        "What a step wrote is halved at each step that follows, and so is the gradient that comes "
        "back: what lies far apart is not connected before the gate has learnt to stay open, which "
        "it does slowly for the same reason.",
        _recurrent(", forget_bias=0"),
        _recurrent(""),
        "Gers, Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015, An Empirical "
        "Exploration of Recurrent Network Architectures.",
        files=_FILES,
    ),
)
