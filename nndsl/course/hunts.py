"""Bug hunts: a script for each student with mistakes that people make.

A line in which a mistake could be has no comment, whether it is wrong or not, each is as likely
to be wrong, and a few say the same in another order: what differs from `nndsl build` is not all
wrong.
"""

from __future__ import annotations

import contextlib
import warnings
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from nndsl.course.balance import Floats, likely_mistakes
from nndsl.course.checks import Checks, items
from nndsl.course.hunt_key import Hunt, Planted, named
from nndsl.course.mistakes import (
    BACKWARD,
    DATA,
    EVALUATION,
    FORWARD,
    INIT,
    LOSS,
    NUMERICS,
    UPDATING,
    Mistake,
    Statements,
    natural_mistakes,
)
from nndsl.course.observation import observe, within
from nndsl.course.planting import (
    changes,
    functions_of,
    harmless,
    planted,
    span,
    touched,
    with_functions,
    without_reasons,
)
from nndsl.course.reference import Reference
from nndsl.course.training_shown import PATH, Trainings
from nndsl.emit.build import build_program
from nndsl.emit.script import write_script
from nndsl.explained import ExplainedError
from nndsl.languages import sentence
from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.model import Model
from nndsl.live.script.check import check_script
from nndsl.program.block_functions import extract_blocks
from nndsl.program.sections import Section

LEVELS: Mapping[int, tuple[str, ...]] = {
    1: (BACKWARD, UPDATING),
    2: (BACKWARD, UPDATING, FORWARD, LOSS, INIT),
    3: (BACKWARD, UPDATING, FORWARD, LOSS, INIT, DATA, EVALUATION, NUMERICS),
}
SEED = 0  # of the numbers that a mistake shows with
REWRITTEN = 8  # statements that are written in another way
TRIES = 60  # mistakes that are tried
TRAININGS = 3  # that are tried for one which shows the mistake
CRASHES = "it fails"  # what a check says of it: that is found at once


class HuntError(ExplainedError):
    """No mistake of that kind can be made in the script."""


class Hunts:
    """Makes hunts of the script of a page."""

    def __init__(self, reference: Reference, parts: Sequence[str], name: str = PATH) -> None:
        """`parts` of the script may have mistakes: those of a level, say."""
        self.reference, self.parts, self.name = reference, parts, name
        self._program = extract_blocks(build_program(reference.checked))
        found: dict[str, Statements] = {}

        def read(sections: list[Section]) -> list[Section]:
            found.update(functions_of(sections))
            return sections

        write_script(self._program, name=name, rewrite=read)
        self._expected = reference.expected(SEED)
        point = within(self._expected, "point0", "value")
        functions = {key.partition("/")[0] for key in point}
        arrays = {function: within(point, function) for function in functions}
        arrays |= {"update": within(self._expected, "update", "value", "update")}
        with_reasons = natural_mistakes(self._program, found, arrays)
        places = {(mistake.function, mistake.at) for mistake in with_reasons}
        self._functions = {
            function: tuple(
                without_reasons(made) if (function, at) in places else made
                for at, made in enumerate(body)
            )
            for function, body in found.items()
        }
        self.mistakes = natural_mistakes(self._program, self._functions, arrays)
        self._known: dict[Mistake, tuple[str, ...]] = {}  # what is wrong by each
        self._trainings = Trainings(reference)
        self._shown: dict[tuple[Mistake, ...], tuple[str, bool]] = {}

    def make(
        self,
        student: str,
        seed: int,
        count: int,
        *,
        rewritten: int = REWRITTEN,
        is_trained: bool = True,
    ) -> Hunt:
        """Return the hunt of a student. HuntError where there are not so many mistakes.

        `rewritten` statements are written in another way. `is_trained`: it is said what shows;
        mistakes that training shows are taken before others.
        """
        rng = np.random.default_rng([seed, zlib.crc32(student.encode())])
        chosen = tried = self._chosen(rng, count)
        for _ in range(TRAININGS * is_trained):
            if self._seen(tried)[1]:
                chosen = tried
                break
            with contextlib.suppress(HuntError):  # those that are left cannot be told apart
                tried = self._chosen(rng, count)
        functions, rewritten_too = self._in_another_way(rng, rewritten, chosen)
        right, text = self._text(functions), self._text(planted(functions, rewritten_too))
        shown = map(self._wrong_by, chosen)
        mistakes = [
            self._planted(functions, right, text, mistake, shows)
            for mistake, shows in zip(rewritten_too, shown, strict=True)
        ]
        mistakes.sort(key=lambda one: one.first)
        seen, reached = "", ""
        if is_trained:
            (seen, is_shown), reached = self._seen(chosen), self._trainings.reached
            if seen and not is_shown:
                also = "{seen}; what is wrong all the same: {names}"
                seen = sentence(also, seen=seen, names=named(mistakes))
        return Hunt(student, seed, text, right, tuple(mistakes), seen, reached)

    # --- Which mistakes -----------------------------------------------------------------

    def _chosen(self, rng: np.random.Generator, count: int) -> tuple[Mistake, ...]:
        """Draw mistakes that can be told apart, and that each show in a check. HuntError."""
        mistakes, likely = self._likely
        chosen: list[Mistake] = []
        drawn = np.log(likely + 1e-300) + rng.gumbel(size=len(likely))  # each as it is likely
        for number in np.argsort(-drawn, kind="stable")[:TRIES]:
            mistake = mistakes[number]
            others = [other for other in chosen if other.function == mistake.function]
            if any(
                abs(other.at - mistake.at) <= 1 or other.body or mistake.body for other in others
            ):
                continue  # they could not be told apart
            together = self._text(planted(self._functions, [*chosen, mistake]))
            if self._wrong_by(mistake) and (not chosen or self.wrong_results(together) is not None):
                chosen.append(mistake)
                if len(chosen) == count:
                    return tuple(chosen)
        raise HuntError(
            f"{len(chosen) or 'no'} of {count} mistakes were found that the script may have",
            "allow fewer with --count, or others with --level",
        )

    @cached_property
    def _likely(self) -> tuple[list[Mistake], Floats]:
        """Mistakes that show, and how likely each is; those of data are checked when drawn."""
        asked = [mistake for mistake in self.mistakes if mistake.part in self.parts]
        return likely_mistakes(
            asked, self._functions, lambda one: one.part == DATA or bool(self._wrong_by(one))
        )

    def lines(self) -> list[int]:
        """Return the numbers of the lines of the right script in which a mistake may be."""
        right = self._text(self._functions).split("\n")
        wrong = (self._text(planted(self._functions, [m])).split("\n") for m in self._likely[0])
        return sorted({span(changes(right, text))[0] + 1 for text in wrong})

    def _in_another_way(
        self, rng: np.random.Generator, count: int, chosen: tuple[Mistake, ...]
    ) -> tuple[Mapping[str, Statements], tuple[Mistake, ...]]:
        """Return the statements of the script, some of them written in another way, and mistakes.

        A statement with a mistake is as likely to be rewritten, with it and without.
        """
        wrong = {(mistake.function, mistake.at): mistake for mistake in chosen}
        functions = {function: [*body] for function, body in self._functions.items()}
        places = [(f, at) for f, body in functions.items() for at in range(len(body))]
        for number in rng.permutation(len(places)):
            function, at = place = places[number]
            made = functions[function][at]
            ways, ways_of_wrong = harmless(made), {}
            if place in wrong:
                node = wrong[place].node
                ways_of_wrong = harmless(made.with_node(node)) if node is not None else {}
                ways = {way: ways[way] for way in ways if way in ways_of_wrong}
            if ways and count:
                way = [*ways][rng.integers(len(ways))]
                functions[function][at] = ways[way]
                if place in wrong:
                    wrong[place] = replace(wrong[place], node=ways_of_wrong[way].node)
                count -= 1
        changed = {function: tuple(body) for function, body in functions.items()}
        mistakes = tuple(wrong[mistake.function, mistake.at] for mistake in chosen)
        is_right = self.wrong_results(self._text(changed)) == ()
        return (changed, mistakes) if is_right else (self._functions, chosen)

    def _text(self, functions: Mapping[str, Statements]) -> str:
        return write_script(
            self._program,
            name=self.name,
            rewrite=lambda sections: with_functions(sections, functions),
        ).text

    # --- What is wrong by them ----------------------------------------------------------

    def _wrong_by(self, mistake: Mistake) -> tuple[str, ...]:
        """Return the results and the parts that are wrong by a mistake. Empty: it is none."""
        if mistake not in self._known:
            text = self._text(planted(self._functions, [mistake]))
            wrong = self.wrong_results(text)
            if wrong == () and mistake.part == DATA:
                wrong = self._wrong_parts(text)
            self._known[mistake] = wrong or ()
        return self._known[mistake]

    def _wrong_parts(self, text: str) -> tuple[str, ...]:
        model = self.reference.model
        changed = Model(model.checked, replace(model.script, text=text))
        found = [result for result in check_script(changed) if result.wrong]
        crashes = any(result.wrong.startswith(CRASHES) for result in found)
        return () if crashes else tuple(result.part for result in found)

    def wrong_results(self, text: str) -> tuple[str, ...] | None:
        """Return the results of a script that are wrong; None: it fails."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                names = execute(in_float64(text), PATH)
                seen = observe(names, self._expected, PATH)
        except Exception:  # of a script with a mistake
            return None
        checks = Checks(seen, self._expected, {})
        known = seen.arrays.keys() & self._expected.keys()
        fits = all(seen.arrays[name].shape == self._expected[name].shape for name in known)
        if seen.failures or not fits:  # a step with it would end in an error of numpy's
            return None
        return tuple(item for item in items(self._expected) if checks.item(item))

    def _seen(self, chosen: tuple[Mistake, ...]) -> tuple[str, bool]:
        """Return what a training with mistakes says, and whether that shows them."""
        if chosen not in self._shown:
            text = self._text(planted(self._functions, chosen))
            parts = {mistake.part for mistake in chosen}
            self._shown[chosen] = self._trainings.shown(text, parts)
        return self._shown[chosen]

    def _planted(
        self,
        functions: Mapping[str, Statements],
        right: str,
        text: str,
        mistake: Mistake,
        shows: tuple[str, ...],
    ) -> Planted:
        """Return a mistake with its place in the whole script."""
        before, now = right.split("\n"), text.split("\n")
        alone = self._text(planted(functions, [mistake])).split("\n")
        wanted = {n for change in changes(before, alone) for n in touched(change)}
        there = [change for change in changes(before, now) if {*touched(change)} & wanted]
        begin, end, first, last = span(there)
        return Planted(
            mistake.part,
            mistake.kind,
            mistake.function,
            first + 1,
            last,
            "\n".join(now[first:last]),
            "\n".join(before[begin:end]),
            shows,
        )
