"""The outputs that learn, in the names of the script: what each is compared with, and its loss."""

from collections.abc import Iterable
from dataclasses import replace

from nndsl.analysis.node import Value
from nndsl.analysis.spec import Head
from nndsl.ir import Expression, Name, Operation, Statement, assign, parse_text, reads
from nndsl.ir.printer import expression
from nndsl.ir.symbols import number
from nndsl.program.context import Context
from nndsl.program.layers import Layers
from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.loss import Loss

WEIGHT = "how much this loss counts"


class HeadWriter:
    """Writes the loss of an output. `loss` and `t` are the names of its loss and its targets."""

    def __init__(self, context: Context, layers: Layers, head: Head, value: Value) -> None:
        self.head = head
        self._context = context
        self.output = layers.values[value]
        self.shape: Shape = value.shape
        names, ending = context.names, f"_{head.name}" if head.name else ""
        self.t = names.fresh(f"t{ending}") if head.name and head.loss.has_targets else "t"
        self.loss = names.fresh(f"{head.name}_loss") if head.name else "loss"
        self.has_gaps = context.spec.description_of(head).has_gaps
        self.x = names.fresh(f"scores{ending}") if self.has_gaps else self.output
        self.real, self.example = f"real{ending}", f"example{ending}"
        self.rows = {"t": self.t, "N": "N"}
        if isinstance(value.shape, SequenceShape):
            targets = f"targets{ending}"
            self.rows = {
                "t": names.fresh(targets) if head.name else targets,
                "N": layers.rows(value.shape[0]),
            }
        if self.has_gaps:
            self.real, self.example = names.fresh(self.real), names.fresh(self.example)
            self.rows["N"] = names.fresh(f"count{ending}")
        self.roles = self._roles()
        self.weight = ""  # of its loss in the sum, where it is not 1
        if head.weight != 1:
            name = f"{head.name.upper()}_WEIGHT"
            self.weight = context.constants.add(name, head.weight, WEIGHT)

    @property
    def of(self) -> Loss:
        """The loss itself."""
        return self.head.loss

    def _roles(self) -> dict[str, str]:
        loss, context = self.head.loss, self._context
        texts = [*parse_text(loss.forward), *parse_text(loss.backward)]
        roles = {"x": self.x, "dx": f"d{self.x}", "loss": self.loss}
        roles |= self.rows | {"dtype": context.dtype, "np": "np", "math": "math"}
        found = loss.found.keeps if loss.found is not None else ()
        roles |= {name: f'statistics["{name}"]' for name in found}
        roles |= context.constants.of_fields(loss, reads(texts) - {*found}, prefix=False)
        for name in (name for s in texts for name in s.writes):
            if name not in roles:
                roles[name] = context.names.fresh(name)
        return roles

    def targets(self) -> list[Statement]:
        """Return the statements that lay the targets out as the output is, if any are needed."""
        if not self.of.has_targets or not isinstance(self.shape, SequenceShape):
            return []
        width = "" if self.head.loss.targets == "classes" else f", {self.shape[-1]}"
        name, made = self.rows["t"], f"{self.t}.reshape(-1{width})"
        text = f"{name} = {made}   # one for each position"
        if self.has_gaps:
            text = f"""
                {text}
                {self.real} = {name} >= 0   # where there is a target
                {self.example} = np.flatnonzero({self.real}) // {expression(number(self.shape[0]))}
                {self.x}, {name} = {self.output}[{self.real}], {name}[{self.real}]
                {self.rows["N"]} = len({name})
            """
        return list(parse_text(text))

    def written(self, text: str) -> list[Statement]:
        """Return a text of the loss in the names of the script."""
        return [replace(s.rename(self.roles), origin=self.head.origin) for s in parse_text(text)]

    def backward(self) -> list[Statement]:
        """Return the statements from the loss to the gradient of the output."""
        made = self.written(self.head.loss.backward)
        if self.weight:
            made += parse_text(f"d{self.x} *= {self.weight}   # as its loss counts")
        return made + self.spread(Name(f"d{self.x}"))

    def spread(self, gradient: Expression) -> list[Statement]:
        """Return the statements that put a gradient where there are targets, if some have none."""
        if not self.has_gaps:
            return []
        place = f"d{self.output}"
        zeros = parse_text(f"{place} = np.zeros_like({self.output})   # 0 where there is none")
        return [*zeros, assign(Operation("[]", (Name(place), Name(self.real))), gradient)]


def write_sum(heads: Iterable[HeadWriter]) -> list[Statement]:
    """Return the statement that adds the losses of several outputs up."""
    terms = [f"{head.weight} * {head.loss}" if head.weight else head.loss for head in heads]
    return list(parse_text(f"loss = {' + '.join(terms)}")) if terms != ["loss"] else []
