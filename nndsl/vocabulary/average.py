"""Averages of the weights along a training."""

from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin


class Average(Builtin):
    """Weights that are averaged while training, by which the network is judged and kept.

    Texts of the training loop. `begin` stands before it, `resume` at the start of an epoch, `step`
    behind each step of the optimizer, `epoch_end` behind those of an epoch, before it is judged.
    They may read `params`, `step`, `epoch` and the word's own fields; when training ends, `params`
    are the averages.
    """

    kind = "averages"
    begin: ClassVar[str] = """
        averages, current = {name: p.copy() for name, p in params.items()}, {}
    """
    resume: ClassVar[str] = """
        for name, p in current.items():   # training goes on from where it was
            params[name][...] = p
    """
    step: ClassVar[str] = ""
    epoch_end: ClassVar[str] = ""
    judge: ClassVar[str] = """
        current = {name: p.copy() for name, p in params.items()}
        for name, average in averages.items():   # what is judged and kept
            params[name][...] = average
    """
