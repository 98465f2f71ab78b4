"""What a comparison will train: every variant with every seed, each in a folder of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nndsl.analysis.compare import Comparing
from nndsl.analysis.compile import analyse
from nndsl.analysis.expect import Expectation
from nndsl.analysis.graph import Graph
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Findings
from nndsl.emit.build import build_program
from nndsl.experiment.identity import identity
from nndsl.experiment.job import Job
from nndsl.source import Source
from nndsl.syntax.spelling import spell
from nndsl.vocabulary.sections.train import Train


@dataclass(frozen=True)
class Variant:
    """A variant: what it overrides, as `--set` takes it, and the spec that this gives."""

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
    """A comparison of a spec without errors. `settings`: as `--set` gave them."""

    source: Source
    settings: Mapping[str, str]
    optimize: bool
    seeds: int
    spec: Spec
    variants: tuple[Variant, ...]

    @property
    def command(self) -> list[str]:
        """The command that makes this comparison."""
        given = [part for item in self.settings.items() for part in ("--set", "=".join(item))]
        own = self._comparing.settings.seeds
        seeds = ["--seeds", str(self.seeds)] if self.seeds != own else []
        optimize = ["--optimize"] if self.optimize else []
        return ["nndsl", "compare", self.source.name, *given, *seeds, *optimize]

    @property
    def _comparing(self) -> Comparing:
        comparing: Comparing = self.spec.experiments["compare"]
        return comparing

    def jobs(self, folder: Path) -> dict[tuple[str, int], Job]:
        """Return the trainings by variant and seed, the first seed of all variants first.

        A seed is that of the spec, or of the variant, and those after it.
        """
        found: dict[tuple[str, int], Job] = {}
        names = Counter(variant.name.casefold() for variant in self.variants)
        for number in range(self.seeds):
            for position, variant in enumerate(self.variants):
                is_one = names[variant.name.casefold()] == 1  # some file systems know no case
                name = variant.name if is_one else f"{variant.name}-{position + 1}"
                seed = variant.train.seed + number
                settings = {**self.settings, **variant.overrides, "train.seed": str(seed)}
                found[variant.name, seed] = Job(
                    f"{variant.name} seed {seed}",
                    settings,
                    folder / f"{name}-seed{seed}",
                    identity=identity(
                        variant.spec, {"train.seed": str(seed)}, optimize=self.optimize
                    ),
                )
        return found


def make_plan(
    source: Source,
    findings: Findings,
    settings: Mapping[str, str],
    *,
    seeds: int | None = None,
    optimize: bool = False,
) -> Plan | None:
    """Return the plan of a comparison; None where the spec has none. SpecError: it has errors.

    What is wrong, warnings too, is recorded in `findings`. `seeds` stands for the spec's own.
    """
    checked = analyse(source, findings, settings)
    findings.raise_if_failed()
    assert checked.spec is not None
    comparing: Comparing | None = checked.spec.experiments.get("compare")
    if comparing is None:
        return None
    build_program(checked, findings)  # there is a network, and it can be built
    variants = []
    for variant in comparing.variants:
        overrides = {path: spell(value) for path, value in variant.values.items()}
        alone = Findings()
        found = analyse(source, alone, {**settings, **overrides}, alone=True)
        alone.raise_if_failed()
        assert found.spec is not None
        assert found.graph is not None
        name = variant.name.text
        variants.append(Variant(name, overrides, found.spec, found.graph, variant.expectations))
    number = comparing.settings.seeds if seeds is None else seeds
    return Plan(source, dict(settings), optimize, number, checked.spec, tuple(variants))
