"""The reference of the command line, as Markdown: ``python -m core.commands.reference > docs/command-line.md``."""

import sys
from typing import Any

from core.commands.app import commands_of, program

INTRODUCTION = """# The command line

<!-- Written by `python -m core.commands.reference`: change the help texts in core/commands instead. -->

`python -m core [--workspace FOLDER] COMMAND`. Without `--workspace`, the workspace is the folder that the environment
variable `SEAMLENS_WORKSPACE` names, else `./workspace`. `--version` prints the version, and `--help` after a command prints
its part of this page.

Bad input ends with one line on standard error and exit code 2; nothing is stored by half.

To complete commands, options and names of runs with the Tab key, install the command `seamlens`, which is the same program,
and its completion: `pip install --no-deps -e . && seamlens --install-completion`.

`RUN` is the name of a run, or `latest`.
"""


def reference() -> str:
    """Return the Markdown of the page."""
    sections = [_section(name, command) for name, command in commands_of(program()) if not command.hidden]
    return "\n".join([INTRODUCTION, *sections])


def _section(name: str, command: Any) -> str:
    parameters = [parameter for parameter in command.params if not parameter.hidden]
    arguments = [parameter for parameter in parameters if parameter.param_type_name == "argument"]
    usage = " ".join([name, *map(_usage, arguments), "[OPTIONS]" if len(arguments) < len(parameters) else ""])
    rows = "".join(f"| `{_term(p)}` | {_sentence(p)} |\n" for p in parameters)
    table = f"\n| | |\n| --- | --- |\n{rows}" if rows else ""
    return f"## {name}\n\n`{usage.strip()}`\n\n{command.help}\n{table}"


def _usage(argument: Any) -> str:
    name = argument.metavar + ("…" if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _term(parameter: Any) -> str:
    value = parameter.metavar or "|".join(map(str, parameter.type_descriptor.choices or ()))
    name = "" if parameter.param_type_name == "argument" else parameter.opts[0]
    return f"{name} {value}".strip().replace("|", "\\|")


def _sentence(parameter: Any) -> str:
    has_default = parameter.default not in (None, "") and parameter.default is not False
    default = f" Default: {parameter.default}." if has_default else ""
    needed = " Required." if parameter.required and parameter.param_type_name == "option" else ""
    return f"{parameter.help}{default}{needed}".replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(reference(), end="")
