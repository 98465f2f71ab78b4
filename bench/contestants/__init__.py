"""Who is measured. A contestant builds a function that takes one training step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from bench.machine import version
from bench.networks import DenseNetwork, Network

Step = Callable[[int], None]  # takes the number of the step: it chooses the batch


@dataclass(frozen=True)
class Contestant:
    """`place` is module:function of a function that returns a step."""

    title: str
    place: str
    needs: str = "numpy"  # the package
    own: bool = False  # nndsl itself
    options: tuple[tuple[str, object], ...] = ()
    threads: int | None = None  # None: as the library, or the script, chooses

    @property
    def is_there(self) -> bool:
        return version(self.needs) is not None

    def build(self, network: Network) -> Step:
        module, _, function = self.place.partition(":")
        step: Step = getattr(import_module(f"bench.contestants.{module}"), function)(
            network, **dict(self.options)
        )
        return step

    def takes(self, network: Network) -> bool:
        """Can it run this network at all?"""
        if self.place in ("script:build", "script:build_live", "pytorch:build"):
            return True
        if not isinstance(network, DenseNetwork):
            return False
        return self.place != "textbook:build" or not (network.normalized or network.table)


def _torch(title: str, **options: object) -> Contestant:
    return Contestant(title, "pytorch:build", "torch", options=tuple(options.items()))


CONTESTANTS = {
    "script": Contestant("script", "script:build", own=True),
    "optimized": Contestant(
        "script, --optimize", "script:build", own=True, options=(("optimize", True),)
    ),
    "in-process": Contestant("in process, --optimize", "script:build_live", own=True),
    "torch": _torch("PyTorch"),
    "torch-foreach": _torch("PyTorch, foreach", foreach=True),
    "torch-fused": _torch("PyTorch, fused", fused=True),
    "torch-compile": _torch("torch.compile, fused", fused=True, compiled=True),
    "jax": Contestant("JAX jit", "jax_jit:build", "jax"),
    "textbook": Contestant("textbook style", "textbook:build"),
    "products": Contestant("matrix products alone", "products:build"),
    "products-one": Contestant("the same, on one thread", "products:build", threads=1),
}
PEERS = ("torch", "torch-foreach", "torch-fused", "torch-compile", "jax")
