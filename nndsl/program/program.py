"""The program: everything a script says, as data, before it is laid out as text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from nndsl.analysis.graph import Graph
from nndsl.analysis.node import Node, Value
from nndsl.analysis.spec import Spec
from nndsl.ir import (
    Expression,
    KeywordStatement,
    Name,
    Operation,
    Statement,
    names_in,
    reads,
    renamed,
    statement,
)
from nndsl.ir.rows import size
from nndsl.program.constants import Constant
from nndsl.program.names import RESERVED
from nndsl.record import record
from nndsl.source import Copy, Origin
from nndsl.vocabulary.preparation import Preparation
from nndsl.vocabulary.regularizer import Regularizer


@record
class Function:
    """A function of the script."""

    name: str
    arguments: tuple[str, ...]
    docstring: str
    statements: tuple[Statement, ...]
    returns: Expression | None = None
    defaults: tuple[tuple[str, Expression], ...] = ()  # arguments that a call may leave out
    decorator: Statement | None = None
    keeps: tuple[str, ...] = ()  # what it makes although nobody reads it: copies are to be alike
    part: str = ""  # of a script, that a method belongs to: see program/parts.py
    result: str = ""  # what a method calls that which it returns, where that is an expression

    @property
    def head(self) -> Operation:
        """The function as if it were called."""
        return Operation(f"{self.name}()", tuple(map(Name, self.arguments)), self.defaults)

    @property
    def reads(self) -> set[str]:
        """All names that it reads, its own among them."""
        decorator = [self.decorator] if self.decorator is not None else []
        return reads([*self.body, *decorator])

    @property
    def body(self) -> tuple[Statement, ...]:
        """Its statements, with what it returns as the last."""
        if self.returns is None:
            return self.statements
        return (*self.statements, statement(KeywordStatement("return", self.returns)))

    def with_body(self, body: Sequence[Statement]) -> Function:
        """Return the function with another body, which may end without a `return`."""
        match body[-1].node if self.returns is not None and body else None:
            case KeywordStatement("return", returned):
                return replace(self, statements=tuple(body[:-1]), returns=returned)
        return replace(self, statements=tuple(body), returns=None)

    def rename(self, names: Mapping[str, str]) -> Function:
        """Return the function with other names for variables, those of its arguments, too."""
        return replace(
            self,
            arguments=tuple(names.get(name, name) for name in self.arguments),
            statements=tuple(made.rename(names) for made in self.statements),
            returns=renamed(self.returns, names) if self.returns is not None else None,
        )


@record
class Class:
    """A class of the script: a kind of layer with its forward and its backward pass."""

    name: str
    base: str  # empty: none
    docstring: str
    methods: tuple[Function, ...]
    attributes: tuple[Statement, ...] = ()  # that all of its objects begin with
    origin: Origin | None = None  # of the first layer that is an object of it

    @property
    def reads(self) -> set[str]:
        """All names that it reads."""
        own = {self.base} if self.base else set()
        return own.union(reads(self.attributes), *(method.reads for method in self.methods))


@record
class Array:
    """A parameter or a state: its name, shape and the expression that makes it.

    One that is stacked holds an array for each copy of a layer, in `parts` by the names that these
    have where the copies are written out.
    """

    name: str
    shape: tuple[int, ...]
    value: Expression
    layer: int  # the number of its layer among all
    is_weight: bool = False
    is_derived: bool = False  # its initializer is not that of the spec
    parts: tuple[str, ...] = ()
    regularize: Regularizer | None = None  # instead of that of the whole network
    is_frozen: bool = False  # it stays as it begins
    weights_from: str = ""  # the path of a file that it begins with

    @property
    def arrays(self) -> tuple[str, ...]:
        """The names that stand for it where all copies are written out."""
        return self.parts or (self.name,)

    @property
    def gradient(self) -> Expression:
        """Its gradient, of whose copies there are gradients if it is stacked."""
        parts = [Name(f"d{name}") for name in self.arrays]
        if not self.parts:
            return parts[0]
        return Operation("np.stack()", (Operation("list", tuple(parts)),))

    @property
    def array_shape(self) -> tuple[int, ...]:
        """The shape of each of these."""
        return self.shape[1:] if self.parts else self.shape


@record
class Update:
    """The optimizer: what one step does to one parameter."""

    title: str
    source: str
    states: tuple[tuple[str, float, str], ...]  # name, first value, what it is
    before: tuple[Statement, ...]  # once a step
    decay: tuple[Statement, ...]  # for weights alone
    statements: tuple[Statement, ...]
    schedules: tuple[Function, ...]
    memories: tuple[Statement, ...]  # of schedules that watch the training
    watch: tuple[Statement, ...]  # what they do after each epoch
    arguments: tuple[str, ...] = (
        "gradients",
    )  # of the function, and the number of the step if that counts

    @property
    def counts_steps(self) -> bool:
        """Does a step depend on how many there were before it?"""
        return len(self.arguments) > 1


@record
class Stopping:
    """Early stopping: statements of the training loop."""

    begin: tuple[Statement, ...]
    watch: tuple[Statement, ...]
    done: Expression
    finish: tuple[Statement, ...]


@record
class Averaging:
    """Weights that are averaged: statements of the training loop."""

    begin: tuple[Statement, ...]
    resume: tuple[Statement, ...]
    step: tuple[Statement, ...]
    judge: tuple[Statement, ...]


@record
class Training:
    """How the network is trained and judged."""

    loss_and_gradients: Function
    evaluate: Function
    update: Update
    metrics: tuple[str, ...]  # names of what `evaluate` returns after the loss
    terms: tuple[str, ...]  # what is added up to the loss, as equations: that of the data first
    has_penalty: bool
    stopping: Stopping | None
    averaging: Averaging | None
    mixing: Function | None  # of the arrays of a batch
    pieces: str  # the constant: how many pieces a batch is gone through in; empty: as a whole
    gaps: bool  # does the loss count the targets that there are, where some examples lack some?
    every: int  # epochs from one line of the report to the next
    by_steps: bool
    carried: tuple[str, ...] = ()  # the states that go on from batch to batch
    batch_loss: Function | None = None  # the loss alone, where the gradient comes from it

    @property
    def learner(self) -> Function:
        """What computes the loss: with its gradients, or alone where these come from it."""
        return self.batch_loss or self.loss_and_gradients

    def with_learner(self, learner: Function) -> Training:
        """Return the training with another function in the place of this one."""
        if self.batch_loss is not None:
            return replace(self, batch_loss=learner)
        return replace(self, loss_and_gradients=learner)

    @property
    def counts_steps(self) -> bool:
        """Does anything depend on the number of a step?"""
        averages = self.averaging is not None and "step" in reads(self.averaging.step)
        return self.by_steps or averages or self.update.counts_steps


@record
class Equation:
    """What a layer computes, in the names of the script."""

    text: str
    has_weights: bool
    copies: tuple[Copy, ...]  # of blocks around the layer, from the outermost
    block: str = ""  # that it is said for once: `transformer, 4 times`


@record
class File:
    """A file that a script reads beside itself: the constant of its path, and where it is now."""

    constant: str
    path: Path


@record
class Beginning:
    """A file of weights that some arrays begin with: its name beside the script, and theirs."""

    name: str
    file: File
    parameters: tuple[str, ...]
    states: tuple[str, ...]


@record
class Loading:
    """Where the examples come from and into which parts they fall."""

    function: Function
    parts: tuple[str, ...]  # training, validation, test: those that are not empty
    files: Mapping[str, File]  # by the name that they have beside the script
    title: str
    modules: tuple[str, ...]  # of the standard library, that `function` uses
    preparation: Preparation = field(default_factory=Preparation)  # it keeps `statistics`
    functions: tuple[Function, ...] = ()  # that `function` calls


@record
class ParameterSlice:
    """Where a parameter stands in the vector of all parameters: from `start` to before `end`."""

    name: str
    shape: tuple[int, ...]
    start: int
    end: int
    is_weight: bool


@record
class VectorStep:
    """The optimizer's step on blocks `p` of the vector, with gradients `g` and states."""

    before: tuple[Statement, ...]  # once a step
    numbers: tuple[Statement, ...]  # then
    decay: tuple[Statement, ...]  # for blocks of weights alone
    statements: tuple[Statement, ...]  # for every block
    scratch: tuple[str, ...]  # names of intermediate results
    sums: Mapping[str, str]  # states that are running sums -> the factor that makes means of them


@record
class Workspace:
    """The memory of a step, and the vector of all parameters.

    `step` is None where the optimizer does more than treat each number alone.
    """

    aligned: Function  # makes an array
    memory: Function  # makes those of a step
    slices: tuple[ParameterSlice, ...]
    size: int  # numbers in all parameters
    step: VectorStep | None


@record
class Program:
    """A whole script. `training` and `loading` are None where the spec does not say."""

    spec: Spec
    graph: Graph
    constants: tuple[Constant, ...]
    streams: tuple[str, ...]  # of random numbers: all up to the last that is used
    initializers: tuple[Function, ...]
    parameters: tuple[Array, ...]
    states: tuple[Array, ...]
    functions: tuple[Function, ...]  # that layers call
    predict: Function
    identity: str  # of the network: what saved weights belong to
    equations: tuple[Equation, ...]
    training: Training | None = None
    loading: Loading | None = None
    dtype: str = "np.float32"
    workspace: Workspace | None = None  # of an optimized program
    blocks: tuple[Function, ...] = ()  # that copies of a block call, if they are long
    counts: tuple[Statement, ...] = ()  # of rows, where examples have positions
    sampling: Function | None = None  # what it goes on with, where its data is a text
    checks: tuple[Function, ...] = ()  # of the gradients, where the script is to hold them
    values: Mapping[str, Node] = field(default_factory=dict)  # by name: the layer that outputs it
    values_within: Mapping[str, Collection[str]] = field(  # by function, where it has its own names
        default_factory=dict
    )
    value_names: Mapping[Value, str] = field(default_factory=dict)  # of the graph
    inputs: tuple[str, ...] = ("X",)  # what its functions take, in order
    targets: tuple[str, ...] = ("t",)
    example_weights: tuple[str, ...] = ()  # behind them, where some examples count more
    classes: tuple[Class, ...] = ()  # of its layers, where they are objects
    objects: tuple[Statement, ...] = ()  # made of these classes: the network, and the loss
    beginnings: tuple[Beginning, ...] = ()  # files of weights that it begins with
    array_names: Mapping[tuple[Node, str], str] = field(default_factory=dict)  # by node and role
    stacks: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # constants of arrays' names

    @property
    def methods(self) -> Mapping[str, Function]:
        """The methods of its classes, by `Class.method`."""
        return {f"{of.name}.{method.name}": method for of in self.classes for method in of.methods}

    @property
    def trained(self) -> tuple[Array, ...]:
        """The parameters that training moves."""
        return tuple(parameter for parameter in self.parameters if not parameter.is_frozen)

    @property
    def carried(self) -> tuple[str, ...]:
        """The states that go on from batch to batch, and are not kept."""
        return self.training.carried if self.training is not None else ()

    @property
    def files(self) -> Mapping[str, File]:
        """The files that it reads, by the name that they have beside it."""
        of_data = self.loading.files if self.loading is not None else {}
        return {**of_data, **{beginning.name: beginning.file for beginning in self.beginnings}}

    @property
    def arrays(self) -> Mapping[str, Array]:
        """Parameters and states, by the names that they have where all copies are written out."""
        return {name: a for a in (*self.parameters, *self.states) for name in a.arrays}

    @property
    def identifiers(self) -> set[str]:
        """Every name that stands in its functions and in the frame: new ones leave them alone."""
        functions = [*self.initializers, self.predict, *self.blocks]
        found = {constant.name for constant in self.constants}
        found |= {array.name for array in (*self.parameters, *self.states)}
        if self.training is not None:
            update, loss = self.training.update, self.training.batch_loss
            functions += [self.training.loss_and_gradients, *update.schedules]
            functions += [loss] if loss is not None else []
            found |= names_in((*update.before, *update.decay, *update.statements))
        return found.union(
            RESERVED,
            self.loading.modules if self.loading is not None else (),
            *({function.name} | names_in(function.statements) for function in functions),
        )

    def array_of(self, node: Node, role: str) -> tuple[str, int | None]:
        """Return the name of a layer's array, and which of those in it, if it is stacked."""
        name = self.array_names[node, role]
        array = self.arrays[name]
        return array.name, array.parts.index(name) if array.parts else None

    @property
    def allocates_in_loops(self) -> bool:
        """Does an optimized step make arrays? It does in loops alone."""
        if self.training is None or self.workspace is None:
            return False
        return any(s.is_compound for s in self.training.loss_and_gradients.statements)

    @property
    def largest_array(self) -> int:
        """The numbers in the largest array that a step makes, as far as shapes are said."""
        bodies = [self.training.loss_and_gradients] if self.training else []
        sizes = [size(s.shape or ()) for f in (*bodies, *self.blocks) for s in f.statements]
        batch = self.spec.train.batch if self.spec.train else 0
        return max((factor * batch**power for factor, power in sizes), default=0)

    @property
    def largest_product(self) -> int:
        """The multiplications in the largest layer of a training step, all examples together."""
        batch = self.spec.train.batch if self.spec.train else 0
        return batch * max((node.multiplications for node in self.graph.nodes), default=0)
