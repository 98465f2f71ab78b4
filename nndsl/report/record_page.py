"""A record as files in the folder of a run, and as parts of its page."""

from __future__ import annotations

from pathlib import Path

from nndsl.live.recording.record import Record
from nndsl.live.recording.sentences import sentences
from nndsl.report.drawing import NEEDED
from nndsl.report.page import Part, Table, Text
from nndsl.report.record_figures import draw_record

TITLE = "What was recorded"


def report_record(record: Record, folder: Path) -> list[Part]:
    """Write record.npz, record.csv and the figures; return the parts of a page about them.

    OSError where a file cannot be written.
    """
    record.save(folder)
    note = (
        f"Before training and after each epoch, on a fixed batch of {record.examples:,} examples "
        "of the training part. record.csv and record.npz hold all numbers."
    )
    rows = tuple((sentence,) for sentence in sentences(record))
    parts: list[Part] = [Table(TITLE, ("what the numbers say",), rows, note)]
    try:
        parts += draw_record(record, folder)
    except ImportError:
        parts.append(Text("Figures of the record", (f"There are none here: {NEEDED}",)))
    return parts
