"""``expertstance export``: a model folder for ONNX Runtime, OpenVINO or plain transformers."""

from pathlib import Path
from typing import Annotated

import typer

from expertstance.cli.options import JsonOption, ModelOption, RevisionOption
from expertstance.cli.output import err, print_json

EXIT_REFUSED = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="export")(export)


def export(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write.")],
    format: Annotated[str, typer.Option("--format", help="onnx, openvino or safetensors (plain transformers).")],
    precision: Annotated[str, typer.Option("--precision", help="fp32 or, with onnx, int8.")] = "fp32",
    gate: Annotated[
        Path | None,
        typer.Option("--gate", help="JSONL file with text, to compare on.", show_default="the package's own list"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier export.")] = False,
    model: ModelOption = None,
    revision: RevisionOption = None,
    json: JsonOption = False,
) -> None:
    """Write a folder that another runtime loads, unless it would compute something else (exit code 1)."""
    from expertstance.export import ExportRefusedError, export_model

    try:
        made = export_model(
            model, output, format=format, revision=revision, precision=precision, gate=gate, overwrite=overwrite
        )
    except ExportRefusedError as error:
        err(str(error))
        raise typer.Exit(EXIT_REFUSED) from error
    if json:
        print_json(made.to_dict())
        return
    parity = made.parity
    typer.echo(
        f"{output}: {made.model} {made.revision} as {made.format}, {made.precision}; against float32 torch "
        f"{parity.labels_changed:.2%} of {parity.n:,} labels change, probabilities by "
        f"{parity.largest_difference:.2g} at most, {parity.mean_difference:.2g} on average"
    )
