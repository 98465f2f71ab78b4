"""A rate that falls where nothing gets better."""

from pydantic import Field

from nndsl.vocabulary.builtin import NameOf, NonNegativeReal, PositiveReal, Size
from nndsl.vocabulary.schedule import Schedule


class Plateau(Schedule):
    """Falls by a factor whenever nothing got better for a while. By definition.

    PyTorch's and Keras' ReduceLROnPlateau, with a threshold of 0: it falls after more than
    `patience` epochs without improvement.
    """

    called = ("reduce_on_plateau", "reduce_lr_on_plateau", "ReduceLROnPlateau")

    base: NonNegativeReal = Field(description="the rate of the first epochs")
    factor: PositiveReal = Field(0.1, description="what each fall multiplies the rate by")
    patience: Size = Field(10, description="epochs without improvement before it falls")
    floor: NonNegativeReal = Field(0.0, description="the least rate")
    metric: NameOf = Field("validation_loss", description="what must improve")

    constants = Schedule.constants | {
        "factor": "DECAY_FACTOR",
        "patience": "PLATEAU_PATIENCE",
        "floor": "FINAL_RATE",
    }
    explanation = "Falls by a factor where nothing got better for some epochs: see train."
    value = 'rate = memory["rate"]'
    begin = 'memory = {"rate": base, "best": math.inf, "waited": 0}'

    @property
    def watch(self) -> str:  # type: ignore[override]
        fallen = 'memory["rate"] * factor'
        if self.floor:
            fallen = f"max(floor, {fallen})"
        return f"""
            if value < memory["best"]:
                memory.update(best=value, waited=0)
            else:
                memory["waited"] += 1
            if memory["waited"] > patience:   # a plateau: smaller steps from here on
                memory.update(rate={fallen}, waited=0)
        """

    @property
    def watches(self) -> str:
        return self.metric
