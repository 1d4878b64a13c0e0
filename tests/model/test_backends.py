"""The back ends agree: packed, padded and OpenVINO's; fp32, bf16 and int8; one statement or many."""

import importlib.util
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from expertstance import InputError, MissingExtraError, ModelError, StanceClassifier
from expertstance.devices import choose_dtype, has_vnni
from expertstance.graph import whole_numbers
from expertstance.inference import choose_backend
from expertstance.weights import dequantise, quantise
from expertstance_training.rows import read_rows

HAS_OPENVINO = importlib.util.find_spec("openvino") is not None
needs_openvino = pytest.mark.skipif(not HAS_OPENVINO, reason="needs OpenVINO: [openvino]")

LABELS = ["optimistic", "cautious", "skeptical", "none"]

words = st.sampled_from("the deal plan talks will not fail succeed we hope doubt it may could risk nobody".split())
statements = st.lists(words, max_size=60).map(" ".join)
LONG = "we doubt that the plan will work and nobody knows " * 60
TEXTS = ["The deal will fail.", "", "We hope it may work; nobody knows yet.", LONG, "progress " * 30]


@pytest.fixture(scope="module")
def corpus_texts() -> list[str]:
    """200 statements of the corpus's test split: enough to tell 99.5 %."""
    return [row.text for row in read_rows("corpus:test", labels=LABELS)][:200]


@pytest.fixture(scope="module")
def packed(tiny_model: Path) -> StanceClassifier:
    return StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp32", backend="packed")


@pytest.fixture(scope="module")
def padded(tiny_model: Path) -> StanceClassifier:
    return StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp32", backend="transformers")


@pytest.fixture(scope="module")
def in_graph(tiny_model: Path) -> StanceClassifier:
    return StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp32", backend="openvino")


@pytest.fixture(scope="module")
def int8() -> StanceClassifier:
    """The shipped model: the tiny one's matrices are too small for int8."""
    return StanceClassifier.from_pretrained(device="cpu", precision="int8")


@pytest.mark.parametrize(("other", "limit"), [("padded", 1e-5), pytest.param("in_graph", 1e-4, marks=needs_openvino)])
@settings(max_examples=30, deadline=None)
@given(texts=st.lists(statements, min_size=1, max_size=12), context=st.one_of(st.none(), statements))
def test_another_back_end_gives_what_packed_gives(
    packed: StanceClassifier,
    request: pytest.FixtureRequest,
    other: str,
    limit: float,
    texts: list[str],
    context: str | None,
) -> None:
    found = request.getfixturevalue(other).predict_proba(texts, context=context)
    np.testing.assert_allclose(packed.predict_proba(texts, context=context), found, atol=limit)


@needs_openvino
def test_int8_of_the_shipped_model_agrees_with_fp32(int8: StanceClassifier, corpus_texts: list[str]) -> None:
    exact = StanceClassifier.from_pretrained(device="cpu", precision="fp32").predict_proba(corpus_texts)
    rough = int8.predict_proba(corpus_texts)
    assert np.abs(exact - rough).max() <= 0.05
    assert not has_vnni() or np.abs(exact - rough).max() > 1e-4  # it is int8 that was computed
    assert np.mean(exact.argmax(axis=1) == rough.argmax(axis=1)) >= 0.995


@needs_openvino
def test_company_and_order_change_not_a_bit_in_int8(int8: StanceClassifier, corpus_texts: list[str]) -> None:
    together = int8.predict_proba(corpus_texts)
    order = np.random.default_rng(3).permutation(len(corpus_texts))
    np.testing.assert_array_equal(int8.predict_proba([corpus_texts[k] for k in order]), together[order])
    np.testing.assert_array_equal(int8.predict_proba(corpus_texts[:1]), together[:1])


@needs_openvino
def test_several_threads_may_ask_openvino_at_once(in_graph: StanceClassifier, packed: StanceClassifier) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(in_graph.predict_proba, [TEXTS] * 32))
    for answer in answers:
        np.testing.assert_array_equal(answer, answers[0])
    np.testing.assert_allclose(answers[0], packed.predict_proba(TEXTS), atol=1e-4)


@pytest.mark.skipif(HAS_OPENVINO, reason="the extra openvino is installed")
@pytest.mark.parametrize("options", [{"precision": "int8"}, {"backend": "openvino"}])
def test_without_openvino_the_error_names_the_extra(tiny_model: Path, options: dict[str, str]) -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'expertstance\[openvino\]'"):
        StanceClassifier.from_pretrained(tiny_model, device="cpu", **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "int8", "backend": "packed"}, "backend 'packed' does not compute in int8"),
        ({"precision": "int8", "backend": "transformers"}, "backend 'transformers' does not compute in int8"),
        ({"precision": "bf16", "backend": "openvino"}, "backend 'openvino' computes in fp32 or int8"),
        pytest.param({"precision": "int8"}, "that 64 divides, the model has 32 and 64", marks=needs_openvino),
    ],
)
def test_what_does_not_fit_int8_is_refused(tiny_model: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        StanceClassifier.from_pretrained(tiny_model, device="cpu", **options)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"model_type": "roberta"}, "is of type 'roberta'"),
        ({"model_type": "bert", "id2label": {"0": "x"}, "hidden_act": "relu"}, "has other parts than the usual ones"),
    ],
)
@pytest.mark.parametrize(
    ("backend", "dtype", "asked"),
    [
        ("auto", torch.int8, "precision 'int8'"),
        ("packed", torch.float32, "backend 'packed'"),
        ("openvino", torch.float32, "backend 'openvino'"),
    ],
)
def test_another_architecture_is_refused(
    backend: str, dtype: torch.dtype, asked: str, config: dict[str, Any], why: str
) -> None:
    with pytest.raises(InputError, match=f"{asked} is for plain BERT classifiers, the model {why}; give 'auto'"):
        choose_backend(backend, config, torch.device("cpu"), dtype)


def test_a_gpu_takes_neither_openvino_nor_int8() -> None:
    with pytest.raises(InputError, match="backend 'openvino' is for a CPU, the device is cuda"):
        choose_backend("openvino", {"model_type": "bert"}, torch.device("cuda"), torch.float32)
    with pytest.raises(InputError, match="precision 'int8' is for a CPU, the device is cuda"):
        choose_dtype("int8", torch.device("cuda"))


def test_a_bert_with_one_segment_is_left_to_transformers() -> None:
    config = {"model_type": "bert", "id2label": {"0": "x"}, "type_vocab_size": 1}
    assert choose_backend("auto", config, torch.device("cpu"), torch.float32) == "transformers"


@given(st.integers(1, 6), st.integers(1, 4), st.floats(1e-6, 1e6), st.integers(0, 2**32 - 1))
def test_int8_keeps_weights_of_four_bits_exactly(rows: int, groups: int, size: float, seed: int) -> None:
    matrix = torch.randn(rows, 64 * groups, generator=torch.Generator().manual_seed(seed)) * size
    rounded = dequantise(quantise({"w": matrix}))["w"].numpy().reshape(rows, groups, 64)
    codes, scale = whole_numbers(rounded)
    np.testing.assert_allclose(codes * scale, rounded, rtol=1e-6)
    codes, scale = whole_numbers(matrix.numpy().reshape(rows, groups, 64))
    assert (np.abs(codes * scale - matrix.numpy().reshape(rows, groups, 64)) <= scale * 0.5001).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(statements, min_size=2, max_size=12))
def test_company_and_order_change_nothing(packed: StanceClassifier, texts: list[str]) -> None:
    together = packed.predict_proba(texts)
    apart = np.concatenate([packed.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(together, apart, atol=1e-5)
    order = np.random.default_rng(len(texts)).permutation(len(texts))
    np.testing.assert_allclose(packed.predict_proba([texts[k] for k in order]), together[order], atol=1e-5)


def test_nothing_is_read_that_was_not_written(packed: StanceClassifier) -> None:
    usual = packed.predict_proba(TEXTS)
    torch.use_deterministic_algorithms(True)  # fills new memory with NaN
    try:
        np.testing.assert_array_equal(packed.predict_proba(TEXTS), usual)
    finally:
        torch.use_deterministic_algorithms(False)


def test_long_texts_and_counts_are_the_same(packed: StanceClassifier, padded: StanceClassifier) -> None:
    for one, other in zip(packed.predict(TEXTS), padded.predict(TEXTS), strict=True):
        assert (one.label, one.reason, one.n_tokens, one.windows) == (
            other.label,
            other.reason,
            other.n_tokens,
            other.windows,
        )


@pytest.mark.parametrize("backend", ["packed", "transformers"])
def test_bf16_of_the_shipped_model_agrees_with_fp32(backend: str, corpus_texts: list[str]) -> None:
    exact = StanceClassifier.from_pretrained(device="cpu", precision="fp32").predict_proba(corpus_texts)
    rough = StanceClassifier.from_pretrained(device="cpu", precision="bf16", backend=backend).predict_proba(
        corpus_texts
    )
    assert np.abs(exact - rough).max() <= 0.02
    assert np.mean(exact.argmax(axis=1) == rough.argmax(axis=1)) >= 0.995


def test_weights_saved_in_half_precision_are_computed_in_fp32(tiny_model: Path, tmp_path: Path) -> None:
    classifier = StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp32")
    classifier.tokenizer.save_pretrained(tmp_path)
    classifier.model.half().save_pretrained(tmp_path)  # type: ignore[no-untyped-call]
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "float16"
    (tmp_path / "calibration.json").write_bytes((tiny_model / "calibration.json").read_bytes())
    packed, padded = (
        StanceClassifier.from_pretrained(tmp_path, device="cpu", precision="fp32", backend=backend)
        for backend in ("packed", "transformers")
    )
    assert np.abs(packed.decision_function(TEXTS) - padded.decision_function(TEXTS)).max() <= 1e-5


@pytest.mark.parametrize(
    ("kind", "sizes", "side"),
    [
        ("bart", {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 64}, "right"),
        ("t5", {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 1, "num_heads": 2}, "right"),
        ("xlnet", {"d_model": 32, "n_layer": 1, "n_head": 2, "d_inner": 64}, "left"),
        ("gpt2", {"n_embd": 32, "n_layer": 1, "n_head": 2}, "left"),
        ("gpt2", {"n_embd": 32, "n_layer": 1, "n_head": 2, "pad_token_id": None}, "right"),
    ],
)
def test_other_architectures_give_what_transformers_gives_alone(
    tiny_model: Path, tmp_path: Path, kind: str, sizes: dict[str, Any], side: str
) -> None:
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if kind == "xlnet" else [])]
    tokenizer: Any = AutoTokenizer.from_pretrained(tiny_model, padding_side=side, model_input_names=names)
    end = tokenizer.sep_token_id
    ids = {"pad_token_id": 0, "eos_token_id": end, "decoder_start_token_id": end, "vocab_size": len(tokenizer)}
    torch.manual_seed(3)
    config = AutoConfig.for_model(kind, **ids | {"num_labels": 4} | sizes)
    model: Any = AutoModelForSequenceClassification.from_config(config).eval()  # type: ignore[no-untyped-call]
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    texts, contexts = ["the deal will fail", "we hope", "no", "nobody knows"], [None, "the plan", None, "it may"]
    with torch.inference_mode():
        pairs = [tokenizer(*filter(None, pair), return_tensors="pt") for pair in zip(texts, contexts, strict=True)]
        alone = np.concatenate([model(**pair).logits for pair in pairs])
    classifier = StanceClassifier.from_pretrained(tmp_path, device="cpu", precision="fp32")
    np.testing.assert_allclose(classifier.decision_function(texts, context=contexts), alone, atol=1e-4)
    classifier.save_pretrained(tmp_path / "again")
    again = StanceClassifier.from_pretrained(tmp_path / "again", device="cpu", precision="fp32")
    np.testing.assert_allclose(again.decision_function(texts, context=contexts), alone, atol=1e-4)


def test_it_says_which_back_end_it_took(tiny_model: Path, packed: StanceClassifier) -> None:
    assert packed.backend == "packed"
    assert StanceClassifier.from_pretrained(tiny_model, device="cpu").backend == "packed"


@needs_openvino
def test_int8_takes_openvino(int8: StanceClassifier) -> None:
    assert (int8.backend, int8.precision) == ("openvino", "int8")


def test_transformers_is_loaded_when_asked_for(packed: StanceClassifier) -> None:
    assert type(packed.model).__name__ == "BertForSequenceClassification"
    assert packed.tokenizer.tokenize("the deal")
    assert not packed.model.training  # with dropout its outputs would be random


@pytest.mark.parametrize("backend", ["onnx", "", "Packed"])
def test_an_unknown_back_end_is_refused(tiny_model: Path, backend: str) -> None:
    with pytest.raises(InputError, match="give 'auto', 'packed', 'openvino', 'transformers'"):
        StanceClassifier.from_pretrained(tiny_model, backend=backend)


def test_weights_of_another_shape_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    for path in tiny_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = (tmp_path / "config.json").read_text(encoding="utf-8")
    for old, new, message in [
        ('"num_hidden_layers": 2', '"num_hidden_layers": 3', "16 tensors missing"),
        ('"intermediate_size": 64', '"intermediate_size": 32', "does not fit config.json"),
        ('"intermediate_size": 64', '"intermediate_size": null', "give a folder that save_pretrained wrote"),
    ]:
        (tmp_path / "config.json").write_text(config.replace(old, new), encoding="utf-8")
        with pytest.raises(ModelError, match=message):
            StanceClassifier.from_pretrained(tmp_path, device="cpu", backend="packed")


def test_a_damaged_tokenizer_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    for path in tiny_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        StanceClassifier.from_pretrained(tmp_path, device="cpu")
