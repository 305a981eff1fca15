"""stub"""

import click


@click.command()
def names() -> None:
    pass
