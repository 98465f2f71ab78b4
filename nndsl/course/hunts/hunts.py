"""Bug hunts: a script for each student with mistakes that people make.

A line in which a mistake could be has no comment, whether it is wrong or not, each is as likely
to be wrong, and a few say the same in another order: what differs from `nndsl build` is not all
wrong.
"""

import contextlib
import warnings
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from nndsl.course.hunts.balance import Floats, likely_mistakes, look
from nndsl.course.hunts.key import Hunt, Planted, named
from nndsl.course.hunts.mistakes import Functions, Mistake
from nndsl.course.hunts.planting import (
    Plantable,
    changes,
    harmless,
    planted,
    span,
    touched,
    without_reasons,
)
from nndsl.course.hunts.spread import Spread
from nndsl.course.hunts.training_shown import Trainings
from nndsl.explained import ExplainedError
from nndsl.ir import Statement
from nndsl.languages import sentence
from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.judging.causes import is_close, numbers
from nndsl.live.judging.checks import Checks, items
from nndsl.live.judging.differences import largest_gradient
from nndsl.live.judging.keys import VALUE, by_key
from nndsl.live.judging.observation import DRAWN, ME, Array, Observed, observe
from nndsl.live.judging.reference import Reference
from nndsl.live.model import Model
from nndsl.live.run import SCRIPT
from nndsl.live.script.check import TRAINING_PASS, check_script
from nndsl.program.parts import DATA

REWRITTEN = 8  # statements that are written in another way
TRIES = 60  # mistakes that are tried
TRAININGS = 3  # that are tried for one which shows the mistake
SEEN = 0.01  # relative: what an average is off by, for it to be seen in float32 as well
FAR = 1e-6  # relative: what a result is off by, a hundred times what rounding may do
SEEDS = (1, 2)  # of numbers with which it has to be wrong, too: those of a grade are drawn anew
CRASHES = "it fails"  # what a check says of it: that is found at once


class HuntError(ExplainedError):
    """No mistake of that kind can be made in the script."""

    code = 1


class Hunts:
    """Makes hunts of the script of a page."""

    def __init__(self, reference: Reference, parts: Sequence[str], name: str = SCRIPT) -> None:
        """`parts` of the script may have mistakes: those of a level, say."""
        self.reference, self.parts = reference, parts
        self.script = script = Plantable(reference, name)
        self._expected, self._text, found = script.expected, script.text, script.functions
        places = {(mistake.function, mistake.at) for mistake in script.mistakes(found)}
        self.functions = {
            function: tuple(
                without_reasons(made) if (function, at) in places else made
                for at, made in enumerate(body)
            )
            for function, body in found.items()
        }
        self.mistakes = script.mistakes(self.functions)
        self._known: dict[Mistake, tuple[str, ...]] = {}  # what is wrong by each
        self._always: dict[Mistake, tuple[str, ...]] = {}  # and is so with other numbers, too
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
        spread: Spread | None = None,
    ) -> Hunt:
        """Return the hunt of a student. HuntError where there are not so many mistakes.

        `rewritten` statements are written in another way. `is_trained`: it is said what shows;
        mistakes that training shows are taken before others. `spread`: what others of the class
        have, to which these are added; what they have least is taken first.
        """
        rng = np.random.default_rng([seed, zlib.crc32(student.encode())])
        spread = spread or Spread()
        draw = self._shown_first if is_trained else self._chosen
        chosen = draw(rng, count, spread)
        spread.give(chosen, self.functions)
        functions, rewritten_too = self._in_another_way(rng, rewritten, chosen)
        right, text = map(self._text, (functions, planted(functions, rewritten_too)))
        shown = map(self._always_wrong_by, chosen)
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

    def _shown_first(
        self, rng: np.random.Generator, count: int, spread: Spread
    ) -> tuple[Mistake, ...]:
        """Draw mistakes that training shows; of several that it does not, the first. HuntError."""
        first = chosen = self._chosen(rng, count, spread)
        for _ in range(TRAININGS - 1):
            if self._seen(chosen)[1]:
                return chosen
            with contextlib.suppress(HuntError):  # those that are left cannot be told apart
                chosen = self._chosen(rng, count, spread)
        return chosen if self._seen(chosen)[1] else first

    def _chosen(self, rng: np.random.Generator, count: int, spread: Spread) -> tuple[Mistake, ...]:
        """Draw mistakes that can be told apart, and that each show in a check. HuntError."""
        mistakes, likely = self.likely
        chosen: list[Mistake] = []
        drawn = np.log(likely + 1e-300) + rng.gumbel(size=len(likely))  # each as it is likely
        uses = [spread.uses(mistake, self.functions) for mistake in mistakes]
        for number in sorted(range(len(mistakes)), key=lambda n: (*uses[n], -drawn[n]))[:TRIES]:
            mistake = mistakes[number]
            others = [other for other in chosen if other.function == mistake.function]
            if any(
                abs(other.at - mistake.at) <= 1 or other.body or mistake.body for other in others
            ):
                continue  # they could not be told apart
            together = self._text(planted(self.functions, [*chosen, mistake]))
            if self._always_wrong_by(mistake) and (
                not chosen or self.wrong_results(together) is not None
            ):
                chosen.append(mistake)
                if len(chosen) == count:
                    return tuple(chosen)
        raise HuntError(
            f"{len(chosen) or 'no'} of {count} mistakes were found that the script may have",
            "allow fewer with --count, or others with --level",
        )

    @cached_property
    def likely(self) -> tuple[list[Mistake], Floats]:
        """Mistakes that show, and how likely each is; those of data are checked when drawn."""
        asked = [mistake for mistake in self.mistakes if mistake.part in self.parts]
        return likely_mistakes(
            asked, self.functions, lambda one: one.part == DATA or bool(self._wrong_by(one))
        )

    def _in_another_way(
        self, rng: np.random.Generator, count: int, chosen: tuple[Mistake, ...]
    ) -> tuple[Functions, tuple[Mistake, ...]]:
        """Return the statements of the script, some of them written in another way, and mistakes.

        The mistakes do not decide which: they are planted in what is written in another way.
        """
        bodies = {function: [*body] for function, body in self.functions.items()}
        ways = {(f, at): harmless(m) for f, body in bodies.items() for at, m in enumerate(body)}
        places = [place for place, found in ways.items() if found]
        for number in rng.permutation(len(places))[:count]:
            function, at = place = places[number]
            bodies[function][at] = ways[place][rng.integers(len(ways[place]))]
        mistakes = []
        for mistake in chosen:
            body, before = bodies[mistake.function], self.functions[mistake.function]
            if mistake.body:
                body[:] = before
            elif mistake.node is not None and body[mistake.at] != before[mistake.at]:
                wrong = before[mistake.at].with_node(mistake.node)
                again = self._again(mistake, wrong, body[mistake.at])
                body[mistake.at] = body[mistake.at] if again else before[mistake.at]
                mistake = again or mistake
            mistakes.append(mistake)
        changed = {function: tuple(body) for function, body in bodies.items()}
        is_right = self.wrong_results(self._text(changed)) == ()
        return (changed, tuple(mistakes)) if is_right else (self.functions, chosen)

    def _again(self, mistake: Mistake, wrong: Statement, made: Statement) -> Mistake | None:
        """Return a mistake, a `wrong` statement, in one that is `made` in another way. None: none.

        It is of the same kind, or its line has the same more and less than the right one as before;
        and whatever a step computes with it is the same.
        """
        body = self.functions[mistake.function]
        more = look(wrong.text) - look(body[mistake.at].text)
        other = {mistake.function: (*body[: mistake.at], made, *body[mistake.at + 1 :])}
        functions = {**self.functions, **other}
        place = (mistake.function, mistake.at, mistake.kind)
        alike = [m for m in self.script.mistakes(functions) if (m.function, m.at, m.kind) == place]
        if mistake.part == DATA:  # which a step does not see
            return alike[0] if len(alike) == 1 else None
        ways = (way for way in harmless(wrong) if (look(way.text) - look(made.text) == more).all())
        computed = self._observed(self._text(planted(self.functions, [mistake])), self._expected)

        def is_same(one: Mistake) -> bool:
            seen = self._observed(self._text(planted(functions, [one])), self._expected)
            return bool(seen and computed and _are_close(seen.arrays, computed.arrays))

        return next(filter(is_same, [*alike, *(replace(mistake, node=w.node) for w in ways)]), None)

    # --- What is wrong by them ----------------------------------------------------------

    def _wrong_by(self, mistake: Mistake) -> tuple[str, ...]:
        """Return the results and the parts that are wrong by a mistake. Empty: it is none."""
        if mistake not in self._known:
            text = self._text(planted(self.functions, [mistake]))
            wrong = self.wrong_results(text)
            if wrong == () and mistake.part == DATA:
                wrong = self._wrong_parts(text)
            self._known[mistake] = wrong or ()
        return self._known[mistake]

    def _always_wrong_by(self, mistake: Mistake) -> tuple[str, ...]:
        """Return what is wrong by a mistake whatever numbers are drawn. Empty: nothing is."""
        if mistake not in self._always:
            wrong = self._wrong_by(mistake)
            text = self._text(planted(self.functions, [mistake]))
            for expected in self._others if mistake.part != DATA else ():
                again = self.wrong_results(text, expected) or ()
                wrong = tuple(name for name in wrong if name in again)
            self._always[mistake] = wrong
        return self._always[mistake]

    @cached_property
    def _others(self) -> list[dict[str, Array]]:
        return [*map(self.reference.expected, SEEDS)]

    def _wrong_parts(self, text: str) -> tuple[str, ...]:
        model = self.reference.model
        changed = Model(model.checked, replace(model.script, text=text))
        found = [result for result in check_script(changed) if result.wrong]
        crashes = any(result.wrong.startswith(CRASHES) for result in found)
        return () if crashes else tuple(result.part for result in found)

    @np.errstate(all="ignore")
    def _observed(self, text: str, expected: dict[str, Array]) -> Observed | None:
        """Return what a script computes. None: it fails."""
        try:
            with warnings.catch_warnings(action="ignore"):
                return observe(execute(in_float64(text), SCRIPT), expected, SCRIPT)
        except Exception:  # of a script with a mistake
            return None

    def wrong_results(
        self, text: str, expected: dict[str, Array] | None = None
    ) -> tuple[str, ...] | None:
        """Return the results of a script that are wrong, and the step that is; None: it fails.

        Wrong is what is off by far more than rounding. `expected` is what is right, where it is
        not that of the numbers that are drawn first.
        """
        expected = expected or self._expected
        seen = self._observed(text, expected)
        if seen is None:
            return None
        checks = Checks(seen, expected, {})
        known = seen.arrays.keys() & expected.keys()
        fits = all(seen.arrays[name].shape == expected[name].shape for name in known)
        if seen.failures or not fits:  # a step with it would end in an error of numpy's
            return None
        wrong = [
            one for one in items(expected) if checks.item(one) and _is_far(one, seen, expected)
        ]
        averages = ((seen.arrays[name], expected[name]) for name in self._kept & known)
        keeps_others = any(not np.allclose(*pair, rtol=SEEN) for pair in averages)
        return tuple(wrong) or (TRAINING_PASS,) * keeps_others

    @cached_property
    def _kept(self) -> set[str]:
        """What a step keeps for predictions, as variables of functions: running averages."""
        program = self.reference.program
        states = {state.name for state in program.states}
        roles = {role for (_, role), name in program.array_names.items() if name in states}
        return {
            str(key)
            for key in by_key(self._expected)
            if key.state == VALUE and key.name.removeprefix(f"{ME}.") in states | roles
        }

    def _seen(self, chosen: tuple[Mistake, ...]) -> tuple[str, bool]:
        """Return what a training with mistakes says, and whether that shows them."""
        if chosen not in self._shown:
            text = self._text(planted(self.functions, chosen))
            parts = {mistake.part for mistake in chosen}
            self._shown[chosen] = self._trainings.shown(text, parts)
        return self._shown[chosen]

    def _planted(
        self,
        functions: Functions,
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


def _is_far(item: str, seen: Observed, expected: Mapping[str, Array]) -> bool:
    """Is a result off by more than rounding? Weights that are drawn are judged as such."""
    for key in seen.arrays.keys() & expected.keys():
        where, of, *_ = key.split("/")
        pair = (numbers(seen.arrays[key]), numbers(expected[key]))
        if of == item and not is_close(*pair, largest_gradient(expected, where), FAR):
            return True
    return item == DRAWN


def _are_close(some: Mapping[str, Array], others: Mapping[str, Array]) -> bool:
    """Are these the same arrays, but for rounding?"""
    return some.keys() == others.keys() and all(
        array.shape == others[name].shape and np.allclose(array, others[name], equal_nan=True)
        for name, array in some.items()
    )
