"""``mojibake-fix completion``: the script that teaches a shell to complete the command."""

from __future__ import annotations

import click

__all__ = ["completion"]


@click.command(
    help="Print the script that completes this command in SHELL.  For bash: "
    'eval "$(mojibake-fix completion bash)" in ~/.bashrc.',
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Write the script to standard output."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    root = ctx.find_root().command
    click.echo(kind(root, {}, "mojibake-fix", "_MOJIBAKE_FIX_COMPLETE").source())
