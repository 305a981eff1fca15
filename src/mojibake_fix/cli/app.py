"""The command group, and the command that runs where none is named.  A command is a module of this package."""

from __future__ import annotations

import click

from mojibake_fix.cli.fix import fix
from mojibake_fix.version import __version__

__all__ = ["main"]

_DEFAULT_COMMAND = fix


class _DefaultGroup(click.Group):
    """A group whose default command needs no name: ``mojibake-fix a.txt`` is ``mojibake-fix fix a.txt``.

    Only a first argument that is a command, or an option of the group, is not the default command's.
    A file with the name of a command is reached as ``./fix``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own_options = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        first = args[0] if args else None
        if first is None or first not in own_options | self.commands.keys():
            args = [_DEFAULT_COMMAND.name or "", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, f"[{_DEFAULT_COMMAND.name}] [OPTIONS] [PATHS]...")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the default command's options with the group's own."""
        own = {parameter.name: parameter for parameter in self.get_params(ctx)}
        options = {parameter.name: parameter for parameter in _DEFAULT_COMMAND.params} | own
        records = [option.get_help_record(ctx) for option in options.values() if isinstance(option, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record is not None])
        self.format_commands(ctx, formatter)


@click.group(
    name="mojibake-fix",
    cls=_DefaultGroup,
    help=_DEFAULT_COMMAND.help,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="mojibake-fix", message="%(prog)s %(version)s")
def main() -> None:
    """Run the command named on the command line; the process ends with its exit code."""


main.add_command(fix)
