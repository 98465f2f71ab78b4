"""When training ends early, and when it reports."""

from __future__ import annotations

from nndsl.analysis.targets import training_examples
from nndsl.ir import Expression, names_of, parse_text, parse_value, reads, renamed
from nndsl.program.context import Context
from nndsl.program.evaluation import higher_is_better
from nndsl.program.program import Stopping
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train

MAX_REPORTS = 20  # lines of a run, where the spec does not say


def write_stopping(context: Context, train: Train) -> Stopping | None:
    """Return the statements that may end training early, or None."""
    stop = train.stop
    if stop is None:
        return None
    texts = {name: parse_text(getattr(stop, name)) for name in ("begin", "watch", "finish")}
    done, kept = parse_value(stop.done), parse_value(stop.kept)
    read = reads([*texts["begin"], *texts["watch"], *texts["finish"]])
    read |= {*names_of(done), *names_of(kept)}
    roles = context.constants.of_fields(stop, read)
    return Stopping(
        metric="loss" if stop.metric == "training_loss" else stop.metric,  # as it is reported
        higher_is_better=higher_is_better(stop.metric),
        done=renamed(done, roles),
        begin=tuple(s.rename(roles) for s in texts["begin"]),
        watch=tuple(s.rename(roles) for s in texts["watch"]),
        finish=tuple(s.rename(roles) for s in texts["finish"]),
        kept=renamed(kept, roles),
    )


def write_due(context: Context, train: Train) -> Expression | None:
    """Return when a report is due, as an expression over `epoch`; None: after every epoch."""
    names: dict[str, str] = {}
    if train.report is not None:
        due = parse_value(train.report.due)
        names |= context.constants.of_fields(train.report, names_of(due))
    else:
        every = -(-_epochs(context, train) // MAX_REPORTS)
        if every <= 1:
            return None
        due = parse_value("epoch % REPORT_EVERY == 0")
        context.constants.add(
            "REPORT_EVERY", every, "epochs from one line of the report to the next"
        )
    return renamed(due, names)


def _epochs(context: Context, train: Train) -> int:
    """Return the number of epochs, 1 where it is not known."""
    if train.steps is None:
        return train.epochs or DEFAULT_EPOCHS
    examples = training_examples(context.spec)
    return -(-train.steps // -(-examples // train.batch)) if examples else 1
