"""A model folder for other runtimes, written only where it still computes the same model.

expertstance export -o DIR --format onnx

The exported folder is read back, run by its own runtime over a set of statements and compared with float32 torch.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import torch
from jinja2 import Environment, PackageLoader, StrictUndefined
from tokenizers import Tokenizer

from expertstance.calibration import read_calibration
from expertstance.classifier import StanceClassifier
from expertstance.errors import ExpertstanceError, InputError, OutputError
from expertstance.hub import resolve_model
from expertstance.inference import input_names
from expertstance.loading import TOKENIZER_NAME, label_names, read_config
from expertstance.parity import MAX_DIFFERENCE, MAX_LABELS_CHANGED, Parity, compare
from expertstance.runtimes import need, onnx_forward, openvino_forward, write_onnx, write_openvino
from expertstance.samples import Sample, builtin_samples, read_samples, sample_probabilities
from expertstance.windows import overlap_of, window_size

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Format = Literal["onnx", "openvino", "safetensors"]
ExportPrecision = Literal["fp32", "int8"]
PARITY_NAME = "parity.json"
_LIBRARIES = {"onnx": ("onnx", "onnxruntime"), "openvino": ("openvino",), "safetensors": ("safetensors",)}


class ExportRefusedError(ExpertstanceError):
    """An export that does not compute the same model; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was written (``parity.json``).

    Attributes:
        model: Name of the model.
        revision: First 12 hexadecimal digits of the SHA-256 of the weights that it was made from.
        format: ``"onnx"``, ``"openvino"`` or ``"safetensors"``.
        precision: ``"fp32"`` or ``"int8"``.
        gate: File of the statements compared, or ``"built-in"``.
        parity: How far it is from float32 torch.
        versions: Of the libraries that wrote and ran it.
    """

    model: str
    revision: str
    format: str
    precision: str
    gate: str
    parity: Parity
    versions: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and scalars, ready for JSON."""
        limits = {"labels_changed": MAX_LABELS_CHANGED, "largest_difference": MAX_DIFFERENCE}
        return {**asdict(self), "limits": limits}


def export_model(
    source: str | Path | None,
    output: str | Path,
    *,
    format: str,
    revision: str | None = None,
    precision: str = "fp32",
    gate: Path | None = None,
    overwrite: bool = False,
) -> Export:
    """Write a folder that another runtime loads, its ``README.md`` says how.

    Args:
        source: Folder or hub id of a classifier; None is the shipped model.
        output: Folder to write; it appears whole or not at all.
        format: ``"onnx"``, ``"openvino"`` or ``"safetensors"`` (plain ``transformers``).
        revision: Commit of a hub id.
        precision: ``"fp32"``, or ``"int8"`` with ONNX.
        gate: JSONL file with ``text`` to compare on; None is the package's own list (``expertstance.samples``).
        overwrite: Replace an earlier export.

    Raises:
        ExportRefusedError: It would change more than 0.5 % of the labels or move a probability by more than 0.05.
        InputError: Unknown format or precision, an output that exists, an unusable gate file, a revision without a
            hub id.
        MissingExtraError: The runtime is not installed.
        ModelError: The model cannot be loaded.
        OutputError: The folder cannot be written.
    """
    _check_format(format, precision)
    output = Path(output).resolve()
    _check_output(output, overwrite=overwrite)
    if format != "safetensors":
        need(format, what=f"format {format!r}")
    samples = builtin_samples() if gate is None else read_samples(gate)
    folder = resolve_model(source, revision=revision)
    classifier = StanceClassifier.from_pretrained(folder, device="cpu", precision="fp32", backend="transformers")
    with _writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
    with _writing(output), tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as place:
        made = Path(place) / "export"
        made.mkdir()
        _write(classifier, made, format=format, precision=precision)
        export = Export(
            model=classifier.name,
            revision=classifier.revision,
            format=format,
            precision=precision,
            gate="built-in" if gate is None else gate.name,
            parity=_compare(classifier, made, samples, format=format),
            versions={name: version(name) for name in ("expertstance", "torch", "transformers", *_LIBRARIES[format])},
        )
        if (fault := export.parity.fault()) is not None:
            raise ExportRefusedError(
                f"export of {classifier.name!r} to {format} {precision} is refused: {fault}; "
                + ("export it with precision fp32" if precision != "fp32" else "please report this model and format")
            )
        text = json.dumps(export.to_dict(), indent=2, ensure_ascii=False) + "\n"
        (made / PARITY_NAME).write_text(text, encoding="utf-8")
        (made / "README.md").write_text(_readme(export, made), encoding="utf-8")
        _put(made, output, aside=Path(place) / "replaced")
    return export


@contextmanager
def _writing(output: Path) -> Iterator[None]:
    """Turn an error of the operating system into a sentence about the output."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"{output} cannot be written ({reason}); make room there, or choose another folder"
        ) from error


def _check_format(format: str, precision: str) -> None:
    if format not in get_args(Format):
        raise InputError(f"format {format!r} is unknown; give {', '.join(map(repr, get_args(Format)))}")
    if precision not in get_args(ExportPrecision):
        raise InputError(f"precision {precision!r} is unknown to export; give 'fp32' or, with format onnx, 'int8'")
    if precision == "int8" and format != "onnx":
        raise InputError(f"precision 'int8' is for format 'onnx', not {format!r}; give 'fp32'")


def _check_output(output: Path, *, overwrite: bool) -> None:
    """An empty folder may be filled, an earlier export replaced, nothing else touched."""
    if not output.exists() or (output.is_dir() and not any(output.iterdir())):
        return
    if not (output / PARITY_NAME).is_file():
        raise InputError(f"output {output} exists and is no earlier export; choose another folder")
    if not overwrite:
        raise InputError(f"output {output} exists; give --overwrite, or choose another folder")


def _write(classifier: StanceClassifier, folder: Path, *, format: str, precision: str) -> None:
    model: PreTrainedModel = classifier.model
    model.config.architectures = [type(model).__name__]  # a base's own name there misleads other runtimes
    if format == "safetensors":
        classifier.save_pretrained(folder)
        return
    classifier.save_without_weights(folder)
    if format == "onnx":
        write_onnx(model, folder, int8=precision == "int8")
    else:
        write_openvino(model, folder)


def _compare(classifier: StanceClassifier, folder: Path, samples: Sequence[Sample], *, format: str) -> Parity:
    """Parity of the folder as written, tokenizer and calibration included, with the classifier it was made from."""
    if format == "safetensors":
        found = StanceClassifier.from_pretrained(folder, device="cpu", precision="fp32", backend="transformers")
    else:
        config = read_config(folder)
        found = StanceClassifier(
            (onnx_forward if format == "onnx" else openvino_forward)(folder, config),
            Tokenizer.from_file(str(folder / TOKENIZER_NAME)),
            labels=label_names(config),
            window=window_size(config),
            calibration=read_calibration(folder, required=True),
            name=classifier.name,
            revision=classifier.revision,
            device=torch.device("cpu"),
            dtype=torch.float32,
            backend=format,
            parts=lambda: (classifier.model, classifier.tokenizer),
        )
    return compare(sample_probabilities(classifier, samples), sample_probabilities(found, samples))


def _readme(export: Export, folder: Path) -> str:
    environment = Environment(  # Markdown, nothing of it from users but a model's name
        loader=PackageLoader("expertstance"), autoescape=False, undefined=StrictUndefined, trim_blocks=True
    )
    config = read_config(folder)
    return environment.get_template("export.md.j2").render(
        export=export,
        labels=label_names(config),
        segments="token_type_ids" in input_names(config),
        pad_id=int(config.get("pad_token_id") or 0),
        window=window_size(config),
        overlap=overlap_of(window_size(config)),
    )


def _put(made: Path, output: Path, *, aside: Path) -> None:
    try:
        if output.exists():
            output.replace(aside)
        made.replace(output)
    except OSError:
        if aside.exists() and not output.exists():
            aside.replace(output)
        raise
