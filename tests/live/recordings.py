"""Networks that are recorded while they train."""

from __future__ import annotations

from typing import Any

import nndsl
from nndsl.live.recording.record import Record
from nndsl.live.recording.recorder import Recorder, all_instruments

PLAIN = """\
data = digits(test=0.2)
network { dense(20); relu; dense(20); relu; dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); batch = 100; epochs = 2 }
"""


def load(text: str, **settings: Any) -> nndsl.Model:
    return nndsl.load("net.nn", text=text, set=settings)


def recorded(text: str, **settings: Any) -> tuple[nndsl.Model, Record]:
    """Train a spec with all instruments."""
    model = load(text, **settings)
    return model, watched(model)


def watched(model: nndsl.Model) -> Record:
    """Train a model; return what all instruments saw."""
    recorder = Recorder(model, all_instruments())
    model.fit()
    return recorder.record
