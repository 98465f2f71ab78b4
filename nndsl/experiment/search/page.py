"""The result of a search, and its page: the best values, and insights on each name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

from nndsl import __version__
from nndsl.analysis.metrics import best_baseline
from nndsl.analysis.override import as_options
from nndsl.experiment.comparison.results import column_title
from nndsl.experiment.job import Outcome
from nndsl.experiment.search.insight import ENOUGH_TRIALS, MIN_SHARE, TOO_FEW, Insight
from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.trial import Trial, rank_trials
from nndsl.languages import clauses, in_a_row, sentence, verbatim
from nndsl.report.network import part_sizes
from nndsl.report.page import Page, Part, Picture, Table, Text

SHOWN = 10  # trials in the table
ENDS = {
    "finished": "finished",
    "stopped": "stopped early",
    "diverged": "diverged",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The trials of a search and what they say. `best` is None if none was finished."""

    plan: Plan
    trials: Sequence[Trial]
    best: Trial | None
    insights: Sequence[Insight]
    sentences: Sequence[str]
    run: Outcome | None = None  # of a training with the best values
    pictures: Sequence[Picture] = field(default=())
    without_figures: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """The number of trials by how they ended."""
        return dict(Counter(trial.end for trial in self.trials))

    @property
    def baseline(self) -> tuple[str, float] | None:
        """The best answer without a network by the metric, and what it reaches."""
        return best_baseline(self.run.baselines.items(), self.plan.metric) if self.run else None

    @property
    def beats_baseline(self) -> bool:
        """Is the best trial better than that?"""
        if self.baseline is None or self.best is None or self.best.value is None:
            return True
        value, number = self.best.value, self.baseline[1]
        return value > number if self.plan.maximize else value < number

    @property
    def epochs(self) -> int:
        return sum(trial.epochs for trial in self.trials)


def make_page(found: SearchResult, command: str) -> Page:
    """Return the page."""
    plan = found.plan
    parts: list[Part] = []
    if found.sentences:
        parts.append(Text("What the trials say", tuple(found.sentences)))
    parts += found.pictures
    parts.append(_best(found))
    parts += [_values(found, number) for number in range(len(found.insights))]
    return Page(
        title=sentence("{name}: {count} trials", name=plan.name, count=len(found.trials)),
        verdict=verdict(found),
        facts=_facts(found),
        parts=tuple(parts),
        spec=plan.source.text,
        commands=(command, "nndsl run best.nn", "nndsl search next.nn -o next"),
    )


def verdict(found: SearchResult) -> str:
    """Return the result of a search in one or two sentences."""
    plan, best = found.plan, found.best
    if best is None:
        none = "None of {count} trials came to its end: {ends}."
        return sentence(none, count=len(found.trials), ends=counted(found))
    said = [
        sentence(
            "The best of {count} trials has a {metric} of {value}, with {settings}.",
            count=len(found.trials),
            metric=sentence(plan.metric_in_words),
            value=f"{best.value:.4g}",
            settings=", ".join(f"{name} = {value}" for name, value in best.settings.items()),
        )
    ]
    if found.baseline is not None:
        answer, number = found.baseline
        known = {"how": sentence(answer), "number": f"{number:.4g}"}
        if found.beats_baseline:
            said.append(sentence("Without a network: by {how}, it is {number}.", **known))
        else:
            better = "No trial is better than without a network: by {how}, it is {number}."
            said.insert(0, sentence(better, **known))
    if found.run and (test := test_results(found.run.results)):
        unseen = "Trained with these values: {results}, on examples that no trial has seen."
        said.append(sentence(unseen, results=test))
    return reduce(lambda one, then: sentence("{before} {then}", before=one, then=then), said)


def counted(found: SearchResult) -> str:
    """Return how the trials ended: "60 finished, 39 stopped early, 1 diverged"."""
    counts = found.counts
    known = [(counts[end], word) for end, word in ENDS.items() if end in counts]
    ended = [sentence(f"{{count}} {word}", count=count) for count, word in known]
    return in_a_row(*ended) if ended else ""


def test_results(results: dict[str, float]) -> str:
    named = [
        sentence("{metric} {value}", metric=column_title(name), value=f"{value:.4f}")
        for name, value in results.items()
        if name.startswith("test_")
    ]
    return in_a_row(*named) if named else ""


def _facts(found: SearchResult) -> tuple[tuple[str, str], ...]:
    plan = found.plan
    facts = {
        "trials": counted(found),
        "judged by": plan.metric_in_words,
        "sampler": sentence("{name}, seed {seed}", name=plan.sampler.keyword(), seed=plan.seed),
        "epochs": sentence("{count} of all trials together", count=f"{found.epochs:,}"),
        "examples": part_sizes(plan.spec),
        "left out": plan.spec.description.leaving_out,
        "changed by --set": ", ".join(as_options(plan.settings)[1::2]),
        "nndsl": __version__,
    }
    return tuple((label, text) for label, text in facts.items() if text)


def _best(found: SearchResult) -> Table:
    plan = found.plan
    rows = tuple(_row(found, trial) for trial in rank_trials(found.trials, plan)[:SHOWN])
    names = map(verbatim, plan.ranges)
    heads = ("trial", *names, plan.metric_in_words, "outcome", "epochs")
    note = "trials.csv holds all of them." if len(found.trials) > SHOWN else ""
    return Table(sentence("The best {count} trials", count=len(rows)), heads, rows, note)


def _row(found: SearchResult, trial: Trial) -> tuple[str, ...]:
    values = (trial.settings[name] for name in found.plan.ranges)
    value = "–" if trial.value is None else f"{trial.value:.4g}"
    return (str(trial.number + 1), *values, value, sentence(ENDS[trial.end]), str(trial.epochs))


def _values(found: SearchResult, number: int) -> Table:
    insight = found.insights[number]
    rows = tuple((g.label, str(g.trials), f"{g.typical:.4g}") for g in insight.groups)
    metric = sentence("typical {metric}", metric=sentence(found.plan.metric_in_words))
    heads = (verbatim(insight.name), "trials", metric)
    title = sentence("The values of {name}", name=insight.name)
    if insight.share < MIN_SHARE and len(found.trials) < ENOUGH_TRIALS:
        note = clauses(sentence(TOO_FEW, count=len(found.trials), name=insight.name))
        return Table(title, heads, rows, note)
    beyond = ", beyond what the names before it explain" if number else ""
    explains = f"{{name}} explains {{share}} of the differences between trials{beyond}."
    note = sentence(explains, name=insight.name, share=f"{insight.share:.0%}")
    return Table(title, heads, rows, note)
