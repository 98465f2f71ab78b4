"""What a search is to do: a spec, the names that it varies, and how it judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nndsl.analysis.compile import analyse, read_tree
from nndsl.analysis.search import Searching
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.digests import data_digests, spec_digest
from nndsl.experiment.job import Job, Results
from nndsl.program.evaluation import higher_is_better
from nndsl.source import Source
from nndsl.syntax.printer import print_tree
from nndsl.vocabulary import registry
from nndsl.vocabulary.range import Range
from nndsl.vocabulary.sampler import Sampler

LAG = 8  # a trial is drawn when all but the last seven before it have ended


class PlanError(Exception):
    """A spec cannot be searched as asked. `help` is the way out, `code` the exit code."""

    code = 1

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class SearchError(Exception):
    """A search cannot go on; the text says why."""

    help = "mend it, and the same command goes on from where the search was left"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.message = f"the search cannot go on: {reason}"


class StorageError(SearchError):
    """The storage of a search cannot be opened, or does not answer."""

    help = "is it there, and is the address right? postgresql://user@host/database"


@dataclass(frozen=True, slots=True)
class Plan:
    """A search. `source` is text of the language, also where the spec is in its JSON form."""

    source: Source
    spec: Spec
    searching: Searching
    settings: Mapping[str, str]  # of `--set`
    trials: int
    lag: int = LAG
    pruning: bool = True
    optimize: bool = False

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def ranges(self) -> Mapping[str, Range]:
        return self.searching.ranges

    @property
    def metric(self) -> str:
        return self.searching.settings.metric

    @property
    def metric_in_words(self) -> str:
        return self.metric.replace("_", " ")

    @property
    def seed(self) -> int:
        return self.searching.settings.seed

    @property
    def sampler(self) -> Sampler:
        if self.searching.settings.sampler is not None:
            return self.searching.settings.sampler
        word = registry.find(Sampler.kind, Sampler.by_default)
        assert word is not None
        assert issubclass(word, Sampler)
        return word()

    @property
    def maximize(self) -> bool:
        return higher_is_better(self.metric)

    @property
    def training_column(self) -> str:
        """The column of a row that says the same of the training part."""
        _, _, what = self.metric.partition("_")
        return "loss" if what == "loss" else f"training_{what}"

    def metric_of(self, row: Results) -> float:
        """Return the metric in a row of results. PlanError where training does not report it."""
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
        """Return the training of a trial."""
        return Job(str(number), {**self.settings, **settings}, kind="trial")

    @property
    def inputs(self) -> dict[str, object]:
        """What the results hang on, by what it is called. The number of trials is not in it."""
        settings = self.searching.settings
        return {
            "spec": spec_digest(self.spec),
            "ranges": {name: [r.keyword(), *r.written] for name, r in self.ranges.items()},
            "metric": self.metric,
            "sampler": self.sampler.keyword(),
            "seed": settings.seed,
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
    """Return the search that a spec describes.

    SpecError where it has errors, PlanError where it describes none or `settings` get in its way.
    """
    if source.is_json:
        source = _as_text(source)
    checked = analyse(source, diagnostics, settings)
    diagnostics.raise_if_failed()
    assert checked.spec is not None
    searching: Searching | None = checked.spec.experiments.get("search")
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
    number = trials if trials is not None else searching.settings.trials
    lag = max(LAG, workers)
    return Plan(source, checked.spec, searching, dict(settings), number, lag, pruning, optimize)


def _as_text(source: Source) -> Source:
    diagnostics = Diagnostics()
    tree = read_tree(source, diagnostics)
    diagnostics.raise_if_failed()
    assert tree is not None
    path = source.path.with_suffix(".nn") if source.path else None
    return Source(source.name.removesuffix(".json") + ".nn", print_tree(tree), path)
