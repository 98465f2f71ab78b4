"""When training ends early, and when it reports."""

from __future__ import annotations

from nndsl.analysis.targets import training_examples
from nndsl.program.constants import literal
from nndsl.program.context import Context, reads
from nndsl.program.evaluation import higher_is_better
from nndsl.program.program import Stopping
from nndsl.statements import parse_expression, parse_text
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train

MOST_REPORTS = 20  # lines of a run, where the spec does not say


def write_stopping(context: Context, train: Train) -> Stopping | None:
    """Return the statements that may end training early, or None."""
    stop = train.stop
    if stop is None:
        return None
    texts = {name: parse_text(getattr(stop, name)) for name in ("begin", "watch", "finish")}
    done, kept = parse_expression(stop.done), parse_expression(stop.kept)
    read = reads([*texts["begin"], *texts["watch"], done, *texts["finish"], kept])
    roles = context.constants.of_fields(stop, read)
    return Stopping(
        metric="loss" if stop.metric == "training_loss" else stop.metric,  # as it is reported
        higher_is_better=higher_is_better(stop.metric),
        done="".join(done.rename(roles).value or ()),
        begin=tuple(s.rename(roles) for s in texts["begin"]),
        watch=tuple(s.rename(roles) for s in texts["watch"]),
        finish=tuple(s.rename(roles) for s in texts["finish"]),
        kept="".join(kept.rename(roles).value or ()),
    )


def write_due(context: Context, train: Train) -> str:
    """Return when a report is due, as an expression over `epoch`; empty: after every epoch."""
    names: dict[str, str] = {}
    if train.report is not None:
        due = parse_expression(train.report.due)
        names |= context.constants.of_fields(train.report, due.reads)
    else:
        every = -(-_epochs(context, train) // MOST_REPORTS)
        if every <= 1:
            return ""
        due = parse_expression("epoch % REPORT_EVERY == 0")
        context.constants.add(
            "REPORT_EVERY", literal(every), "epochs from one line of the report to the next"
        )
    return "".join(due.rename(names).value or ())


def _epochs(context: Context, train: Train) -> int:
    """Return the number of epochs, 1 where it is not known."""
    if train.steps is None:
        return train.epochs or DEFAULT_EPOCHS
    examples = training_examples(context.spec)
    return -(-train.steps // -(-examples // train.batch)) if examples else 1
