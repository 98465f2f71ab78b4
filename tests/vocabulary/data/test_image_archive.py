"""MNIST and its like: found in a folder, or downloaded once, whole and verified.

The archives of these tests hold three tiny images; a server on loopback gives them out.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nndsl.data import DataError
from nndsl.data.archive import FILES, Archive
from nndsl.vocabulary.data.fashion_mnist import FashionMnist
from nndsl.vocabulary.data.mnist import Mnist
from nndsl.vocabulary.image_archive import ImageArchive

IMAGES = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
CONTENTS = {
    "training_images": bytes([0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2]) + IMAGES.tobytes(),
    "training_labels": bytes([0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 1]),
    "test_images": bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]),
    "test_labels": bytes([0, 0, 8, 1, 0, 0, 0, 1, 1]),
}
CONTENTS = {role: gzip.compress(content, mtime=0) for role, content in CONTENTS.items()}
SUMS = {role: (len(body), hashlib.sha256(body).hexdigest()) for role, body in CONTENTS.items()}


@dataclass
class Server:
    """Answers with `bodies`; `asked` are the paths it was asked for."""

    url: str
    bodies: dict[str, bytes]
    asked: list[str] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)  # that it promises, where others


@pytest.fixture
def server() -> Iterator[Server]:
    bodies = {f"/tiny/{FILES[role]}": body for role, body in CONTENTS.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            body = known.bodies.get(self.path)
            self.send_response(200 if body is not None else 404)
            if body is not None:
                self.send_header("Content-Length", str(known.lengths.get(self.path, len(body))))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Server(f"http://127.0.0.1:{running.server_port}/tiny/", bodies)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield known
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("NNDSL_DATA", raising=False)
    monkeypatch.delenv("NNDSL_MIRROR", raising=False)


@pytest.fixture
def tiny(server: Server) -> type[ImageArchive]:
    """The word `tiny`, whose archive the server gives out."""

    class Tiny(ImageArchive):
        archive = Archive("tiny", server.url, SUMS, 3, 1, side=2, classes=2)

    return Tiny


def put(folder: Path, name: str = "tiny") -> None:
    (folder / name).mkdir(parents=True)
    for role, body in CONTENTS.items():
        (folder / name / FILES[role]).write_bytes(body)


def left_behind(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.rglob("*") if path.is_file())


def test_files_are_downloaded_once(tmp_path: Path, tiny: Any, server: Server, load: Any) -> None:
    data = load(tiny())
    assert np.array_equal(data.X, IMAGES.reshape(3, 4) / 255)
    assert data.t.tolist() == [0, 1, 1]
    assert np.array_equal(data.X_test, np.array([[1, 2, 3, 4]]) / 255)
    assert data.t_test.tolist() == [1]
    assert left_behind(tmp_path) == sorted(FILES.values())
    assert len(server.asked) == 4

    images = load(tiny(images=True), np.float32)
    assert images.X.shape == (3, 1, 2, 2)
    assert images.X_test.shape == (1, 1, 2, 2)
    assert len(server.asked) == 4


def test_the_cache_is_the_users(tmp_path: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache" / "nndsl" / "datasets" / "tiny"
    assert {path.parent for path in tiny().files(tmp_path).values()} == {cache}
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    cache = tmp_path / "home" / ".cache" / "nndsl" / "datasets" / "tiny"
    assert {path.parent for path in tiny().files(tmp_path).values()} == {cache}


def test_checking_downloads_nothing(tmp_path: Path, tiny: Any, server: Server) -> None:
    known = tiny().describe(tmp_path)
    tiny().files(tmp_path)
    assert (known.shape, known.classes, known.examples, known.test_examples) == ((4,), 2, 3, 1)
    assert not server.asked


def test_a_folder_of_ones_own(
    tmp_path: Path, tiny: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "own")
    monkeypatch.setenv("NNDSL_DATA", str(tmp_path / "own"))
    paths = tiny().fetch(tmp_path)
    assert {path.parent for path in paths.values()} == {tmp_path / "own" / "tiny"}
    assert not server.asked


def test_a_mirror(
    tiny: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.bodies = {f"/m{path}": body for path, body in server.bodies.items()}
    monkeypatch.setenv("NNDSL_MIRROR", server.url.replace("/tiny/", "/m/"))
    tiny().fetch(tmp_path)
    assert server.asked[0] == f"/m/tiny/{FILES['training_images']}"


def test_progress_is_told(tiny: Any, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    tiny().fetch(tmp_path, lambda *step: told.append(step))
    assert told == [(FILES[role], size, size) for role, (size, _) in SUMS.items()]


def change(server: Server, body: Callable[[bytes], bytes | None]) -> None:
    path = f"/tiny/{FILES['training_images']}"
    changed = body(server.bodies.pop(path))
    if changed is not None:
        server.bodies[path] = changed


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda body: None, "the server answers 404"),
        (lambda body: body[:-1], "it ended after"),
        (lambda body: body + b"x", "it is larger than"),
        (lambda body: bytes([body[0] ^ 1]) + body[1:], "its checksum differs"),
        (lambda body: b"", "it ended after 0"),
    ],
)
def test_what_is_wrong_leaves_nothing(
    tmp_path: Path, tiny: Any, server: Server, body: Any, message: str
) -> None:
    change(server, body)
    with pytest.raises(DataError) as caught:
        tiny().fetch(tmp_path)
    assert message in caught.value.message
    assert caught.value.help is not None
    assert "NNDSL_DATA" in caught.value.help
    assert not left_behind(tmp_path)


def test_a_connection_that_breaks_leaves_nothing(tmp_path: Path, tiny: Any, server: Server) -> None:
    path = f"/tiny/{FILES['training_images']}"
    server.lengths[path] = len(server.bodies[path])
    server.bodies[path] = server.bodies[path][:10]
    with pytest.raises(DataError, match=r"it ended after 10|the connection broke"):
        tiny().fetch(tmp_path)
    assert not left_behind(tmp_path)


def test_an_interrupt_leaves_nothing(tmp_path: Path, tiny: Any) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tiny().fetch(tmp_path, interrupt)
    assert not left_behind(tmp_path)


@pytest.mark.parametrize("mirror", ["http://127.0.0.1:1", "no address", "http://[", "gopher://x"])
def test_no_connection(
    tmp_path: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    monkeypatch.setenv("NNDSL_MIRROR", mirror)
    with pytest.raises(DataError, match="cannot download"):
        tiny().fetch(tmp_path)
    assert not left_behind(tmp_path)


def test_a_cache_that_cannot_be_written(tmp_path: Path, tiny: Any) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(DataError, match="cannot write"):
        tiny().fetch(tmp_path)


def test_another_archive_is_noticed(
    tmp_path: Path, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "mnist")
    monkeypatch.setenv("NNDSL_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"shape \(3, 2, 2\), not the \(60000, 28, 28\) of mnist"):
        Mnist().fetch(tmp_path)
    (tmp_path / "mnist" / FILES["training_images"]).write_bytes(b"")
    with pytest.raises(DataError, match="not in the idx format"):
        Mnist().fetch(tmp_path)


@pytest.mark.parametrize("word", [Mnist, FashionMnist])
def test_the_archives_are_known_without_files(tmp_path: Path, word: type[ImageArchive]) -> None:
    assert word.archive.sums.keys() == FILES.keys()
    known = word(images=True, validation=0.1).describe(tmp_path)
    assert (known.shape, known.classes) == ((1, 28, 28), 10)
    assert (known.examples, known.test_examples) == (60_000, 10_000)
    assert word().describe(tmp_path).shape == (784,)


def test_a_second_test_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="its own test part, of 10,000") as caught:
        Mnist(test=0.2).describe(tmp_path)
    assert caught.value.field == "test"
