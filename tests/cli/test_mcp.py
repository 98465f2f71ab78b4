"""The compiler as an agent sees it: the protocol, typed results, and one folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli
from data_formats import READERS, UNREADABLE, write

from nndsl.mcp.pages import Pages, ToolProblem
from nndsl.mcp.worker import Tools, answer

PAGE = """\
data = spiral(classes=3, samples=60, validation=0.1, test=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 2 }
"""
Call = Callable[..., Any]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Return the function that calls a tool; of an error it returns the text."""

    def call(name: str, /, **given: Any) -> Any:
        _, found = answer(Pages(tmp_path), name, given)
        return asdict(found) if is_dataclass(found) else found

    return call


@pytest.mark.slow
def test_a_page_is_written_checked_built_and_trained(call: Call, tmp_path: Path) -> None:
    wrong = PAGE.replace("relu", "relo")
    found = call("write_page", path="nets/net.nn", text=wrong)
    assert found["is_right"] is False
    (finding,) = found["findings"]
    assert (finding["code"], finding["line"], finding["column"]) == ("NN201", 2, 21)
    assert finding["help"] == "did you mean `relu`?"
    mended = call("check", path="nets/net.nn", fix=True)
    assert (mended["is_right"], mended["text"]) == (True, PAGE)
    assert call("write_page", path="nets/net.nn", text=PAGE)["is_right"] is True
    assert call("list_pages") == ["nets/net.nn"]
    assert call("read_page", path="nets/net.nn") == PAGE
    assert "def loss_and_gradients" in call("build", path="nets/net.nn")
    assert "class " in call("build", text=PAGE, style="layers")
    assert call("graph", text=PAGE).startswith("flowchart TB")
    summary = call("summary", text=PAGE)
    assert (summary["parameters"], summary["parts"]["test"]) == (51, 12)
    assert call("gradcheck", text=PAGE)["passed"] is True
    trained = call("train", path="nets/net.nn", set={"train.epochs": "3"})
    assert trained["finished"] is True
    assert len(trained["epochs"]) == 3
    assert set(trained["results"]) >= {"loss", "test_accuracy"}
    assert trained["baselines"]


@pytest.mark.slow
def test_a_training_ends_in_time(call: Call) -> None:
    page = PAGE.replace("epochs = 2", "epochs = 1_000_000")
    found = call("train", text=page, seconds=0.3)
    assert found["finished"] is False
    assert found["epochs"]


def test_words_and_codes_are_explained(call: Call) -> None:
    (dense,) = call("words", name="dense")
    assert dense.arguments[0].name == "units"
    assert {word.kind for word in call("words", kind="losses")} == {"losses"}
    assert call("explain", code="nn201")["code"] == "NN201"


def test_what_is_wrong_is_said(call: Call) -> None:
    for name, given, said in (
        ("check", {}, "give the `text` of a page"),
        ("build", {"text": "network { droput(0.5) }"}, "did you mean `dropout`?"),
        ("train", {"text": "network { input(3); dense(2) }"}, "nothing to train"),
        ("explain", {"code": "NN999"}, "there is no code `NN999`"),
        ("words", {"name": "denze"}, "did you mean `dense`?"),
        ("read_page", {"path": "missing.nn"}, "does not exist"),
    ):
        assert said in call(name, **given)


def test_nothing_outside_of_the_folder_is_reached(call: Call, tmp_path: Path) -> None:
    outside = tmp_path.parent / "secret.csv"
    outside.write_text("a,b\n1,0\n2,1\n", encoding="utf-8")
    (tmp_path / "link.nn").symlink_to(outside)
    (tmp_path / ".env").write_text("PASSWORD=1", encoding="utf-8")
    for path in ("../secret.csv", str(outside), "link.nn"):
        assert "outside of the folder" in call("read_page", path=path)
    for tool in ("read_page", "check"):
        assert "ends in .nn" in call(tool, path=".env")
    assert "outside of the folder" in call("write_page", path="../new.nn", text=PAGE)
    assert "ends in .nn" in call("write_page", path="train.py", text="import os")
    assert not (tmp_path.parent / "new.nn").exists()
    for path in ("../secret.csv", str(outside)):
        page = f'data = csv("{path}", target="b")\nnetwork {{ dense(2) }}'
        found = call("check", text=page)
        assert found["is_right"] is False
        assert "cannot be read" in found["findings"][0]["message"]


def test_no_format_is_read_outside(call: Call, tmp_path: Path) -> None:
    write(tmp_path.parent / f"{tmp_path.name}_other")
    for reader in READERS.values():
        data = reader.format(f"../{tmp_path.name}_other")
        found = call("check", text=f"data = {data}\nnetwork {{ flatten; dense(2) }}")
        assert any(re.search(UNREADABLE, one["message"]) for one in found["findings"])


@pytest.mark.slow
def test_what_takes_too_long_or_ends_is_begun_anew(tmp_path: Path) -> None:
    tools = Tools(tmp_path)
    assert tools.call("explain", {"code": "NN201"}, 60).code == "NN201"
    endless = PAGE.replace("epochs = 2", "epochs = 1_000_000")
    with pytest.raises(ToolProblem, match=r"`train` was ended after 0\.5 seconds"):
        tools.call("train", {"text": endless, "seconds": 60.0}, 0.5)
    assert tools.call("check", {"text": PAGE}, 60).is_right
    (worker,) = tools.workers.idle
    if sys.platform == "linux":
        limits = Path(f"/proc/{worker.process.pid}/limits").read_text("utf-8")
        assert not re.search("Max address space +unlimited", limits)
    worker.process.kill()
    worker.process.wait(60)
    assert tools.call("check", {"text": PAGE}, 60).is_right
    with pytest.raises(ToolProblem, match="`check` failed, which is a bug of nndsl: TypeError"):
        tools.call("check", {"no": "such"}, 60)
    with pytest.raises(ToolProblem, match="did you mean `dropout`"):
        tools.call("build", {"text": "network { droput(0.5) }"}, 60)


@pytest.mark.slow  # to import the library of the protocol takes seconds
def test_it_is_served_on_stdin_and_stdout(cli: Cli, tmp_path: Path) -> None:
    pytest.importorskip("mcp")
    import anyio
    from mcp import Client, StdioServerParameters, stdio_client

    served = StdioServerParameters(
        command=sys.executable, args=["-m", "nndsl", "mcp"], cwd=tmp_path, env=dict(os.environ)
    )
    (tmp_path / "pickle.py").write_text("raise SystemExit('this is no module')", encoding="utf-8")
    wrong = PAGE.replace("relu", "relo")

    async def ask() -> tuple[list[str], Any, Any]:
        async with Client(stdio_client(served, errlog=sys.__stderr__)) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            checked = await client.call_tool("write_page", {"path": "net.nn", "text": wrong})
            refused = await client.call_tool("train", {"path": "net.nn", "seconds": 5})
            for seconds in ("nan", "-1", "1e9"):
                ends = await client.call_tool("train", {"text": PAGE, "seconds": seconds})
                assert ends.is_error
                assert "seconds" in ends.content[0].text
            return tools, checked.structured_content, refused

    tools, checked, refused = anyio.run(ask)
    assert {"check", "build", "train", "words"} <= set(tools)
    assert checked["findings"][0]["code"] == "NN201"
    assert refused.is_error
    assert "did you mean `relu`?" in refused.content[0].text
    code = "import sys; sys.modules['mcp'] = None; from nndsl.cli import main; main(['mcp'])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "nndsl[mcp]"' in said.stderr
