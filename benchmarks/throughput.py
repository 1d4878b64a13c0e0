"""Statements per second of every way to run the shipped model, against transformers' pipeline in the same run.

python benchmarks/throughput.py                          # 10,000 statements, five repeats
python benchmarks/throughput.py --statements 1000 --repeats 3

The statements are the corpus's own, joined or cut to lengths like those of real quotes: log-normal, about 40 word
pieces in the mean, a tail to 200. The systems take turns within each repeat, after a warm-up, so that a busy moment of
the machine hits all of them; the table shows medians. Single statements, the first hundred, are timed before, in turns,
for the pipeline and our back ends alone: the others, once loaded, keep threads that would slow them down. ONNX Runtime
and OpenVINO take part where installed, with batches sorted by length. "Share of ceiling" is the arithmetic of
the whole model per second, tokenisation included, over what the machine reaches in bare matrix products of the model's
own shapes in the same number format.
"""

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import torch
import typer
from rich.console import Console
from rich.table import Table
from transformers import pipeline

from expertstance import StanceClassifier
from expertstance.devices import has_fast_bf16
from expertstance.inference import Forward
from expertstance.runtimes import onnx_forward, openvino_forward, write_onnx, write_openvino
from expertstance.windows import encode
from expertstance_training.rows import read_rows

LABELS = ["optimistic", "cautious", "skeptical", "none"]
MEAN_WORDS, SPREAD, LONGEST = 34, 0.62, 170
Scorer = Callable[[Sequence[str]], Any]


def main(
    statements: Annotated[int, typer.Option(help="Statements to score.")] = 10_000,
    repeats: Annotated[int, typer.Option(help="Repeats of every system.")] = 5,
    json_out: Annotated[Path | None, typer.Option(help="Write the figures here too.")] = None,
) -> None:
    texts = quote_like_texts(statements)
    classifier = StanceClassifier.from_pretrained(device="cpu")
    pieces = sum(
        len(window.input_ids)
        for window in encode(classifier._tokenizer, texts, [None] * len(texts), window=classifier._window)
    )
    with tempfile.TemporaryDirectory() as folder:
        systems = pipeline_and_ours(classifier)
        for run in systems.values():
            run(texts[:200])
        turns = [{name: one_by_one(run, texts[:100]) for name, run in systems.items()} for _ in range(repeats)]
        systems |= peers(classifier, Path(folder))
        seconds: dict[str, list[float]] = {name: [] for name in systems}
        for name, run in systems.items():
            run(texts[:200])
            Console(stderr=True).print(f"warm: {name}")
        for _ in range(repeats):
            for name, run in systems.items():
                start = perf_counter()
                run(texts)
                seconds[name].append(perf_counter() - start)
    figures: dict[str, Any] = {
        "threads": torch.get_num_threads(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "statements": len(texts),
        "word_pieces": pieces,
        "repeats": repeats,
        "ceiling_gflops": {short(d): matrix_ceiling(classifier, d) for d in formats()},
        "statements_per_second": {name: len(texts) / median(times) for name, times in seconds.items()},
        "slowest_and_fastest": {
            name: [len(texts) / max(times), len(texts) / min(times)] for name, times in seconds.items()
        },
        "milliseconds_for_one": {name: 1000 * median(turn[name] for turn in turns) for name in turns[0]},
        "cold_start_seconds": {
            "expertstance --help": cold_start("--help"),
            "expertstance predict": cold_start("predict", "The odds are slim."),
        },
    }
    gflop = pieces * 2 * matrix_weights(classifier) / 1e9
    figures["share_of_ceiling"] = {
        f"packed {name}": gflop / median(seconds[f"expertstance packed {name}"]) / rate
        for name, rate in figures["ceiling_gflops"].items()
    }
    show(figures)
    if json_out is not None:
        json_out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def quote_like_texts(number: int) -> list[str]:
    """Invented statements joined and cut to log-normal lengths, the same for the same number."""
    rng = np.random.default_rng(7)
    pool = [row.text for row in read_rows("corpus:train", labels=LABELS)]
    lengths = rng.lognormal(math.log(MEAN_WORDS) - SPREAD**2 / 2, SPREAD, number).clip(3, LONGEST).astype(int)
    texts = []
    for length in lengths:
        words: list[str] = []
        while len(words) < length:
            words += pool[rng.integers(len(pool))].split()
        texts.append(" ".join(words[:length]))
    return texts


def formats() -> list[torch.dtype]:
    return [torch.float32, torch.bfloat16] if has_fast_bf16(torch.device("cpu")) else [torch.float32]


def short(dtype: torch.dtype) -> str:
    return {torch.float32: "fp32", torch.bfloat16: "bf16"}[dtype]


def pipeline_and_ours(classifier: StanceClassifier) -> dict[str, Scorer]:
    tokenizer: Any = classifier.tokenizer  # of the base class, which no overload of pipeline names
    plain: Any = pipeline("text-classification", model=classifier.model, tokenizer=tokenizer, device="cpu", top_k=None)
    systems: dict[str, Scorer] = {"pipeline, batch 32, fp32": lambda texts: plain(list(texts), batch_size=32)}
    graph = ours("openvino", "int8") if find_spec("openvino") else {}
    return systems | ours("packed", *map(short, formats())) | graph


def ours(backend: str, *precisions: str) -> dict[str, Scorer]:
    """One of our back ends in these number formats."""
    return {
        f"expertstance {backend} {precision}": StanceClassifier.from_pretrained(
            device="cpu", precision=precision, backend=backend
        ).predict
        for precision in precisions
    }


def peers(classifier: StanceClassifier, folder: Path) -> dict[str, Scorer]:
    systems = ours("transformers", *map(short, formats()))
    if find_spec("sentence_transformers"):
        systems["sentence-transformers encode + head, fp32"] = sentence_transformers_encode(classifier, folder / "st")
    return systems | other_runtimes(classifier, folder)


def sentence_transformers_encode(classifier: StanceClassifier, folder: Path) -> Scorer:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    classifier.save_pretrained(folder)
    encoder = Transformer(str(folder), max_seq_length=256)
    model = SentenceTransformer(modules=[encoder, Pooling(384, pooling_mode="cls")], device="cpu")
    bert: Any = classifier.model

    def run(texts: Sequence[str]) -> Any:
        with torch.inference_mode():
            first = model.encode(list(texts), convert_to_tensor=True)
            return bert.classifier(torch.tanh(bert.bert.pooler.dense(first)))

    return run


def in_another_runtime(classifier: StanceClassifier, forward: Forward, backend: str) -> Scorer:
    """What a careful user of another runtime does: batches of like length, padded."""
    return StanceClassifier(
        forward,
        classifier._tokenizer,
        labels=list(classifier.classes_),
        window=classifier._window,
        calibration=classifier.calibration,
        name=classifier.name,
        revision=classifier.revision,
        device=classifier.device,
        dtype=torch.float32,
        backend=backend,
        parts=lambda: (classifier.model, classifier.tokenizer),
    ).predict


def other_runtimes(classifier: StanceClassifier, folder: Path) -> dict[str, Scorer]:
    systems: dict[str, Scorer] = {}
    config = classifier.model.config.to_dict()
    if find_spec("onnxruntime") and find_spec("onnxscript"):
        for precision in ("fp32", "int8"):
            place = folder / precision
            place.mkdir()
            write_onnx(classifier.model, place, int8=precision == "int8")
            systems[f"ONNX Runtime {precision}"] = in_another_runtime(classifier, onnx_forward(place, config), "onnx")
    if find_spec("openvino"):
        write_openvino(classifier.model, folder)
        for dtype in formats():
            forward = openvino_forward(folder, config, precision="bf16" if dtype == torch.bfloat16 else "fp32")
            systems[f"OpenVINO {short(dtype)}"] = in_another_runtime(classifier, forward, "openvino")
    return systems


def matrix_weights(classifier: StanceClassifier) -> int:
    """Weights that a word piece is multiplied with."""
    return sum(p.numel() for name, p in classifier.model.named_parameters() if p.ndim == 2 and "encoder" in name)


def matrix_ceiling(classifier: StanceClassifier, dtype: torch.dtype, *, rows: int = 2048) -> float:
    """GFLOP/s of the encoder's own matrix products alone, median of 20."""
    weights = [
        p.detach().to(dtype) for name, p in classifier.model.named_parameters() if p.ndim == 2 and "encoder" in name
    ]
    inputs = {w.shape[1]: torch.randn(rows, w.shape[1], dtype=dtype) for w in weights}
    times = []
    with torch.inference_mode():
        for _ in range(20):
            start = perf_counter()
            for w in weights:
                torch.nn.functional.linear(inputs[w.shape[1]], w)
            times.append(perf_counter() - start)
    return 2 * rows * sum(w.numel() for w in weights) / median(times) / 1e9


def one_by_one(run: Scorer, texts: Sequence[str]) -> float:
    """Median seconds for one statement."""
    times = []
    for text in texts:
        start = perf_counter()
        run([text])
        times.append(perf_counter() - start)
    return median(times)


def cold_start(*arguments: str) -> float:
    """Median seconds of five fresh processes."""
    times = []
    for _ in range(5):
        start = perf_counter()
        command = [sys.executable, "-c", "from expertstance.cli.main import run; run()", *arguments]
        subprocess.run(command, check=True, capture_output=True)
        times.append(perf_counter() - start)
    return median(times)


def show(figures: dict[str, Any]) -> None:
    console = Console()
    rates = figures["statements_per_second"]
    base = rates["pipeline, batch 32, fp32"]
    slow = figures["milliseconds_for_one"]["pipeline, batch 32, fp32"]
    table = Table("system", "statements/s", "times the pipeline", "one statement, ms", "of the pipeline's")
    for name, rate in rates.items():
        one = figures["milliseconds_for_one"].get(name)
        alone = ("", "") if one is None else (f"{one:.1f}", f"{one / slow:.2f}")
        table.add_row(name, f"{rate:.0f}", f"{rate / base:.2f}", *alone)
    console.print(table)
    for name, share in figures["share_of_ceiling"].items():
        ceiling = figures["ceiling_gflops"][name.split()[1]]
        console.print(f"{name}: {share:.0%} of the matrix ceiling of {ceiling:.0f} GFLOP/s")
    for name, value in figures["cold_start_seconds"].items():
        console.print(f"{name}: {value:.2f} s in a fresh process")
    mean = figures["word_pieces"] / figures["statements"]
    console.print(
        f"{figures['statements']:,} statements, {mean:.1f} word pieces in the mean; {figures['threads']} threads, "
        f"{figures['capability']}; medians of {figures['repeats']}"
    )


if __name__ == "__main__":
    typer.run(main)
