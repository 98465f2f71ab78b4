"""A real client: Neovim, with the configuration that the page on editors shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SESSION = r"""
local said, buffer, uri = {}, vim.api.nvim_get_current_buf(), vim.uri_from_bufnr(0)
local function wait(what) assert(vim.wait(60000, what, 20)) end
local function line(at) return vim.api.nvim_buf_get_lines(buffer, at, at + 1, false)[1] end
local function put(at, text) vim.api.nvim_buf_set_lines(buffer, at, at + 1, false, { text }) end
local function ask(method, params)
  params.textDocument = { uri = uri }
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 60000)
  for _, answer in pairs(answers) do return answer.result end
end
wait(function() return next(vim.lsp.buf_get_clients(0)) ~= nil end)
put(11, "    rleu")
wait(function() return #vim.diagnostic.get(buffer) > 0 end)
table.insert(said, vim.diagnostic.get(buffer)[1].message)
local range = { start = { line = 11, character = 4 }, ["end"] = { line = 11, character = 8 } }
local fix = ask("textDocument/codeAction", { range = range, context = { diagnostics = {} } })[1]
vim.lsp.util.apply_workspace_edit(fix.edit, "utf-16")
wait(function() return #vim.diagnostic.get(buffer) == 0 end)
table.insert(said, line(11))
vim.api.nvim_win_set_cursor(0, { 11, 11 })
vim.lsp.buf.rename("units")
wait(function() return line(3):find("units") end)
table.insert(said, line(3))
put(13, "       dense( 10 )")
vim.lsp.buf.formatting_sync(nil, 60000)
table.insert(said, line(13))
vim.fn.writefile(said, "said.txt")
vim.cmd("qa!")
"""


@pytest.mark.slow
def test_neovim_shows_mends_renames_and_formats(tmp_path: Path) -> None:
    pytest.importorskip("pygls")
    if shutil.which("nvim") is None:
        pytest.skip("there is no Neovim")
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    older = next(c for c in re.findall(r"```lua\n(.*?)```", page, re.S) if "start_client" in c)
    (tmp_path / "init.lua").write_text(f"vim.opt.swapfile = false\n{older}", encoding="utf-8")
    (tmp_path / "session.lua").write_text(SESSION, encoding="utf-8")
    shutil.copy(ROOT / "specs" / "digits.nn", tmp_path)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(tmp_path))
    command = "nvim --headless --clean -n -u init.lua digits.nn -c".split()
    subprocess.run(
        [*command, "luafile session.lua"],
        cwd=tmp_path,
        env={**os.environ, **homes, "PATH": path},
        timeout=300,
        check=True,
    )
    assert (tmp_path / "said.txt").read_text(encoding="utf-8").splitlines() == [
        "unknown layer `rleu`\nhelp: did you mean `relu`?".replace("\n", "\x00"),
        "    relu",
        "let units = 100",
        "  dense(10)",
    ]
