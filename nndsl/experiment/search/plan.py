"""The plan of a search: a spec, the values to vary and their ranges, and the metric."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nndsl.analysis.compile import analyse
from nndsl.analysis.imports import read_tree, self_contained
from nndsl.analysis.metrics import higher_is_better
from nndsl.analysis.search import SearchSpec
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.digests import data_digests, spec_digest
from nndsl.experiment.job import Job, Results
from nndsl.explained import ExplainedError
from nndsl.source import Source
from nndsl.syntax.printer import print_tree
from nndsl.vocabulary import registry
from nndsl.vocabulary.range import Range
from nndsl.vocabulary.sampler import Sampler

LAG = 8  # trial n is drawn when trials 0 … n - LAG have ended


class PlanError(ExplainedError):
    """A spec cannot be searched as asked."""

    code = 1


class SearchError(ExplainedError):
    """A search cannot continue; the text says why."""

    help = "mend it, and the same command goes on from where the search was left"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, self.help)
        self.message = f"the search cannot go on: {reason}"


class StorageError(SearchError):
    """The storage of a search cannot be opened, or does not answer."""

    help = "is it there, and is the address right? postgresql://user@host/database"


@dataclass(frozen=True, slots=True)
class Plan:
    """A search. `source` is a .nn text, also where the spec was given in its JSON form."""

    source: Source
    spec: Spec
    ranges: Mapping[str, Range]
    metric: str
    sampler: Sampler
    seed: int
    settings: Mapping[str, str]  # of `--set`
    trials: int
    lag: int = LAG
    pruning: bool = True
    optimize: bool = False

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def metric_in_words(self) -> str:
        return self.metric.replace("_", " ")

    @property
    def maximize(self) -> bool:
        return higher_is_better(self.metric)

    @property
    def training_column(self) -> str:
        """The column with the same metric on the training part."""
        _, _, what = self.metric.partition("_")
        return "loss" if what == "loss" else f"training_{what}"

    def metric_of(self, row: Results) -> float:
        """Return the metric in a row of results. PlanError if training does not report it."""
        of_training = self.metric.startswith("training_")
        column = self.training_column if of_training else self.metric
        if column not in row:
            raise PlanError(
                f"training does not report `{self.metric}`",
                f"it reports {', '.join(name for name in row if name != 'epoch')}; "
                "`metrics` in `train` says what is measured",
            )
        return row[column]

    def job(self, number: int, settings: Mapping[str, str]) -> Job:
        """Return the job of a trial."""
        return Job(str(number), {**self.settings, **settings}, kind="trial")

    @property
    def inputs(self) -> dict[str, object]:
        """What the results depend on, by name. More trials continue the same search."""
        return {
            "spec": spec_digest(self.spec),
            "ranges": {name: [r.keyword(), *r.written] for name, r in self.ranges.items()},
            "metric": self.metric,
            "sampler": self.sampler.keyword(),
            "seed": self.seed,
            "data": data_digests(self.spec),
            "pruning": self.pruning,
            "optimize": self.optimize,
        }


def make_plan(
    source: Source,
    settings: Mapping[str, str],
    diagnostics: Diagnostics,
    *,
    trials: int | None = None,
    workers: int = 1,
    pruning: bool = True,
    optimize: bool = False,
) -> Plan:
    """Return the plan for the search of a spec.

    SpecError where it has errors, PlanError where it describes none or `settings` get in its way.
    """
    if source.is_json:
        source = _as_text(source)
    checked = analyse(source, diagnostics, settings)
    diagnostics.raise_if_failed()
    source = self_contained(source)
    assert checked.spec is not None
    searching: SearchSpec | None = checked.spec.experiments.get("search")
    if searching is None:
        raise PlanError(
            f"{source.name} has no `search` section",
            "write one: search(trials=20, metric=validation_accuracy) { NAME = range }",
        )
    for name in settings:
        if name in searching.ranges:
            raise PlanError(
                f"`--set {name}` has no effect: the search draws `{name}`",
                "take it out of `search`, or leave `--set` out",
            )
    given = searching.settings
    sampler = given.sampler
    if sampler is None:
        builtin = registry.find(Sampler.kind, Sampler.by_default)
        assert builtin is not None
        assert issubclass(builtin, Sampler)
        sampler = builtin()
    return Plan(
        source,
        checked.spec,
        searching.ranges,
        given.metric,
        sampler,
        given.seed,
        dict(settings),
        trials if trials is not None else given.trials,
        lag=max(LAG, workers),
        pruning=pruning,
        optimize=optimize,
    )


def _as_text(source: Source) -> Source:
    diagnostics = Diagnostics()
    tree = read_tree(source, diagnostics)
    diagnostics.raise_if_failed()
    assert tree is not None
    path = source.path.with_suffix(".nn") if source.path else None
    name = source.name.removesuffix(".json") + ".nn"
    return replace(source, name=name, text=print_tree(tree), path=path)
