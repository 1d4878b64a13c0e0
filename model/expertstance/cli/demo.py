"""``expertstance demo``: a local web page to try the analysis in."""

from typing import Annotated

import typer

from expertstance.cli.options import BackendOption, DeviceOption, ModelOption, PrecisionOption, RevisionOption


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="demo")(demo)


def demo(
    host: Annotated[str, typer.Option("--host", help="Address to serve at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to serve at.")] = 7860,
    model: ModelOption = None,
    revision: RevisionOption = None,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    backend: BackendOption = "auto",
) -> None:
    """Serve a web page on this machine: paste an article, see who said what, and with which outlook."""
    from expertstance.classifier import StanceClassifier
    from expertstance.demo import build_demo

    classifier = StanceClassifier.from_pretrained(
        model, revision=revision, device=device, precision=precision, backend=backend
    )
    build_demo(classifier).launch(server_name=host, server_port=port)
