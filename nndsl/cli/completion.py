"""`nndsl completion`: what a shell completes, from the parsers of all commands."""

import re
import shlex
from argparse import Action, Namespace
from importlib import import_module

from nndsl.cli.arguments import Parser, parser_of
from nndsl.cli.commands import COMMANDS
from nndsl.cli.dispatch import summaries
from nndsl.cli.output import print_text

DESCRIPTION = """\
Print what makes a shell complete commands, options and their values. Files
are completed as the shell does it."""
EXAMPLE = """\
  nndsl completion bash > ~/.local/share/bash-completion/completions/nndsl
  nndsl completion zsh > ~/.zfunc/_nndsl       a folder of $fpath
  nndsl completion fish > ~/.config/fish/completions/nndsl.fish"""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=[*SHELLS], help=", ".join(SHELLS))


def run(arguments: Namespace) -> int:
    parsers = {name: parser_of(name, import_module(f"nndsl.cli.{name}")) for name in COMMANDS}
    print_text(SHELLS[arguments.shell](parsers))
    return 0


def _options(parser: Parser) -> list[Action]:
    return [action for action in parser.actions if action.option_strings]


def _words(parser: Parser) -> list[str]:
    """Return what may stand where an argument is expected, besides files."""
    words = [word for action in _options(parser) for word in action.option_strings]
    positional = [action for action in parser.actions if not action.option_strings]
    return [*words, "--help", *(word for one in positional for word in _choices(one))]


def _choices(action: Action) -> list[str]:
    return [str(choice) for choice in action.choices or ()]


def _bash(parsers: dict[str, Parser]) -> str:
    lines = [
        "# Completion of nndsl for bash.",
        "_nndsl() {",
        "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=",
        '  if [ "$COMP_CWORD" = 1 ]; then',
        f"    words={shlex.quote(' '.join([*parsers, '--help', '--version']))}",
        "  else",
        '    case "${COMP_WORDS[1]} $before" in',
    ]
    for name, parser in parsers.items():
        for action in filter(_choices, _options(parser)):
            patterns = "|".join(f"'{name} {option}'" for option in action.option_strings)
            lines.append(f"      {patterns}) words={shlex.quote(' '.join(_choices(action)))} ;;")
    lines += [f"      '{name} '*) words='{' '.join(_words(p))}' ;;" for name, p in parsers.items()]
    lines += [
        "    esac",
        "  fi",
        '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
        "}",
        "complete -o default -F _nndsl nndsl",
    ]
    return "\n".join(lines) + "\n"


def _zsh(parsers: dict[str, Parser]) -> str:
    lines = ["#compdef nndsl", "# Completion of nndsl for zsh.", "local -a commands", "commands=("]
    lines += [f"  {shlex.quote(f'{name}:{text}')}" for name, text in summaries().items()]
    lines += [
        ")",
        "if (( CURRENT == 2 )); then",
        "  _describe command commands",
        "  return",
        "fi",
        'local command="${words[2]}"',
        "shift words; (( CURRENT-- ))",
        'case "$command" in',
    ]
    for name, parser in parsers.items():
        lines.append(f"  {name}) _arguments \\")
        for action in _options(parser):
            does_repeat = "*" if type(action).__name__ == "_AppendAction" else ""
            # What stands in brackets has its own signs.
            about = re.sub(r"([\[\]:\\])", r"\\\1", action.help or "")
            values = f"({' '.join(_choices(action))})" if action.choices else "_files"
            value = f":{action.metavar or 'VALUE'}:{values}" if action.nargs != 0 else ""
            for option in action.option_strings:
                lines.append(f"    {shlex.quote(f'{does_repeat}{option}[{about}]{value}')} \\")
        choices = [
            word for one in parser.actions if not one.option_strings for word in _choices(one)
        ]
        rest = f"({' '.join(choices)})" if choices else "_files"
        lines.append(f"    {shlex.quote(f'*:argument:{rest}')} ;;")
    return "\n".join([*lines, "esac"]) + "\n"


def _fish(parsers: dict[str, Parser]) -> str:
    lines = ["# Completion of nndsl for fish."]
    lines += [
        f"complete -c nndsl -n __fish_use_subcommand -a {name} -d {_fish_quoted(text)} -f"
        for name, text in summaries().items()
    ]
    for name, parser in parsers.items():
        begin = f"complete -c nndsl -n '__fish_seen_subcommand_from {name}'"
        for action in parser.actions:
            names = [
                f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
                for option in action.option_strings
            ]
            takes = ["-r"] * (action.nargs != 0 and bool(names))
            values = [f"-f -a {_fish_quoted(' '.join(_choices(action)))}"] * bool(action.choices)
            if names or values:
                about = f"-d {_fish_quoted(action.help or '')}"
                lines.append(" ".join([begin, *names, *takes, *values, about]))
    return "\n".join(lines) + "\n"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SHELLS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
