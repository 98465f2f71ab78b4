"""Stopping before the last epoch."""

from typing import ClassVar

from nndsl.vocabulary.builtin import Builtin, NameOf


class Stop(Builtin):
    """When to end training before its last epoch.

    Texts of the training loop. They may read `arrays` (by name: the parameters, and running
    statistics where there are some), `epoch`, `value` (the watched number after this epoch, turned
    so that less is better) and the word's own fields. `begin` stands before the loop and `watch` at
    the end of each epoch; when `done` is true the loop ends; `finish` stands behind it. They write
    `best_epoch`, whose weights there are then: 0 for those of the last.
    """

    kind = "stops"
    patience_field: ClassVar[str] = ""  # epochs without improvement that it waits
    metric: NameOf
    begin: ClassVar[str]
    watch: ClassVar[str]
    done: ClassVar[str]
    finish: ClassVar[str]
