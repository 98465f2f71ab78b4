"""Records: values that are compared by their fields, and that nothing is assigned to."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, field, replace

import pytest

from nndsl.ir import Literal, Name, Operation
from nndsl.record import record

SUM = Operation("+", (Name("a"), Literal(1, "1")))


@record
class Note:
    """Nothing in it tells one from another."""

    text: str = field(default="", compare=False)


def test_a_record_cannot_be_assigned_to() -> None:
    with pytest.raises(FrozenInstanceError, match="op"):
        SUM.op = "-"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="op"):
        del SUM.op
    assert SUM.op == "+"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, replace])
def test_a_copy_is_equal_and_cannot_be_assigned_to_either(copied: object) -> None:
    assert callable(copied)
    for made in (copied(SUM), pickle.loads(pickle.dumps(SUM))):
        assert type(made) is Operation
        assert (made, hash(made), repr(made)) == (SUM, hash(SUM), repr(SUM))
        with pytest.raises(FrozenInstanceError):
            made.op = "-"


def test_records_without_compared_fields_are_all_equal() -> None:
    assert Note("a") == Note("b")
    assert hash(Note("a")) == hash(Note("b"))
    assert repr(Note("a")) == "Note(text='a')"
