"""``expertstance doctor``: what this machine computes with, how fast, and whether its numbers can be trusted."""

from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from expertstance.cli.options import (
    BackendOption,
    DeviceOption,
    JsonOption,
    ModelOption,
    PrecisionOption,
    RevisionOption,
)
from expertstance.cli.output import err, print_json

if TYPE_CHECKING:
    from expertstance.doctor import Diagnosis

EXIT_FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="doctor")(doctor)


def doctor(
    model: ModelOption = None,
    revision: RevisionOption = None,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    backend: BackendOption = "auto",
    json: JsonOption = False,
) -> None:
    """Tell device, precision and back end, measure the speed, check the numbers (exit code 1 where one is wrong)."""
    from expertstance.doctor import examine

    diagnosis = examine(model, revision=revision, device=device, precision=precision, backend=backend)
    if json:
        print_json(diagnosis.to_dict())
    else:
        Console().print(_table(diagnosis))
    for check in diagnosis.failed:
        err(
            f"check failed: {check.name}: probabilities differ by {check.largest_difference:.2g} "
            f"(limit {check.limit:g}), {check.labels_changed:.1%} of the labels change; do not trust "
            f"{diagnosis.device} in {diagnosis.precision} with {diagnosis.backend}, "
            "give another --device, --precision or --backend"
        )
    if diagnosis.failed:
        raise typer.Exit(EXIT_FAILED)


def _table(d: "Diagnosis") -> Table:
    table = Table("", "here", "why", show_header=False)
    table.add_row("model", f"{d.model} {d.revision}", Text(d.weights, overflow="fold"))
    table.add_row("SHA-256", Text(d.sha256, overflow="fold"), "")
    table.add_section()
    table.add_row("machine", d.machine, f"{d.threads} threads")
    table.add_row("device", d.device, f"{d.device_reason}; to be had: {', '.join(d.devices)}")
    table.add_row("precision", d.precision, f"{d.precision_reason}; to be had: {', '.join(d.precisions)}")
    table.add_row("back end", d.backend, f"{d.backend_reason}; to be had: {', '.join(d.backends)}")
    table.add_section()
    table.add_row("speed", f"{d.statements_per_second:,.0f} statements/s", "200 statements of 2 to 248 words, mean 28")
    for check in d.checks:
        verdict = Text("passed", style="green") if check.passed else Text("FAILED", style="bold red")
        detail = f"probabilities differ by {check.largest_difference:.2g}, limit {check.limit:g}"
        table.add_row(check.name, verdict, detail)
    table.add_section()
    for name, number in d.versions.items():
        table.add_row(name, number or "not installed", "")
    return table
