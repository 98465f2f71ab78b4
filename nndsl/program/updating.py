"""The optimizer's step: clipping, scheduled rates, and the update of a parameter."""

from __future__ import annotations

from nndsl.analysis.targets import training_examples
from nndsl.program.constants import literal
from nndsl.program.context import Context, reads
from nndsl.program.program import Function, Update
from nndsl.statements import Statement, parse_text
from nndsl.vocabulary.schedule import Schedule
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train


class UpdateWriter:
    """Writes what one step of the optimizer does."""

    def __init__(self, context: Context, train: Train) -> None:
        self.context = context
        self.train = train

    def write(self) -> Update:
        """Return what one step does to one parameter."""
        optimizer = self.train.optimizer
        texts = [*parse_text(optimizer.update), *parse_text(optimizer.decay)]
        read = reads(texts)
        roles: dict[str, str] = {
            "p": "params[name]",
            "g": "g",
            "step": "step",
            "np": "np",
            "math": "math",
        }
        roles |= {state: f"{state}[name]" for state in optimizer.state}
        before: list[Statement] = []
        schedules: list[Function] = []
        if self.train.clip is not None:
            text = parse_text(self.train.clip.apply)
            constants = self.context.constants.of_fields(self.train.clip, reads(text))
            before += [statement.rename(constants) for statement in text]
        for field in type(optimizer).model_fields:
            value = getattr(optimizer, field)
            if isinstance(value, Schedule) and field in read:
                name = optimizer.constants.get(field, field).lower()
                schedules.append(self._schedule(name, value))
                roles[field] = self.context.names.fresh(field)
                before += parse_text(f"{roles[field]} = {name}(step)")
        fixed = read - set(roles)
        roles |= self.context.constants.of_fields(optimizer, fixed, prefix=False)
        return Update(
            title=optimizer.title,
            source=optimizer.source,
            states=tuple(
                (s, first, optimizer.notes.get(s, "")) for s, first in optimizer.state.items()
            ),
            before=tuple(before),
            decay=tuple(s.rename(roles) for s in parse_text(optimizer.decay)),
            statements=tuple(s.rename(roles) for s in parse_text(optimizer.update)),
            schedules=tuple(schedules),
        )

    def _schedule(self, name: str, schedule: Schedule) -> Function:
        text = parse_text(schedule.value)
        read = reads(text)
        roles: dict[str, str] = {"step": "step", "math": "math"}
        roles |= self.context.constants.of_fields(schedule, read, prefix=False)
        if "total_steps" in read:
            total, comment = self._total_steps()
            roles["total_steps"] = self.context.constants.add("TOTAL_STEPS", total, comment)
        return Function(
            self.context.names.fresh(name),
            "step",
            schedule.explanation,
            tuple(s.rename(roles) for s in text),
            "rate",
        )

    def _total_steps(self) -> tuple[str, str]:
        if self.train.steps is not None:
            return literal(self.train.steps), "steps of the whole training"
        examples = training_examples(self.context.spec)
        assert examples is not None, "checked before"
        batches = -(-examples // self.train.batch)
        epochs = self.train.epochs or DEFAULT_EPOCHS
        return literal(epochs * batches), f"{epochs} epochs of {batches} batches"
