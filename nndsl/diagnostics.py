"""What went wrong and where. Rendering is for the top of the house (`nndsl.cli`)."""

from collections.abc import Iterable
from enum import StrEnum

from nndsl.displayed import Displayed
from nndsl.record import record
from nndsl.source import Origin, Source, Span

MAX_FOUND = 1_000  # findings of one check: nobody reads on
MAX_TOLD = 100  # of them in the text of an exception


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@record
class Label:
    """A second place that a diagnostic speaks about."""

    span: Span
    message: str


class Applicability(StrEnum):
    SAFE = "safe"  # what was meant is beyond doubt
    UNSAFE = "unsafe"  # it may change the meaning: for a person to look at


@record
class Edit:
    """A piece of a source, and the text to put in its place."""

    span: Span
    text: str


@record
class Fix:
    """A change of the text that mends what a diagnostic is about. The edits do not overlap."""

    message: str
    edits: tuple[Edit, ...]
    applicability: Applicability


@record
class Diagnostic:
    """One finding: a code, a message in words of the language, a place and a way out."""

    code: str
    message: str
    span: Span
    labels: tuple[Label, ...] = ()
    help: str | None = None
    severity: Severity = Severity.ERROR
    fixes: tuple[Fix, ...] = ()

    def __str__(self) -> str:
        where = self.span.place
        text = f"{where}: {self.severity}[{self.code}]: {self.message}"
        return f"{text} (help: {self.help})" if self.help else text


class Findings(list[Diagnostic], Displayed):
    """What is wrong with a spec, as a notebook shows it."""


class SpecError(Exception):
    """A spec has errors; `diagnostics` says which."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        lines = [str(diagnostic) for diagnostic in self.diagnostics[:MAX_TOLD]]
        if len(self.diagnostics) > MAX_TOLD:
            lines.append(f"and {len(self.diagnostics) - MAX_TOLD:,} more")
        super().__init__("\n".join(lines))


class TooManyFindings(Exception):
    """There are as many findings as one check may have; the last one says so."""


class Diagnostics:
    """Collects the diagnostics of one compilation; each finding is kept once."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.editable: Source | None = None  # the one that fixes may change
        self._seen: set[tuple[str, int, int, str]] = set()

    def report(
        self,
        code: str,
        message: str,
        where: Span | Origin,
        *labels: Label,
        help: str | None = None,
        severity: Severity = Severity.ERROR,
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """Record a finding. An origin inside a block also shows where the block is used.

        TooManyFindings where this is the last one that is wanted.
        """
        if self.is_full:
            raise TooManyFindings
        if isinstance(where, Origin):
            labels += tuple(Label(use, "used here") for use in where.uses)
            where = where.span
        key = (code, where.start, where.end, message)
        if any(edit.span.source is not self.editable for fix in fixes for edit in fix.edits):
            fixes = ()
        if key not in self._seen:
            self._seen.add(key)
            if len(self.diagnostics) == MAX_FOUND - 1:
                end = f"after {MAX_FOUND:_} findings the rest is not checked"
                help = f"{help}\n{end}" if help else end
            found = Diagnostic(code, message, where, labels, help, severity, fixes)
            self.diagnostics.append(found)
            if self.is_full:
                raise TooManyFindings

    @property
    def is_full(self) -> bool:
        return len(self.diagnostics) >= MAX_FOUND

    @property
    def failed(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)

    def raise_if_failed(self) -> None:
        """Raise SpecError when an error (not merely a warning) was found."""
        if self.failed:
            raise SpecError(self.diagnostics)
