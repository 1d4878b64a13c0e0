"""What this machine computes with, how fast, and whether its numbers can be trusted.

expertstance doctor
"""

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch

from expertstance.classifier import StanceClassifier
from expertstance.devices import has_fast_bf16, has_vnni
from expertstance.hub import resolve_model, sha256
from expertstance.loading import read_config
from expertstance.packed import is_packable
from expertstance.parity import MAX_DIFFERENCE, compare
from expertstance.samples import Sample, builtin_samples, sample_probabilities
from expertstance.weights import find_weights

PACKAGES = ("expertstance", "torch", "transformers", "tokenizers", "safetensors", "numpy", "onnxruntime", "openvino")
BATCH_LIMIT = {torch.float32: 1e-4, torch.bfloat16: 0.02, torch.float16: 0.02, torch.int8: 1e-4}
"""Largest difference of a probability between a statement alone and among others: bf16 keeps three digits."""
DEVICE_LIMIT = 0.02
"""Largest difference of a probability between a device and the CPU, both in fp32."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: What was compared.
        passed: Whether it is within the limit.
        largest_difference: Of a probability.
        limit: For that difference.
        labels_changed: Share of the labels.
    """

    name: str
    passed: bool
    largest_difference: float
    limit: float
    labels_changed: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The outcome of ``examine``.

    Attributes:
        versions: Of Python and the packages; None for an extra that is not installed.
        machine: Operating system, architecture and the instructions that torch uses.
        model: Name of the model.
        revision: First 12 hexadecimal digits of ``sha256``.
        weights: Its weights file.
        sha256: Of that file.
        device: Where it computes; ``device_reason`` tells why.
        devices: To be had on this machine.
        precision: Of the matrix products; ``precision_reason`` tells why.
        precisions: To be had on that device.
        backend: What computes; ``backend_reason`` tells why.
        backends: To be had for the model.
        threads: Of torch, on the CPU.
        statements_per_second: With statements of 2 to 248 words, 28 on average, in calls of 200.
        checks: In the order in which they ran.
    """

    versions: dict[str, str | None]
    machine: str
    model: str
    revision: str
    weights: str
    sha256: str
    device: str
    device_reason: str
    devices: tuple[str, ...]
    precision: str
    precision_reason: str
    precisions: tuple[str, ...]
    backend: str
    backend_reason: str
    backends: tuple[str, ...]
    threads: int
    statements_per_second: float
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and scalars, ready for JSON."""
        return asdict(self)


def examine(
    source: str | Path | None = None,
    *,
    revision: str | None = None,
    device: str = "auto",
    precision: str = "auto",
    backend: str = "auto",
    seconds: float = 2.0,
) -> Diagnosis:
    """Load a model as ``StanceClassifier.from_pretrained`` does, and try it.

    Args:
        source: Model folder or hub id; None is the shipped model.
        revision: Commit of the hub id.
        device: As for ``from_pretrained``.
        precision: As for ``from_pretrained``.
        backend: As for ``from_pretrained``.
        seconds: How long the throughput is measured, at least; the warm-up is not counted.

    Raises:
        ModelError: The model cannot be loaded.
        MissingExtraError: OpenVINO is asked for and not installed.
        InputError: The device, precision or back end is not to be had here, or a revision comes without a hub id.
    """
    folder = resolve_model(source, revision=revision)
    classifier = StanceClassifier.from_pretrained(folder, device=device, precision=precision, backend=backend)
    weights = find_weights(folder)
    packable = is_packable(read_config(folder))
    samples = builtin_samples()
    checks = [batch_check(classifier, samples[::3])]
    if classifier.dtype == torch.int8:
        checks.append(
            int8_check(classifier, StanceClassifier.from_pretrained(folder, device="cpu", precision="fp32"), samples)
        )
    if classifier.device.type != "cpu":
        there = StanceClassifier.from_pretrained(folder, device=device, precision="fp32", backend=backend)
        checks.append(
            device_check(there, StanceClassifier.from_pretrained(folder, device="cpu", precision="fp32"), samples)
        )
    return Diagnosis(
        versions={"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        machine=f"{platform.system()} {platform.machine()}, {torch.backends.cpu.get_cpu_capability()}",
        model=classifier.name,
        revision=classifier.revision,
        weights=str(weights),
        sha256=sha256(weights),
        device=str(classifier.device),
        device_reason=_device_reason(device, classifier.device),
        devices=_devices(),
        precision=classifier.precision,
        precision_reason=_precision_reason(precision, classifier.device),
        precisions=_precisions(classifier.device, packable=packable),
        backend=classifier.backend,
        backend_reason=_backend_reason(backend, classifier, packable=packable),
        backends=_backends(classifier.device, packable=packable),
        threads=torch.get_num_threads(),
        statements_per_second=throughput(classifier, [sample.text for sample in samples], seconds=seconds),
        checks=tuple(checks),
    )


def batch_check(classifier: StanceClassifier, samples: list[Sample]) -> Check:
    """Whether a statement's probabilities are the same alone and among others, to within ``BATCH_LIMIT``."""
    alone = np.concatenate([sample_probabilities(classifier, [sample]) for sample in samples])
    found = compare(alone, sample_probabilities(classifier, samples))
    limit = BATCH_LIMIT[classifier.dtype]
    return Check(
        name=f"batch of 1 = batch of {len(samples)}",
        passed=found.largest_difference <= limit,
        largest_difference=found.largest_difference,
        limit=limit,
        labels_changed=found.labels_changed,
    )


def device_check(there: StanceClassifier, on_cpu: StanceClassifier, samples: list[Sample]) -> Check:
    """Whether a device gives the CPU's labels, and its probabilities to within ``DEVICE_LIMIT``; both in fp32."""
    found = compare(sample_probabilities(on_cpu, samples), sample_probabilities(there, samples))
    return Check(
        name=f"{there.device} = cpu, in fp32",
        passed=found.labels_changed == 0 and found.largest_difference <= DEVICE_LIMIT,
        largest_difference=found.largest_difference,
        limit=DEVICE_LIMIT,
        labels_changed=found.labels_changed,
    )


def int8_check(rough: StanceClassifier, exact: StanceClassifier, samples: list[Sample]) -> Check:
    """Whether int8 gives what fp32 gives, by the limits of an export (``expertstance.parity``)."""
    found = compare(sample_probabilities(exact, samples), sample_probabilities(rough, samples))
    return Check(
        name="int8 = fp32",
        passed=found.fault() is None,
        largest_difference=found.largest_difference,
        limit=MAX_DIFFERENCE,
        labels_changed=found.labels_changed,
    )


def throughput(classifier: StanceClassifier, texts: list[str], *, seconds: float) -> float:
    """Statements per second over whole calls with all of ``texts``, after a warm-up call."""
    classifier.decision_function(texts)
    start, done = perf_counter(), 0
    while not done or perf_counter() - start < seconds:
        classifier.decision_function(texts)
        done += len(texts)
    return done / (perf_counter() - start)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _devices() -> tuple[str, ...]:
    cuda = [f"cuda:{k} ({torch.cuda.get_device_name(k)})" for k in range(torch.cuda.device_count())]
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return ("cpu", *cuda, *mps)


def _device_reason(asked: str, device: torch.device) -> str:
    if asked != "auto":
        return "as asked"
    return "a CUDA GPU is here" if device.type == "cuda" else "no CUDA GPU here"


def _precision_reason(asked: str, device: torch.device) -> str:
    fast = has_fast_bf16(device)
    if asked == "int8" and not has_vnni():
        return "as asked, but this CPU has no VNNI: computed in fp32"
    if asked == "bf16" and not fast:
        return "as asked, but bf16 is slower than fp32 here"
    if asked != "auto":
        return "as asked"
    return "bf16 is faster than fp32 here" if fast else "bf16 is no faster than fp32 here"


def _precisions(device: torch.device, *, packable: bool) -> tuple[str, ...]:
    bf16 = "bf16" if has_fast_bf16(device) else "bf16 (slow)"
    if device.type != "cpu":
        return ("fp32", bf16, "fp16")
    int8 = "int8" if has_vnni() else "int8 (as fp32)"
    return ("fp32", bf16, int8) if "openvino" in _backends(device, packable=packable) else ("fp32", bf16)


def _backends(device: torch.device, *, packable: bool) -> tuple[str, ...]:
    if not packable:
        return ("transformers",)
    in_graph = device.type == "cpu" and find_spec("openvino") is not None
    return ("packed", "openvino", "transformers") if in_graph else ("packed", "transformers")


def _backend_reason(asked: str, classifier: StanceClassifier, *, packable: bool) -> str:
    if asked != "auto":
        return "as asked"
    if classifier.backend == "openvino":
        return "the only one that computes with int8"
    if classifier.backend == "packed":
        return "a BERT classifier on a CPU"
    return "packed is chosen on a CPU only" if packable else "packed is for BERT classifiers only"
