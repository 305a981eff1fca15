"""The command group, and the command that runs where none is named.  A command is a module of this package."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
from typing import TYPE_CHECKING, Any

import click

from mojibake_fix.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["main"]

_DEFAULT_COMMAND = "fix"
_INTERRUPTED = 130
"""What the shell reports of a program that SIGINT (2) ended: 128 + 2.  Click's 1 would say that faults were found."""

_COMMANDS = {
    "fix": "mojibake_fix.cli.fix",
    "detect": "mojibake_fix.cli.detect",
    "explain": "mojibake_fix.cli.explain",
    "names": "mojibake_fix.cli.names",
    "completion": "mojibake_fix.cli.completion",
    "man": "mojibake_fix.cli.man",
}
"""Each command, and the module that has it under the same name: imported when it is called for."""


class _DefaultGroup(click.Group):
    """A group whose default command needs no name: ``mojibake-fix a.txt`` is ``mojibake-fix fix a.txt``.

    Only a first argument that is a command, or an option of the group, is not the default command's.
    A file with the name of a command is reached as ``./fix``.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = getattr(importlib.import_module(module), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own_options = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        first = args[0] if args else None
        # The first word that is being completed, which is not among these, may become a command yet.
        is_open = ctx.resilient_parsing and first is None
        if not is_open and (first is None or first not in own_options | _COMMANDS.keys()):
            args = [_DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise SystemExit(_INTERRUPTED) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the first word: a command, or an option or a path of the default one."""
        default = self._default(ctx)
        context = click.Context(default, info_name=_DEFAULT_COMMAND, parent=ctx)
        arguments = [parameter for parameter in default.params if isinstance(parameter, click.Argument)]
        # Paths first: in bash they are what is left if nothing else is found.
        paths = [] if incomplete[:1] == "-" else arguments[0].shell_complete(context, incomplete)
        own = super().shell_complete(ctx, incomplete)
        names = {item.value for item in own}
        return [
            *paths,
            *own,
            *(item for item in default.shell_complete(context, incomplete) if item.value not in names),
        ]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, f"[{_DEFAULT_COMMAND}] [OPTIONS] [PATHS]...")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._default(ctx).format_help_text(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the default command's options with the group's own."""
        own = {parameter.name: parameter for parameter in self.get_params(ctx)}
        options = {parameter.name: parameter for parameter in self._default(ctx).params} | own
        records = [option.get_help_record(ctx) for option in options.values() if isinstance(option, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record is not None])
        self.format_commands(ctx, formatter)

    def _default(self, ctx: click.Context) -> click.Command:
        command = self.get_command(ctx, _DEFAULT_COMMAND)
        assert command is not None
        return command


@click.group(name="mojibake-fix", cls=_DefaultGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mojibake-fix", message="%(prog)s %(version)s")
def main() -> None:
    """Run the command named on the command line; the process ends with its exit code."""
    # Arrays here are never multiplied as matrices of a size that pays for threads, and NumPy's BLAS starts one for
    # each processor when it is imported: 70 ms of CPU time on two.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What imports make is no garbage: looking for it after every 700 objects takes 15 ms of a start.
    gc.set_threshold(20_000)
    # Nor is what is there at the end, where the interpreter would look through all of it once more: 25 ms.
    atexit.register(gc.freeze)
