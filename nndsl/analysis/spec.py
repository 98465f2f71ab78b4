"""The spec: a program whose names all have a meaning."""

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from nndsl.data import Description
from nndsl.displayed import Displayed
from nndsl.record import record
from nndsl.source import Origin, Source
from nndsl.syntax.ast import Call, Declaration, Tree
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import LayerInstance
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.preparation import Preparation
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train


def names_outputs(tree: Tree) -> bool:
    """Is there a loss of an output by its name: `loss NAME = …`?"""
    sections = (one for one in tree.statements if isinstance(one, Call))
    return any(
        isinstance(inside, Declaration) and inside.word.text == "loss"
        for section in sections
        for inside in section.statements
    )


@record
class Head:
    """An output that learns: by which loss, how much that counts, and what is measured of it."""

    loss: Loss
    metrics: tuple[Metric, ...] | None = None  # None: what its targets suggest
    name: str = ""  # of the output; none where there is only one
    weight: float = 1
    target: str = ""  # the part of the data that it learns
    origin: Origin | None = None  # of the loss


@record
class Spec(Displayed):
    """Everything a spec says. `origins` tells where: "data", "train", "train.loss" …"""

    name: str
    source: Source
    tree: Tree  # as it was written, with values from outside (`--set`) in their places
    data: Data | None = None
    absent: Data | None = None  # what prepared inputs and targets, though it cannot be loaded
    description: Description = field(default_factory=Description)
    network: tuple[LayerInstance, ...] | None = None
    train: Train | None = None  # with the loss and the metrics of the first of several outputs
    named_heads: tuple[Head, ...] = ()  # of several outputs
    is_recalled: bool = False  # by weights that carry it: its files need not be there
    dtype: str = "float32"  # these two are those of `train`, if there is one
    seed: int = 0
    experiments: Mapping[str, Any] = field(default_factory=dict)  # compare, search, expect …
    constants: Mapping[str, float] = field(default_factory=dict)  # each `let` that is a number
    comments: Mapping[str, str] = field(
        default_factory=dict
    )  # what constants are, where it is known
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def __repr__(self) -> str:
        said = {"data": self.data, "network": self.network, "train": self.train}
        return f"<Spec {self.name}: {', '.join(name for name in said if said[name] is not None)}>"

    @property
    def lacks(self) -> str:
        """What there has to be for a training, and is not; empty: nothing."""
        return "`data`" if self.data is None else "`train` section" if self.train is None else ""

    @property
    def heads(self) -> tuple[Head, ...]:
        """The outputs that learn; one without a name where the page names none."""
        if self.named_heads or self.train is None:
            return self.named_heads
        return (Head(self.train.loss, self.train.metrics, origin=self.origins.get("train.loss")),)

    @property
    def compared(self) -> tuple[Head, ...]:
        """The outputs that learn from targets: of the others the loss reads none."""
        return tuple(head for head in self.heads if head.loss.has_targets)

    def part_of(self, head: Head) -> str:
        """Return the name of the part of the data that an output learns, if there are several."""
        targets = [name for name, part in self.description.parts.items() if part.is_target]
        if head.target or head.name in self.description.parts or len(targets) != 1:
            return head.target or head.name
        return targets[0]

    def target_column(self, head: Head) -> int | None:
        """Return which of several columns of targets an output learns; None: it learns them all."""
        known, name = self.description, self.part_of(head)
        is_one = bool(head.name) and known.outputs is not None and name in known.names
        return known.names.index(name) if is_one and not known.parts else None

    def description_of(self, head: Head) -> Description:
        """What is known of the data, as far as one of several outputs learns from it."""
        name, known = self.part_of(head), self.description
        if not head.loss.has_targets:
            return replace(
                known,
                classes=None,
                outputs=None,
                per_position=False,
                has_gaps=False,
                names=(),
                targets=(),
            )
        target = known.parts.get(name)
        if target is None:
            is_one = self.target_column(head) is not None
            return replace(known, outputs=1, names=(name,)) if is_one else known
        return replace(
            self.description,
            classes=target.classes,
            outputs=target.outputs,
            per_position=target.per_position,
            has_gaps=target.has_gaps,
            names=(),
        )

    @property
    def examples_left(self) -> int | None:
        """How many examples there are to learn from; None where it is not known."""
        examples = self.description.examples
        if self.data is None or examples is None or self.data.order == "grouped":
            return None
        return self.data.part_sizes(examples)["training"]

    @property
    def training_examples(self) -> int | None:
        """How many examples are in the training part; None where it is not known."""
        left, asked = self.examples_left, self.data.training if self.data else None
        return left if left is None or asked is None else min(left, asked)

    @property
    def epoch_steps(self) -> int | None:
        """The optimizer steps of an epoch; None where the number of examples is not known."""
        train, examples = self.train, self.training_examples or 0
        return None if train is None or examples <= 0 else -(-examples // train.batch)

    @property
    def epochs(self) -> int | None:
        """The passes over the training part; None where `steps` are given, and no more is known."""
        train = self.train
        if train is None or train.steps is None:
            return (train.epochs or DEFAULT_EPOCHS) if train else None
        return -(-train.steps // self.epoch_steps) if self.epoch_steps else None

    @property
    def total_steps(self) -> int | None:
        """The optimizer steps of the training; None where that is not known."""
        if self.train is None or self.train.steps is not None:
            return self.train.steps if self.train else None
        return self.epochs * self.epoch_steps if self.epochs and self.epoch_steps else None

    @property
    def files(self) -> dict[str, Path]:
        """The files and folders that the data is read from, even where that is not needed now."""
        data = self.data or self.absent
        return data.files(self.source.folder) if data is not None else {}

    @property
    def weighs(self) -> bool:
        """Do some examples count more than others?"""
        data = self.data or self.absent
        return data is not None and data.weighs

    @property
    def preparation(self) -> Preparation:
        """What makes inputs and targets of the numbers in a file."""
        data = self.data or self.absent
        made = data.preparation(self.description) if data else Preparation()
        found = self.train.loss.found if self.train is not None else None
        return replace(made, loss=found and found.of_classes(self.description.classes or 0))

    @property
    def origin(self) -> Origin:
        """Where it begins: its first section, or where it has none its first statement."""
        return next(iter(self.origins.values()), Origin(self.tree.statements[0].span))
