"""The commands on releases that are there: no logic of their own."""

from pathlib import Path
from typing import Final

import click

from kg.errors import ReleaseUnknown
from kg.settings import Settings


def _say(message: str) -> None:
    click.echo(message, err=True)


@click.command()
def releases() -> None:
    """List the releases, newest first; * marks the one in use.

    Example: kg releases
    """
    from kg.release.history import releases as list_releases
    from kg.release.manifest import Manifest

    for release in list_releases(Settings.from_environment().data):
        try:
            triples = Manifest.read(release.folder).counts["triples"]
        except ReleaseUnknown:
            if release.folder.is_dir():
                raise
            continue  # removed meanwhile
        mark = "*" if release.is_current else " "
        click.echo(f"{mark} {release.id}  {release.published:%Y-%m-%d %H:%M}  {triples:,} triples")


@click.command()
@click.argument("release", required=False)
def rollback(release: str | None) -> None:
    """Put an earlier release in use: the named RELEASE, or the one before.

    Example: kg rollback
    """
    from kg.release.history import rollback as roll_back

    click.echo(f"release {roll_back(Settings.from_environment().data, release).name}")


@click.command()
@click.argument("release", required=False)
def verify(release: str | None) -> None:
    """Read the release in use, or the named RELEASE, from end to end and say what is damaged.

    Example: kg verify
    """
    from kg.release.backup import verify as verify_release

    click.echo(f"whole: {verify_release(Settings.from_environment().data, release).id}")


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Copy the release in use into the data folder TARGET, read it back, and put it in use there.

    Example: kg backup /mnt/backup/industry-kg
    """
    from kg.release.backup import back_up

    manifest = back_up(Settings.from_environment().data, target, _say)
    click.echo(f"backup of {manifest.id} in {target}")


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only read the backup and say what is damaged.")
def restore(source: Path, check: bool) -> None:
    """Put the release that the backup SOURCE holds in use.

    Example: kg restore /mnt/backup/industry-kg
    """
    from kg.release.backup import restore as restore_release

    data = Settings.from_environment().data
    manifest = restore_release(source, data, _say, check_only=check)
    click.echo(f"{'whole' if check else 'release'} {manifest.id}")


RELEASE_COMMANDS: Final = (releases, rollback, verify, backup, restore)
