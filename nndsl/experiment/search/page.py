"""The result of a search, and its page: the best values, and insights on each name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from nndsl import __version__
from nndsl.analysis.metrics import best_baseline
from nndsl.analysis.override import as_options
from nndsl.experiment.comparison.results import column_title
from nndsl.experiment.job import Outcome
from nndsl.experiment.search.insight import ENOUGH_TRIALS, MIN_SHARE, Insight
from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.trial import Trial, rank_trials
from nndsl.languages import in_a_row, sentence
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
        title=f"{plan.name}: {len(found.trials)} trials",
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
        return f"None of {len(found.trials)} trials came to its end: {counted(found)}."
    values = ", ".join(f"{name} = {value}" for name, value in best.settings.items())
    text = (
        f"The best of {len(found.trials)} trials has a {plan.metric_in_words} of "
        f"{best.value:.4g}, with {values}."
    )
    if found.baseline is not None:
        answer, number = found.baseline
        reached = f"without a network: by {answer}, it is {number:.4g}."
        if found.beats_baseline:
            text += f" {reached.capitalize()}"
        else:
            text = f"No trial is better than {reached} {text}"
    if found.run and (test := test_results(found.run.results)):
        text += f" Trained with these values: {test}, on examples that no trial has seen."
    return text


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
        "sampler": f"{plan.sampler.keyword()}, seed {plan.seed}",
        "epochs": f"{found.epochs:,} of all trials together",
        "examples": part_sizes(plan.spec),
        "left out": plan.spec.description.leaving_out,
        "changed by --set": ", ".join(as_options(plan.settings)[1::2]),
        "nndsl": __version__,
    }
    return tuple((label, text) for label, text in facts.items() if text)


def _best(found: SearchResult) -> Table:
    plan = found.plan
    rows = tuple(_row(found, trial) for trial in rank_trials(found.trials, plan)[:SHOWN])
    heads = ("trial", *plan.ranges, plan.metric_in_words, "end", "epochs")
    note = "trials.csv holds all of them." if len(found.trials) > SHOWN else ""
    return Table(f"The best {len(rows)} trials", heads, rows, note)


def _row(found: SearchResult, trial: Trial) -> tuple[str, ...]:
    values = (trial.settings[name] for name in found.plan.ranges)
    value = "–" if trial.value is None else f"{trial.value:.4g}"
    return (str(trial.number + 1), *values, value, ENDS[trial.end], str(trial.epochs))


def _values(found: SearchResult, number: int) -> Table:
    insight = found.insights[number]
    rows = tuple((g.label, str(g.trials), f"{g.typical:.4g}") for g in insight.groups)
    heads = (insight.name, "trials", f"typical {found.plan.metric_in_words}")
    if insight.share < MIN_SHARE and len(found.trials) < ENOUGH_TRIALS:
        note = f"{len(found.trials)} trials are too few to say what {insight.name} does."
        return Table(f"The values of {insight.name}", heads, rows, note)
    note = f"{insight.name} explains {insight.share:.0%} of the differences between trials"
    note += ", beyond what the names before it explain." if number else "."
    return Table(f"The values of {insight.name}", heads, rows, note)
