"""The optimizer's step: clipping, scheduled rates, and the update of a parameter."""

from collections.abc import Callable, Iterable

from nndsl.analysis.metrics import higher_is_better
from nndsl.ir import (
    Expression,
    Name,
    Operation,
    Statement,
    assign,
    block,
    parse_text,
    reads,
    wrapped,
)
from nndsl.languages import sentence
from nndsl.program.constants import Constants, constant, literal
from nndsl.program.context import Context
from nndsl.program.names import Names
from nndsl.program.program import Array, Function, Update
from nndsl.vocabulary.clip import Clip
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.schedule import Schedule
from nndsl.vocabulary.sections.train import Train

REMEMBERED = "what it has seen so far: `train` looks after each epoch"


VALUE = "value"  # how a text of a word calls the result that it watches


class UpdateWriter:
    """Writes what one step of the optimizer does.

    `total_steps` returns the name of the constant that says how many steps there are in all; it is
    asked only where a schedule needs it.
    """

    def __init__(self, names: Names, constants: Constants, total_steps: Callable[[], str]) -> None:
        self.names = names
        self.constants = constants
        self.total_steps = total_steps

    def write(
        self, optimizer: Optimizer, moved: str, index: str = "", clip: Clip | None = None
    ) -> Update:
        """Return what one step does; `moved` is the code of what it moves as `p`.

        `index` follows the name of a state, where it is one of many.
        """
        texts = [*parse_text(optimizer.update), *parse_text(optimizer.decay)]
        read = reads(texts)
        for statement in parse_text(clip.apply) if clip is not None else ():
            for name in statement.writes:
                self.names.reserve(name)
        states = {state: self.names.fresh(state) for state in optimizer.state}
        roles = {name: name for name in ("g", "step", "np", "math")} | {"p": moved}
        roles |= {state: f"{name}{index}" for state, name in states.items()}
        made = (name for text in texts for name in text.writes if name not in roles)
        roles |= {name: self.names.fresh(name) for name in dict.fromkeys(made)}
        before: list[Statement] = []
        schedules: list[Function] = []
        memories: list[Statement] = []
        watch: list[Statement] = []
        if clip is not None:
            text = parse_text(clip.apply)
            constants = self.constants.of_fields(clip, reads(text))
            before += [statement.rename(constants) for statement in text]
        for field in type(optimizer).model_fields:
            value = getattr(optimizer, field)
            if isinstance(value, Schedule) and field in read:
                name = optimizer.constants.get(field, field).lower()
                memory = self.names.fresh(value.keyword()) if value.watches else ""
                schedules.append(self._schedule(name, value, memory))
                if memory:
                    begin, watching = parse_text(value.begin), parse_text(value.watch)
                    known = reads([*begin, *watching])
                    own = self.constants.of_fields(value, known, prefix=False)
                    own |= {"memory": memory}
                    memories += [s.rename(own).with_comment(REMEMBERED) for s in begin]
                    watch += watched(value.watches, [s.rename(own) for s in watching])
                roles[field] = self.names.fresh(field)
                before += parse_text(f"{roles[field]} = {name}(step)")
        fixed = read - set(roles)
        roles |= self.constants.of_fields(optimizer, fixed, prefix=False)
        is_counted = bool(schedules) or "step" in read
        return Update(
            title=optimizer.title,
            source=optimizer.source,
            states=tuple(
                (states[s], first, optimizer.notes.get(s, ""))
                for s, first in optimizer.state.items()
            ),
            before=tuple(before),
            decay=tuple(s.rename(roles) for s in parse_text(optimizer.decay)),
            statements=tuple(s.rename(roles) for s in parse_text(optimizer.update)),
            schedules=tuple(schedules),
            memories=tuple(memories),
            watch=tuple(watch),
            arguments=("gradients", "step") if is_counted else ("gradients",),
        )

    def _schedule(self, name: str, schedule: Schedule, memory: str) -> Function:
        text = parse_text(schedule.value)
        read = reads(text)
        roles: dict[str, str] = {"step": "step", "math": "math", "memory": memory}
        roles |= self.constants.of_fields(schedule, read, prefix=False)
        if "total_steps" in read:
            roles["total_steps"] = self.total_steps()
        *statements, last = (s.rename(roles) for s in text)
        rate: Expression = Name("rate")
        if last.target == "rate" and last.value is not None:
            rate = last.value
        else:
            statements.append(last)
        return Function(
            self.names.fresh(name), ("step",), schedule.explanation, tuple(statements), rate
        )


def watched(metric: str, statements: Iterable[Statement]) -> list[Statement]:
    """Return statements of the training loop that read as `value` a result, less being better."""
    name = "mean_loss" if metric == "training_loss" else metric
    if higher_is_better(metric):
        return [*parse_text(f"{VALUE} = -{name}   # so that less is better"), *statements]
    return [statement.rename({VALUE: name}) for statement in statements]


def write_states(update: Update, parameters: tuple[Array, ...]) -> tuple[Statement, ...]:
    """Return what an optimizer remembers, and which parameters are weights if that counts."""
    made = []
    for name, first, note in update.states:
        like = f"np.full_like(p, {literal(first)})" if first else "np.zeros_like(p)"
        (state,) = parse_text(f"{name} = {{name: {like} for name, p in params.items()}}")
        made.append(state.with_comment(note))
    if update.decay:
        weights = Operation("set", tuple(constant(p.name) for p in parameters if p.is_weight))
        made.append(assign("WEIGHTS", wrapped(weights)))
    return tuple(made)


def write_step(update: Update, *, moves_all: bool = True) -> Function:
    """Write the function that moves parameters by their gradients."""
    decay = [block("if name in WEIGHTS:   # nothing but weights decays", update.decay)]
    each = [*decay * bool(update.decay), *update.statements]
    return Function(
        "update",
        update.arguments,
        sentence(
            "Move {parameters} one step downhill ({source}).",
            parameters=sentence("every parameter" if moves_all else "what is trained"),
            source=sentence(update.source),
        ),
        (*update.before, block("for name, g in gradients.items():", each)),
    )


def write_update(context: Context, train: Train) -> Update:
    """Return what one step of a training does to one parameter."""
    optimizer = train.optimizer
    writer = UpdateWriter(context.names, context.constants, lambda: _total_steps(context, train))
    return writer.write(optimizer, "params[name]", "[name]", train.clip)


def _total_steps(context: Context, train: Train) -> str:
    """Return the name of the number of steps, which follows from the other settings."""
    if train.steps is not None:
        return "STEPS"
    examples = context.spec.training_examples
    assert examples is not None, "checked before"
    batches = f"math.ceil({examples} / BATCH_SIZE)"
    says = sentence("steps of a training on {examples} examples", examples=examples)
    return context.constants.add_code("TOTAL_STEPS", f"EPOCHS * {batches}", says)
