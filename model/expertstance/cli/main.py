"""One program, sub-commands joined through entry points: ``expertstance --help``.

A distribution adds commands with an entry point in the group ``expertstance.commands`` whose value is a function that
takes the typer application and registers them; this module knows none of those packages.
"""

import io
import os
import sys
import traceback
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated

import typer

from expertstance.cli import analyze, demo, doctor, export, predict, score
from expertstance.cli.output import err
from expertstance.errors import ExpertstanceError

COMMAND_GROUP = "expertstance.commands"
EXIT_UNUSABLE = 2


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
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"]},
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
    score.register(app)
    export.register(app)
    doctor.register(app)
    demo.register(app)
    for entry_point in sorted(entry_points(group=COMMAND_GROUP), key=lambda e: e.name):
        entry_point.load()(app)
    return app


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 done, 1 something rejected or failed, 2 unusable input."""
    arguments = sys.argv[1:] if arguments is None else arguments
    command = typer.main.get_command(build_app())
    try:
        command.main(args=arguments, prog_name="expertstance")
    except SystemExit as stop:  # typer's way to end, usage errors (2) and Ctrl-C (130) included
        return stop.code if isinstance(stop.code, int) else EXIT_UNUSABLE
    except Exception as error:
        if "--debug" in arguments:
            traceback.print_exc()
        err(_sentence(error))
        return EXIT_UNUSABLE
    return 0


def _sentence(error: Exception) -> str:
    if isinstance(error, ExpertstanceError):
        return str(error)
    if not isinstance(error, OSError):
        shown = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return f"a fault of expertstance itself ({shown}); please report it with what --debug before the command shows"
    if error.filename is not None:
        return f"{error.filename}: {error.strerror}; check the path and its permissions"
    return f"output cannot be written ({error.strerror}); make room for it" if error.strerror else str(error)


def run() -> None:
    """Entry point of the installed program."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the stream does not have is shown as its escape
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
