"""What a comparison will train: every variant with every seed, each in a folder of its own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from nndsl.analysis.compare import ComparisonSpec, with_fold
from nndsl.analysis.compile import Checked, analyse
from nndsl.analysis.expect import Expectation
from nndsl.analysis.graph import Graph
from nndsl.analysis.imports import self_contained
from nndsl.analysis.override import spec_arguments
from nndsl.analysis.spec import Spec
from nndsl.data import Progress
from nndsl.emit.build import build_program
from nndsl.experiment.digests import digest, training_digest
from nndsl.experiment.job import Job
from nndsl.explained import ExplainedError
from nndsl.languages import sentence
from nndsl.source import Source
from nndsl.syntax.value_printer import print_value
from nndsl.vocabulary.sections.train import Train

Repetition = int | tuple[int, int]  # a seed, or a seed and the fold that is held back


class NoComparison(ExplainedError):
    """The spec compares nothing."""

    code = 1


@dataclass(frozen=True)
class Variant:
    """A variant: its settings, in the form of `--set`, and the spec with them."""

    name: str
    overrides: Mapping[str, str]
    spec: Spec
    graph: Graph
    expectations: tuple[Expectation, ...]

    @property
    def train(self) -> Train:
        assert self.spec.train is not None
        return self.spec.train


@dataclass(frozen=True)
class Plan:
    """A comparison of a spec without errors. `settings` are those of `--set`."""

    source: Source
    settings: Mapping[str, str]
    optimize: bool
    seeds: int
    folds: int | None
    spec: Spec
    variants: tuple[Variant, ...]

    @property
    def command(self) -> list[str]:
        """The command that makes this comparison."""
        given = spec_arguments(self.source, self.settings)
        own = self.spec.experiments["compare"].settings
        seeds = ["--seeds", str(self.seeds)] if self.seeds != own.seeds else []
        folds = ["--folds", str(self.folds)] if self.folds and self.folds != own.folds else []
        optimize = ["--optimize"] if self.optimize else []
        return ["nndsl", "compare", *given, *seeds, *folds, *optimize]

    @property
    def default_folder(self) -> Path:
        """The folder if none is given: the same one each time."""
        return Path("runs", f"{self.spec.name}-compare")

    @property
    def trainings(self) -> int:
        """The number of trainings."""
        return self.repetitions * len(self.variants)

    @property
    def repetitions(self) -> int:
        """The number of trainings of each variant."""
        return self.seeds * (self.folds or 1)

    @property
    def kind(self) -> str:
        """What its trainings of a variant differ by."""
        return "seeds" if self.folds is None else "folds"

    @property
    def repeated(self) -> str:
        """What each variant is trained with: `3 seeds`, `5 folds`, `5 folds of 2 seeds`."""
        seeds = sentence("{count} seeds", count=self.seeds)
        if self.folds is None:
            return seeds if self.seeds > 1 else sentence("one seed")
        folds = sentence("{count} folds", count=self.folds)
        if self.seeds == 1:
            return folds
        return sentence("{folds} of {seeds}", folds=folds, seeds=seeds)

    def fetch_data(self, progress: Progress | None = None) -> None:
        """Download what the data of any variant needs, before anything is trained. DataError."""
        for variant in self.variants:
            assert variant.spec.data is not None
            variant.spec.data.fetch(self.source.folder, progress)

    def jobs(self, folder: Path) -> dict[tuple[str, Repetition], Job]:
        """Return the trainings by variant and seed, the first seed of all variants first.

        The seeds are that of the spec, or of the variant, and the following ones. With folds a
        seed stands with each of them.
        """
        found: dict[tuple[str, Repetition], Job] = {}
        marks = {v.name: training_digest(v.spec, optimize=self.optimize) for v in self.variants}
        names = Counter(variant.name.casefold() for variant in self.variants)
        for number, fold in product(range(self.seeds), range(1, (self.folds or 0) + 1) or [None]):
            for position, variant in enumerate(self.variants):
                is_one = names[variant.name.casefold()] == 1  # some file systems know no case
                name = variant.name if is_one else f"{variant.name}-{position + 1}"
                seed = variant.train.seed + number
                settings = {**self.settings, **variant.overrides, "train.seed": str(seed)}
                numbers = {"seed": seed} | ({"fold": fold} if fold is not None else {})
                own, of = f"seed{seed}", [marks[variant.name], seed]
                repetition: Repetition = seed
                if fold is not None and self.folds is not None:
                    settings["data"] = print_value(with_fold(variant.spec.tree, fold, self.folds))
                    repetition, own = (seed, fold), f"{own}-fold{fold}of{self.folds}"
                    of = [*of, fold, self.folds]
                found[variant.name, repetition] = Job(
                    " ".join([variant.name, *(f"{k} {n}" for k, n in numbers.items())]),
                    settings,
                    folder / f"{name}-{own}",
                    numbers=numbers,
                    digest=digest(of),
                )
        return found


def make_plan(
    checked: Checked,
    settings: Mapping[str, str],
    *,
    seeds: int | None = None,
    folds: int | None = None,
    optimize: bool = False,
) -> Plan:
    """Return the plan of a spec that has been checked, with `settings`, and trains a network.

    `seeds` and `folds` replace the spec's numbers. NoComparison if the spec compares nothing,
    SpecError where it has no network.
    """
    spec = checked.spec
    assert spec is not None
    comparing: ComparisonSpec | None = spec.experiments.get("compare")
    if comparing is None:
        raise NoComparison(
            "there is nothing to compare: the spec has no `compare`",
            "write compare { variant NAME { … } } into it",
        )
    build_program(checked)  # SpecError without a network
    variants = []
    number = comparing.settings.seeds if seeds is None else seeds
    folds = comparing.settings.folds if folds is None else folds
    for variant in comparing.variants:
        overrides = {path: print_value(value) for path, value in variant.values.items()}
        own = {**settings, **overrides}
        found = _analysed(spec.source, own)
        if folds is not None:
            tree = found.network[0].tree
            found = _analysed(spec.source, {**own, "data": print_value(with_fold(tree, 1, folds))})
        name = variant.name.text
        variants.append(Variant(name, overrides, *found.network, variant.expectations))
    source = self_contained(spec.source)
    return Plan(source, dict(settings), optimize, number, folds, spec, tuple(variants))


def _analysed(source: Source, settings: Mapping[str, str]) -> Checked:
    """Check one training of a spec. SpecError where it has errors."""
    found = analyse(source, settings=settings, alone=True)
    found.diagnostics.raise_if_failed()
    return found
