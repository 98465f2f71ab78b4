"""A server for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from language_client import Client


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    pytest.importorskip("pygls")
    made = Client()
    yield made
    made.end()
