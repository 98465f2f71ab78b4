// Which lines of a page and of its script belong together. `lines` has for each line of the
// script those of the page that it comes from, the line itself first and then the calls around it.

/** Lines of the script that come from a line of the page, in order. */
function scriptLines(lines, line) {
  return lines.flatMap((from, at) => (from.includes(line) ? [at] : []));
}

/** Lines of the page that a line of the script comes from. */
function pageLines(lines, line) {
  return lines[line] ?? [];
}

/** The command and its arguments, with the folder that is open in the place of its name. */
function command(parts, folder) {
  const given = parts.length ? parts : ["nndsl", "lsp"];
  const [program, ...args] = given.map((part) => part.replaceAll("${workspaceFolder}", folder ?? "."));
  return { program, args };
}

module.exports = { command, pageLines, scriptLines };
