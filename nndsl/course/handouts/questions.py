"""What a handout asks, and why: of a script before it runs, and of the words of its page."""

import math
from collections.abc import Iterator, Mapping

from nndsl.analysis.node import size
from nndsl.course.handouts.handout import Derivation, Question
from nndsl.emit.layout import shape_text
from nndsl.languages import translated
from nndsl.program.program import Program
from nndsl.program.sections import NETWORK, OPTIMIZER, PARAMETERS
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer

_MAX_TERMS = 8  # of a sum that is still read


class Words:
    """The words of a page that have derivations and questions: what they say is said once."""

    def __init__(self, program: Program, lines: Mapping[int, Builtin]) -> None:
        """`lines` of the page with their words: layers, and losses."""
        self._program, self._lines = program, lines
        self._derived: set[str] = set()

    def derivation(self, line: int) -> Iterator[Derivation]:
        """Yield why the backward pass of a line of the page is what it is, the first time."""
        word = self._lines.get(line) if line else None
        if word is not None and word.derivation and word.derivation not in self._derived:
            self._derived.add(word.derivation)
            said = "\n\n".join(map(translated, _paragraphs_of(word.derivation)))
            yield Derivation(line, word.keyword(), said)

    def questions(self, kind: str) -> Iterator[Question]:
        """Yield what to ask of a kind of section: of each of its words once."""
        program = self._program
        words: list[Builtin] = []
        if kind == PARAMETERS:
            arrays = [p for node in program.graph.nodes for p in node.parameters.values()]
            words = [array.init for array in arrays if isinstance(array.init, Builtin)]
        elif kind == NETWORK:
            words = [
                word
                for word in self._lines.values()
                if has_backward_pass(program) or not isinstance(word, Layer)
            ]
        elif kind == OPTIMIZER and program.spec.train is not None:
            words = [program.spec.train.optimizer]
        for word in {word.keyword(): word for word in words}.values():
            for paragraph in _paragraphs_of(word.questions):
                text, _, answer = paragraph.partition(" = ")
                yield Question(translated(text), translated(answer))


def _paragraphs_of(text: str) -> list[str]:
    """Return the paragraphs of a word's text, a line each, as they are translated."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return [paragraph for paragraph in paragraphs if paragraph]


def has_backward_pass(program: Program) -> bool:
    """Whether the script trains, and finds its gradient by backpropagation."""
    train = program.spec.train
    return program.training is not None and train is not None and train.gradient is None


def predictions(program: Program) -> Iterator[Question]:
    """Yield what can be said before the script runs, with what it then says."""
    parameters = [array for array in program.parameters if array.is_weight]
    if parameters and has_backward_pass(program):
        first = parameters[0]
        yield Question(
            translated(
                "Which shape has the gradient of `{name}`?"
                " Say it before you look at the backward pass.",
                name=first.name,
            ),
            translated(
                "`{shape}`, as `{name}` itself: each number of it has a slope.",
                shape=shape_text(first.shape),
                name=first.name,
            ),
        )
    counts = [size(array.shape) for array in program.parameters]
    few = len(counts) <= _MAX_TERMS
    yield Question(
        translated("How many numbers does the network learn?"),
        translated(
            "{sum} = {count:,}." if few else "{count:,}, in {arrays} arrays.",
            sum=" + ".join(f"{n:,}" for n in counts),
            count=sum(counts),
            arrays=len(counts),
        ),
    )
    train, examples = program.spec.train, program.spec.training_examples
    if train is not None and examples:
        yield Question(
            translated("How many times does one epoch call `update`?"),
            translated(
                "{examples:,} examples in batches of {batch:,}: {steps:,} times.",
                examples=examples,
                batch=train.batch,
                steps=math.ceil(examples / train.batch),
            ),
        )
