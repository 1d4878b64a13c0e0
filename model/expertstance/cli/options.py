"""Options that several commands share."""

from typing import Annotated

import typer

ModelOption = Annotated[
    str | None, typer.Option("--model", help="Model folder or hub id.", show_default="shipped model")
]
RevisionOption = Annotated[str | None, typer.Option("--revision", help="Commit of the hub id.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, …")]
PrecisionOption = Annotated[
    str, typer.Option("--precision", help="auto, fp32, bf16, on a GPU fp16, or int8 (with OpenVINO).")
]
BackendOption = Annotated[str, typer.Option("--backend", help="auto, packed, openvino or transformers.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
