"""Who may ask the server of the page, for what, and what is never lost."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from data_formats import READERS, TABLE, UNREADABLE, write
from serving import Serving

PAGE = """\
data = digits(validation=0.1, test=0.2)
network { dense(20); relu; dense(10) }
train { loss = softmax_cross_entropy; optimizer = adam; epochs = 2 }
"""


class Served(Serving):
    """A server, and requests as a browser sends them."""

    def open(self, method: str, path: str, body: str | None = None, **headers: str) -> HTTPResponse:
        """Send a request; `headers` replace those of the page itself, and "" leaves one out."""
        own = f"127.0.0.1:{self.port}"
        sent = {
            "Host": own,
            "X-Nndsl-Key": self.playground.key,
            **({"Origin": f"http://{own}", "Content-Type": "application/json"} if body else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        for name, value in sent.items():
            if value:
                connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body.encode())))
        connection.endheaders(body.encode() if body is not None else None)
        return connection.getresponse()

    def status(self, method: str, path: str, body: str | None = None, **headers: str) -> int:
        with self.open(method, path, body, **headers) as response:
            return response.status

    def ask(self, method: str, **given: Any) -> Any:
        with self.open("POST", f"/ask/{method}", json.dumps(given)) as response:
            assert response.status == 200, response.read()
            return json.loads(response.read())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "digits.nn").write_text(PAGE, "utf-8")
    (tmp_path / "secret.csv").write_text(TABLE, "utf-8")
    (tmp_path / "secret.nn").write_text(PAGE, "utf-8")
    (folder / "link.nn").symlink_to(tmp_path / "secret.nn")
    running = Served(folder)
    yield running
    running.end()


@pytest.mark.slow
def test_only_the_page_itself_is_answered(served: Served) -> None:
    asks = ("POST", "/ask/check", json.dumps({"name": "digits.nn", "text": PAGE}))
    assert served.status(*asks) == 200
    assert served.status("GET", "/") == 200
    # without the key, and with another
    for key in ("", "guess"):
        assert served.status(*asks, X_Nndsl_Key=key) == 403
        assert served.status("POST", "/run/train", asks[2], X_Nndsl_Key=key) == 403
        assert served.status("POST", "/tell/run/stop", "{}", X_Nndsl_Key=key) == 403
    # from another site, from another port of this machine, or from nowhere
    for origin in ("https://example.org", "http://127.0.0.1:1", "null", ""):
        assert served.status(*asks, Origin=origin) == 403
    # by a name that was made to lead here
    for host in ("example.org", f"example.org:{served.port}", "127.0.0.1", "127.0.0.1:1"):
        assert served.status(*asks, Host=host) == 421
        assert served.status("GET", "/", Host=host) == 421
    # a form of another site can send this without asking
    assert served.status(*asks, Content_Type="text/plain") == 415
    assert served.status("GET", "/ask/check") == 405
    assert served.status("POST", "/ask/shell", "{}") == 404
    assert served.status("POST", "/run/shell", json.dumps({"name": "digits.nn"})) == 404


@pytest.mark.slow
def test_a_token_gives_the_key_once(served: Served) -> None:
    _, _, token = served.playground.new_address().partition("#token=")

    def enter(token: str, **headers: str) -> HTTPResponse:
        return served.open("POST", "/enter", json.dumps({"token": token}), **headers)

    assert token != served.playground.key
    assert enter("guess", X_Nndsl_Key="").status == 403
    assert enter(token, X_Nndsl_Key="", Origin="http://127.0.0.1:1").status == 403
    with enter(token, X_Nndsl_Key="") as response:
        assert json.loads(response.read()) == {"key": served.playground.key}
        assert "Set-Cookie" not in response.headers
    assert enter(token, X_Nndsl_Key="").status == 403


def test_other_users_see_no_token_where_a_browser_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("uvicorn")
    from nndsl.cli import main

    opened: list[tuple[str, str, int]] = []

    def start(address: str) -> None:
        path = Path(url2pathname(urlsplit(address).path))
        opened.append((address, path.read_text("utf-8"), path.parent.stat().st_mode))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", start)
    monkeypatch.setattr("nndsl.play.server.serve", lambda playground, listening: listening.close())
    assert main(["play", "--port", "0"]) == 0
    ((address, text, mode),) = opened
    assert "token" not in address
    assert "#token=" in text
    assert not mode & 0o077 or os.name == "nt"


@pytest.mark.slow
def test_the_page_runs_no_script_but_its_own(served: Served) -> None:
    with served.open("GET", "/") as response:
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["../secret.nn", "/etc/passwd", "link.nn", "digits.nn/../../secret.nn", "a\0.nn", "x.py"],
)
def test_paths_stay_below_the_folder(name: str, served: Served) -> None:
    for method in ("open", "save", "check", "hover"):
        given = json.dumps({"name": name, "text": "", "checksum": None})
        assert served.status("POST", f"/ask/{method}", given) == 403
    assert served.status("POST", "/run/train", json.dumps({"name": name, "text": PAGE})) == 403
    for path in ("/..%2f..%2fsecret.nn", "/../secret.nn", "/server.py", "/%2e%2e/server.py"):
        assert served.status("GET", path) == 404
    assert (served.folder.parent / "secret.nn").read_text("utf-8") == PAGE


@pytest.mark.slow
def test_a_page_reads_its_data_below_the_folder_alone(served: Served) -> None:
    (served.folder / "own.csv").write_text(TABLE, "utf-8")
    (served.folder / "words.csv").symlink_to(served.folder.parent / "secret.csv")
    page = 'data = csv("{}", target="y")\nnetwork {{ dense(2) }}\n'

    def errors(path: str) -> list[str]:
        found = served.ask("check", name="digits.nn", text=page.format(path))["findings"]
        return [one["message"] for one in found if one["severity"] == "error"]

    assert errors("own.csv") == []
    assert errors("../secret.csv") == ["`../secret.csv` cannot be read"]
    assert errors("words.csv")
    assert errors((served.folder.parent / "secret.csv").as_posix())


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_no_format_is_read_outside(reader: str, served: Served) -> None:
    write(served.folder / "own")
    (served.folder / "own").rename(served.folder.parent / "other")
    write(served.folder / "own")

    def errors(where: str) -> list[str]:
        text = f"data = {READERS[reader].format(where)}\nnetwork {{ flatten; dense(2) }}\n"
        found = served.ask("check", name="digits.nn", text=text)["findings"]
        return [one["message"] for one in found if re.search(UNREADABLE, one["message"])]

    assert errors("own") == []
    assert len(errors("../other")) == 1


@pytest.mark.slow
def test_what_the_system_says_of_the_server_is_not_read(served: Served) -> None:
    text = 'data = csv("/proc/self/environ", target="y")\nnetwork { dense(2) }\n'
    found = served.ask("check", name="digits.nn", text=text)["findings"]
    assert [one["message"] for one in found] == ["`/proc/self/environ` cannot be read"]
    assert "PATH=" not in str(found)


def test_archives_that_were_downloaded_may_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nndsl.confined.folder import reading_below
    from nndsl.data.archive import cache_folder

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    held = cache_folder() / "mnist" / "images.gz"
    held.parent.mkdir(parents=True)
    held.write_bytes(b"images")
    (tmp_path / "course").mkdir()
    with reading_below(tmp_path / "course"):
        assert held.read_bytes() == b"images"
        with pytest.raises(PermissionError):
            (tmp_path / "cache" / "other").write_bytes(b"")


@pytest.mark.slow
def test_no_names_of_files_are_offered_from_above_the_folder(served: Served) -> None:
    (served.folder / "own.csv").write_text(TABLE, "utf-8")
    for path, offered in (("", {"own.csv"}), ("../", set())):
        text = f'data = csv("{path}'
        found = served.ask("complete", name="digits.nn", text=text, offset=len(text))["options"]
        assert {one["name"] for one in found if one["name"].endswith("csv")} == offered


@pytest.mark.slow
def test_a_page_is_saved_unless_somebody_else_did(served: Served) -> None:
    mine = served.ask("open", name="digits.nn")
    theirs = served.ask("open", name="digits.nn")
    given = {"name": "digits.nn", "text": "# mine\n", "checksum": mine["checksum"]}
    saved = served.ask("save", **given)
    answered = served.ask("save", name="digits.nn", text="# theirs\n", checksum=theirs["checksum"])
    assert answered["conflict"]
    assert answered["text"] == "# mine\n"
    assert (served.folder / "digits.nn").read_text("utf-8") == "# mine\n"
    again = {**given, "text": "# mine again\n", "checksum": saved["checksum"]}
    assert "checksum" in served.ask("save", **again)
    new = {"name": "new.nn", "text": PAGE, "checksum": None}
    assert "checksum" in served.ask("save", **new)
    assert served.ask("save", **new)["conflict"]


@pytest.mark.slow
def test_line_ends_of_a_file_stay(served: Served) -> None:
    path = served.folder / "windows.nn"
    path.write_bytes(PAGE.replace("\n", "\r\n").encode())
    opened = served.ask("open", name="windows.nn")
    assert opened["text"] == PAGE
    served.ask("save", name="windows.nn", text="# 1\n" + PAGE, checksum=opened["checksum"])
    assert path.read_bytes() == ("# 1\n" + PAGE).replace("\n", "\r\n").encode()


@pytest.mark.slow
def test_a_full_disk_loses_nothing(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("nndsl.play.files.write_text", full)
    opened = served.ask("open", name="digits.nn")
    answered = served.ask("save", name="digits.nn", text="", checksum=opened["checksum"])
    assert "No space left" in answered["error"]
    assert (served.folder / "digits.nn").read_text("utf-8") == PAGE


@pytest.mark.slow
def test_no_more_runs_begin_at_once_than_may(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nndsl.play.server import MAX_RUNS

    start, held = asyncio.create_subprocess_exec, served.playground.lines
    own: list[Path] = []

    def begin_cat(*command: str, **how: Any) -> Any:
        own.append(Path(how["env"]["TMPDIR"]))
        assert not any(own[-1].iterdir())
        return start("cat", **how)

    monkeypatch.setattr("asyncio.create_subprocess_exec", begin_cat)

    async def begin() -> list[dict[str, Any]]:
        runs = [held({}) for _ in range(2 * MAX_RUNS)]
        said = await asyncio.gather(*map(anext, runs))
        assert served.playground.running == MAX_RUNS
        for run in runs:
            await run.aclose()
        return [json.loads(line) for line in said]

    assert [*map(len, asyncio.run(begin()))] == [1] * 2 * MAX_RUNS
    assert [next(iter(one)) for one in asyncio.run(begin())].count("run") == MAX_RUNS
    assert served.playground.running == 0
    assert len({*own}) == 2 * MAX_RUNS
    assert not any(folder.exists() for folder in own)


@pytest.mark.slow
def test_the_licences_of_the_bundle_are_served(served: Served) -> None:
    with served.open("GET", "/licenses.txt") as response:
        assert "@codemirror/view" in response.read().decode()


def test_a_proof_leaves_the_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nndsl.play import worker

    def prove(model: object) -> Any:
        with tempfile.TemporaryDirectory() as made:  # as the proof of a script's `main` does
            assert Path(made).parent == tmp_path / "own"
        raise ArithmeticError

    for name in ("own", "pages"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "own"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(worker, "Words", lambda: None)
    monkeypatch.setattr(worker, "check_gradients", prove)
    monkeypatch.chdir(tmp_path / "pages")
    folder = str(tmp_path / "pages")
    job = {"name": "net.nn", "text": PAGE, "folder": folder, "root": folder}
    with pytest.raises(ArithmeticError):
        next(worker._prove(job))


@pytest.mark.slow
def test_a_long_page_keeps_nobody_waiting(served: Served) -> None:
    asked = json.dumps({"name": "digits.nn", "text": "#" * 70_000})
    assert served.status("POST", "/ask/check", asked) == 413
    text = "network { input(3); repeat(300) { dense(8); relu }; dense(3) }"
    for method in ("build", "graph"):
        asked = json.dumps({"name": "digits.nn", "text": text})
        with served.open("POST", f"/ask/{method}", asked) as response:
            assert response.status == 403
            assert "more than 500 layers" in response.read().decode()
    assert served.ask("check", name="digits.nn", text=text)["findings"] == []


@pytest.mark.slow
def test_what_takes_too_long_is_ended_and_the_next_is_answered(served: Served) -> None:
    long = "network { input(3); repeat(200) { dense(8); relu }; dense(3) }"
    assert served.ask("check", name="digits.nn", text=PAGE)["findings"] == []
    served.playground.seconds = 0.01
    for method in ("check", "build"):
        asked = json.dumps({"name": "digits.nn", "text": long})
        with served.open("POST", f"/ask/{method}", asked) as response:
            assert response.status == 403
            assert response.read().decode() == f"`{method}` was ended after 0.01 seconds"
    served.playground.seconds = 60
    assert served.ask("check", name="digits.nn", text=long)["findings"] == []
    (compiler,) = served.playground.compilers.idle
    if sys.platform == "linux":
        limits = Path(f"/proc/{compiler.process.pid}/limits").read_text("utf-8")
        assert not re.search("Max address space +unlimited", limits)
    compiler.process.kill()
    compiler.process.wait(60)
    assert served.ask("check", name="digits.nn", text=long)["findings"] == []


@pytest.mark.slow
def test_a_question_that_nobody_waits_for_is_not_asked(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, release, asked = Event(), Event(), []

    def call(_: str, job: tuple[Path, str, dict[str, Any]], seconds: float) -> dict[str, Any]:
        asked.append(job[2]["text"])
        begun.set()
        assert release.wait(60)
        return {}

    def check(text: str) -> dict[str, Any]:
        answer: dict[str, Any] = served.ask("check", name="digits.nn", text=text)
        return answer

    monkeypatch.setattr(served.playground.compilers, "call", call)
    body = json.dumps({"name": "digits.nn", "text": "left"})
    own = f"127.0.0.1:{served.port}"
    head = {
        "Host": own,
        "X-Nndsl-Key": served.playground.key,
        "Origin": f"http://{own}",
        "Content-Type": "application/json",
    }
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(check, "first")]
        assert begun.wait(60)
        left = HTTPConnection("127.0.0.1", served.port)
        left.request("POST", "/ask/check", body, head)
        while len(served.playground._turns[True]._waiters or ()) < 1:
            time.sleep(0.01)
        left.close()
        while len(served.server.server_state.connections) > 1:
            time.sleep(0.01)
        answers.append(pool.submit(check, "last"))
        release.set()
        assert [one.result() for one in answers] == [{}, {}]
    assert asked == ["first", "last"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no process is stopped there")
def test_the_end_of_the_server_waits_for_no_answer(served: Served) -> None:
    question = "POST", "/ask/check", json.dumps({"name": "digits.nn", "text": PAGE})
    assert served.status(*question) == 200
    (compiler,) = served.playground.compilers.idle
    os.kill(compiler.process.pid, signal.SIGSTOP)  # as one that computes without end
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(served.status, *question)
        while served.playground.compilers.idle:
            time.sleep(0.01)
        served.end()
        assert asked.exception() or asked.result() != 200
    assert compiler.process.wait(60) == -signal.SIGKILL


@pytest.mark.slow
def test_a_training_says_what_it_does_and_ends_with_its_listener(served: Served) -> None:
    given = {"name": "digits.nn", "text": PAGE}
    with served.open("POST", "/run/train", json.dumps(given)) as response:
        said = [json.loads(line) for line in response]
    seen = [one for one in said if "epoch" in one]
    assert seen[-1]["epoch"] == 2
    assert [curve["title"] for curve in seen[-1]["curves"]] == ["Loss", "Accuracy"]
    for one in seen:  # from the first on: no scale changes when a training ends
        assert all(", by " in curve["svg"] for curve in one["curves"])
    assert {one["name"] for one in seen[-1]["histograms"]} >= {"A1", "W1"}
    (ended,) = [one["ended"] for one in said if "ended" in one]
    assert "accuracy" in ended
    titles = [one["title"] for one in said[-1]["pictures"]]
    assert {"Confusion matrix", "Most confused images"} <= {*titles}

    endless = {**given, "text": PAGE.replace("epochs = 2", "epochs = 100_000")}
    response = served.open("POST", "/run/train", json.dumps(endless))
    key = json.loads(response.readline())["run"]
    while "epoch" not in json.loads(response.readline()):
        pass
    assert served.status("POST", f"/tell/{key}/pause", "{}") == 200
    assert served.status("POST", f"/tell/{key}/stop", "{}") == 200
    (ended,) = [one["ended"] for line in response if "ended" in (one := json.loads(line))]
    assert "interrupted" in ended

    response = served.open("POST", "/run/train", json.dumps(endless))
    response.readline()
    assert "epochs" in json.loads(response.readline())
    assert served.playground.running == 1
    (process,) = served.playground._runs.values()
    if sys.platform == "linux":
        assert process is not None
        limits = Path(f"/proc/{process.pid}/limits").read_text("utf-8")
        assert not re.search("Max address space +unlimited", limits)
    response.close()
    deadline = time.monotonic() + 30
    while served.playground.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not served.playground.running


@pytest.mark.slow
def test_a_descent_shows_its_path(served: Served) -> None:
    text = "minimize { f = x**2 + y**2; start(x=1, y=2); optimizer = sgd(lr=0.1); steps = 9 }"
    with served.open("POST", "/run/train", json.dumps({"name": "f.nn", "text": text})) as response:
        _, ended, drawn = (json.loads(line) for line in response)
    assert "9 steps" in ended["ended"]
    assert [one["title"] for one in drawn["pictures"]] == ["The path", "f over the steps"]


@pytest.mark.slow
def test_a_training_reads_below_the_folder_alone(served: Served) -> None:
    text = PAGE.replace("digits(", 'csv("../secret.csv", target="y", ')
    given = json.dumps({"name": "digits.nn", "text": text})
    with served.open("POST", "/run/train", given) as response:
        said = [json.loads(line) for line in response]
    assert "error" in said[-1]
    assert not any("epoch" in one for one in said)
