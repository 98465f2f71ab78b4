"""What is written of a hunt: what a student is told, and the key for teacher and grader."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from nndsl.languages import in_a_row, listed, sentence, translated, translated_check
from nndsl.program.parts import BACKWARD, PARTS, UPDATE, WRITTEN

PARTS_OF_LEVELS = {1: (BACKWARD, UPDATE), 2: WRITTEN, 3: PARTS}
WHERE = {
    1: "Level 1: in the backward pass, or in the step of the optimizer.",
    2: "Level 2: in a pass, the step of the optimizer, the loss, or the initial weights.",
    3: "Level 3: anywhere, the data, the order of examples and the evaluation included.",
}
TOLD, SEEN = 1, 2  # up to these levels a student is told the function, and what is to be seen
MAX_COUNT = 3  # mistakes in a script
KEY = "hunts.json"  # in the folder of the key
MAX_LISTED = 5  # results
CHECKSUM = re.compile(r"\btext ([0-9a-f]{8})\)")  # in the head of a script


@dataclass(frozen=True, slots=True)
class Planted:
    """A mistake in a script: where it is, what was there, and the results that are wrong by it."""

    part: str
    kind: str
    function: str
    first: int  # line; a line that is missing stood before it
    last: int  # and where it ends; before `first` where it is missing
    now: str
    was: str
    shows: tuple[str, ...]  # results of `nndsl grade` and parts of a script

    @property
    def lines(self) -> range:
        """The lines that a student may name: of a missing one, those around it."""
        is_missing = self.last < self.first
        return range(self.first - is_missing, max(self.last, self.first) + 1)


@dataclass(frozen=True, slots=True)
class Hunt:
    """The script of a student, and the key to it."""

    student: str
    seed: int
    text: str
    right: str
    mistakes: tuple[Planted, ...]
    seen: str  # what training it shows; empty: it was not trained
    reached: str = ""  # what the right script reaches; empty: it was not trained

    @property
    def checksum(self) -> str:
        """What its head says of its text: it tells whose it is."""
        return checksum(self.text)


def checksum(text: str) -> str:
    """Return what the head of a script says of its text. Empty: nothing."""
    found = CHECKSUM.search(text[:5000])
    return found[1] if found else ""


def key_text(hunts: Sequence[Hunt]) -> str:
    """Return the key as JSON, which `nndsl grade --hunt` reads."""
    return json.dumps([asdict(hunt) for hunt in hunts], indent=1, ensure_ascii=False) + "\n"


def read_key(text: str) -> list[Hunt]:
    """Return the hunts of a key. ValueError, TypeError, KeyError where it is none."""
    hunts = []
    for held in json.loads(text):
        mistakes = [Planted(**{**one, "shows": tuple(one["shows"])}) for one in held["mistakes"]]
        hunts.append(Hunt(**{**held, "mistakes": tuple(mistakes)}))
    return hunts


def answers(hunts: Sequence[Hunt]) -> str:
    """Return what a teacher reads: of each student what is wrong, where, and what it shows."""
    lines = [f"# {translated('Key of the hunts')}", ""]
    for hunt in hunts:
        lines += [
            f"## {hunt.student}",
            "",
            *([translated("What is seen: {seen}.", seen=hunt.seen), ""] if hunt.seen else []),
        ]
        for planted_one in hunt.mistakes:
            lines += [answer(planted_one), ""]
    return "\n".join(lines)


def short_answer(mistake: Planted) -> str:
    """Return where a mistake is, what stands there and what should, as text."""
    where = "line" if mistake.last >= mistake.first else "before line"
    says = [f"{where} {mistake.first}: {mistake.kind}"]
    for title, code in (("is", mistake.now), ("was", mistake.was)):
        says += [
            f"  {title:8}{line.partition('  #')[0].strip()}" for line in code.split("\n") if code
        ]
    return "\n".join(says) + "\n"


def answer(mistake: Planted) -> str:
    """Return where a mistake is, what stands there and what should, and what it makes wrong."""
    place = "line {line}" if mistake.last >= mistake.first else "before line {line}"
    now = "\n".join(f"- {line}" for line in mistake.now.split("\n")) if mistake.now else ""
    was = "\n".join(f"+ {line}" for line in mistake.was.split("\n")) if mistake.was else ""
    changed = "\n".join(filter(None, (now, was)))
    says = translated(
        "{place}, `{function}` ({part}): {kind}. Wrong by it: {names}.",
        place=sentence(place, line=mistake.first),
        function=mistake.function,
        part=sentence(mistake.part),
        kind=sentence(mistake.kind),
        names=named([mistake]),
    )
    return f"{says}\n\n```diff\n{changed}\n```"


def named(mistakes: Iterable[Planted]) -> str:
    """Return the results that are wrong by mistakes, with commas: the first of many."""
    names = [*dict.fromkeys(name for mistake in mistakes for name in mistake.shows)]
    some = in_a_row(*map(translated_check, names[:MAX_LISTED]))
    count = len(names) - MAX_LISTED
    return sentence("{names} and {count} more", names=some, count=count) if count > 0 else some


def task(hunt: Hunt, level: int, name: str) -> str:
    """Return what a student is told."""
    count = len(hunt.mistakes)
    has = "`{path}` has a mistake." if count == 1 else "`{path}` has {count} mistakes."
    lines = [f"# {translated('A hunt in {path}', path=name)}", ""]
    lines += [translated(has, path=name, count=count), "", translated(WHERE[level])]
    if level <= SEEN and hunt.seen:
        lines += ["", translated("What you see when you run it: {seen}.", seen=hunt.seen)]
    elif level <= SEEN:
        lines += ["", translated("What is wrong by it: {names}.", names=named(hunt.mistakes))]
    else:
        lines += ["", translated("Run it, and look at what it prints.")]
    if level <= TOLD:
        functions = dict.fromkeys(f"`{mistake.function}`" for mistake in hunt.mistakes)
        lines += ["", translated("Look at {functions}.", functions=listed(*functions))]
    if hunt.reached:
        lines += ["", translated("Without mistakes, {reached}.", reached=hunt.reached)]
    lines += [
        "",
        translated(
            "Mend each mistake, and write `# found` behind a line that you mended. A comment on "
            "more places than there are mistakes counts for none. Hand in `{path}`: its head says "
            "whose it is.",
            path=name,
        ),
        "",
    ]
    return "\n".join(lines)
