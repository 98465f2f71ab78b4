"""A server of the page on a port of its own, in a thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest


class Serving:
    """A server of a folder. It skips where the extra `play` is missing."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("starlette")
        uvicorn = pytest.importorskip("uvicorn")
        from nndsl.play.files import Pages
        from nndsl.play.server import Playground, open_socket

        self.folder = folder
        opened = open_socket(0)
        self.port = opened.getsockname()[1]
        pages = Pages(folder, lambda: sorted(folder.rglob("*.nn")))
        self.playground = Playground(pages, None, self.port)
        config = uvicorn.Config(self.playground.app(), log_level="error")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [opened]})
        self.thread.start()

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join()
