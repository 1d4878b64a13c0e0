"""One program, sub-commands joined through entry points: ``expertstance --help``.

A distribution adds commands with an entry point in the group ``expertstance.commands`` whose value is a function that
takes the typer application and registers them; this module knows none of those packages.
"""

import sys
from importlib.metadata import entry_points, version
from typing import Annotated

import click
import typer

from expertstance.cli import analyze, predict
from expertstance.cli.output import err
from expertstance.errors import ExpertstanceError

COMMAND_GROUP = "expertstance.commands"
EXIT_REJECTED = 1
EXIT_UNUSABLE = 2
EXIT_INTERRUPTED = 130


def _version(show: bool) -> None:
    if show:
        typer.echo(f"expertstance {version('expertstance')}")
        raise typer.Exit


def build_app() -> typer.Typer:
    """The application with the commands of every installed distribution."""
    app = typer.Typer(
        name="expertstance",
        help="Who said what in an article or a file of quotes, and with which outlook.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def options(
        debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
        ] = False,
    ) -> None:
        """Options before the sub-command."""

    predict.register(app)
    analyze.register(app)
    for entry_point in sorted(entry_points(group=COMMAND_GROUP), key=lambda e: e.name):
        entry_point.load()(app)
    return app


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 done, 1 something rejected or failed, 2 unusable input."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    command = typer.main.get_command(build_app())
    try:
        code = command.main(args=arguments, prog_name="expertstance", standalone_mode=False)
    except click.exceptions.Abort:
        err("interrupted")
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EXIT_UNUSABLE
    except KeyboardInterrupt:
        err("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nobody is left to tell
        return EXIT_REJECTED
    except (ExpertstanceError, OSError) as error:
        if debug:
            raise
        err(str(error))
        return EXIT_UNUSABLE
    return int(code or 0)


def run() -> None:
    """Entry point of the installed program."""
    sys.exit(main())
