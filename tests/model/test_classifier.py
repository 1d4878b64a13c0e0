"""The classifier through its public surface, on a tiny model with fixed random weights."""

import copy
import hashlib
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertForSequenceClassification, pipeline

from expertstance import InputError, ModelError, StanceClassifier
from expertstance.calibration import Calibration

TEXTS = ["The deal will fail.", "We hope it may work.", "", "nobody knows yet", "progress " * 30]
words = st.sampled_from("the deal plan talks will not fail succeed we hope doubt it may could risk".split())
GOLDEN = [[0.1456, 0.6464, 0.1451, 0.0629], [0.0967, 0.4458, 0.0252, 0.4323]]
statements = st.lists(words, min_size=1, max_size=40).map(" ".join)


def test_return_shape_follows_the_argument(tiny: StanceClassifier) -> None:
    one = tiny.predict(TEXTS[0])
    assert one.text == TEXTS[0]
    many = tiny.predict(TEXTS)
    assert isinstance(many, list)
    assert [p.text for p in many] == TEXTS
    assert tiny.predict([TEXTS[0]])[0] == one
    assert tiny.predict([]) == []
    assert tiny.predict_proba([]).shape == (0, 4)
    stream = tiny.predict(iter(TEXTS))
    assert isinstance(stream, Iterator)
    assert [p.label for p in stream] == [p.label for p in many]


def test_a_stream_is_scored_as_it_is_asked_for(tiny: StanceClassifier) -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "the plan may work"

    assert next(tiny.predict(endless())).windows == 1


def test_prediction_is_the_argmax_over_the_outlooks(tiny: StanceClassifier) -> None:
    proba = tiny.predict_proba(TEXTS)
    assert proba.dtype == np.float64
    np.testing.assert_allclose(proba.sum(axis=1), 1.0, atol=1e-12)
    for prediction, row in zip(tiny.predict(TEXTS), proba, strict=True):
        assert prediction.label == tiny.classes_[:3][row[:3].argmax()]
        assert list(prediction.scores) == list(tiny.classes_)
        np.testing.assert_allclose(list(prediction.scores.values()), row, atol=1e-6)
        assert prediction.score == prediction.scores[prediction.label]


def test_golden_probabilities(tiny: StanceClassifier) -> None:
    proba = tiny.predict_proba(["The deal will fail.", "We hope it may work."])
    np.testing.assert_allclose(proba, GOLDEN, atol=5e-5)


def test_probabilities_are_the_logits_over_the_temperature(tiny: StanceClassifier) -> None:
    logits = tiny.decision_function(TEXTS) / 1.5
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(tiny.predict_proba(TEXTS), expected, atol=1e-9)


def test_abstains_by_the_stored_rule(tiny: StanceClassifier) -> None:
    empty = tiny.predict(" \n ")
    assert (empty.abstained, empty.reason, empty.n_tokens) == (True, "empty", 0)
    openings, verbs = "the deal,the plan,the risk".split(","), "may work,will fail,could not succeed".split(",")
    many = tiny.predict([f"{opening} {verb}" for opening in openings for verb in verbs])
    for p in many:
        if p.scores["none"] > p.score:
            assert p.reason == "no_outlook"
        else:
            assert p.reason == ("low_confidence" if p.score < 0.3 else None)
        assert p.abstained == (p.reason is not None)


@pytest.mark.parametrize(
    ("none", "doubt", "min_score", "reason"),
    [(9.0, 0.0, 0.0, "no_outlook"), (0.0, 9.0, 0.99, None), (0.0, 1.0, 0.99, "low_confidence"), (0.0, 1.0, 0.0, None)],
)
def test_each_reason_to_abstain_is_reached(
    tiny_model: Path, none: float, doubt: float, min_score: float, reason: str | None
) -> None:
    model = BertForSequenceClassification.from_pretrained(tiny_model)
    model.classifier.weight.data.zero_()
    model.classifier.bias.data[:] = torch.tensor([0.0, 0.0, doubt, none])
    classifier = StanceClassifier.from_model(
        model,
        AutoTokenizer.from_pretrained(tiny_model),
        calibration=Calibration(no_outlook_label="none", min_score=min_score),
        name="chosen",
        revision="unsaved",
        device="cpu",
    )
    prediction = classifier.predict("it may work")
    assert (prediction.reason, prediction.abstained) == (reason, reason is not None)


@pytest.mark.parametrize("backend", ["packed", "transformers"])
def test_what_is_no_number_is_no_prediction(broken_model: Path, backend: str) -> None:
    broken = StanceClassifier.from_pretrained(broken_model, device="cpu", precision="fp32", backend=backend)
    for ask in (broken.predict, broken.predict_proba):
        with pytest.raises(ModelError, match=r"model 'tiny' gives logits .* in fp32, for one in 'it may work'; give"):
            ask(["it may work"])


def test_the_tokenizer_has_the_hash_of_its_file_before_and_after_a_prediction(tiny_model: Path) -> None:
    file = Tokenizer.from_file(str(tiny_model / "tokenizer.json"))
    expected = hashlib.sha256(file.to_str().encode()).hexdigest()
    fresh = StanceClassifier.from_pretrained(tiny_model, device="cpu")
    assert fresh.tokenizer_hash() == expected
    fresh.predict("it may work")
    assert fresh.tokenizer_hash() == expected


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(statements, min_size=1, max_size=12), seed=st.integers(0, 100))
def test_company_and_order_change_no_probability(tiny: StanceClassifier, texts: list[str], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(texts))
    together = tiny.predict_proba(texts)
    np.testing.assert_allclose(tiny.predict_proba([texts[k] for k in order]), together[order], atol=2e-5)
    np.testing.assert_allclose(tiny.predict_proba([texts[0]])[0], together[0], atol=2e-5)


def test_a_long_statement_is_scored_whole_in_windows(tiny: StanceClassifier) -> None:
    long = "deal " * 700
    prediction = tiny.predict(long)
    assert prediction.n_tokens == 700
    assert prediction.windows == 4
    short = tiny.predict("deal " * 254)
    assert (short.n_tokens, short.windows) == (254, 1)
    # what stands past the first window counts
    assert tiny.predict(long + "fail " * 100).scores != tiny.predict(long + "succeed " * 100).scores


@settings(max_examples=20, deadline=None)
@given(n=st.integers(0, 1500))
def test_every_word_piece_is_counted_once(tiny: StanceClassifier, n: int) -> None:
    assert tiny.predict("plan " * n).n_tokens == n


def test_context_is_the_second_segment(tiny: StanceClassifier) -> None:
    alone = tiny.predict("it may work")
    assert tiny.predict("it may work", context="the deal").scores != alone.scores
    both = tiny.predict(["it may work", "it may work"], context=["the deal", "the plan"])
    assert both[0].scores != both[1].scores
    assert tiny.predict(["it may work"], context="the deal")[0].scores == pytest.approx(both[0].scores, abs=1e-6)
    assert both[0].n_tokens == alone.n_tokens


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (None, r"texts must be a list of strings, got NoneType"),
        (7, r"texts must be a list of strings, got int"),
        ({"text": "fine"}, r"texts must be a list of strings, got dict"),
        (np.array([["fine"]]), r"texts must be a list of strings, got ndarray"),
        (["fine", None], r"texts\[1\] must be a string, got null"),
        ([3.5], r"texts\[0\] must be a string, got 3.5"),
        ([b"bytes"], r"texts\[0\] must be a string"),
        (["half \ud800 a pair"], r"texts\[0\] .*surrogate"),
    ],
)
def test_what_is_no_string_is_named(tiny: StanceClassifier, texts: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tiny.predict(texts)  # type: ignore[call-overload]


def test_a_blank_context_is_none(tiny: StanceClassifier) -> None:
    alone = tiny.predict_proba(["it may work"])
    for context in ("", " \n", [""], [None]):
        np.testing.assert_allclose(tiny.predict_proba(["it may work"], context=context), alone, atol=1e-6)
    mixed = tiny.predict_proba(np.array(["it may work"] * 3), context=np.array(["the deal", None, ""]))
    np.testing.assert_allclose(mixed[1:], np.repeat(alone, 2, axis=0), atol=1e-6)
    np.testing.assert_allclose(mixed[:1], tiny.predict_proba(["it may work"], context="the deal"), atol=1e-6)


@pytest.mark.parametrize("backend", ["packed", "transformers"])
def test_a_model_of_few_positions_gets_smaller_windows(tiny_model: Path, tmp_path: Path, backend: str) -> None:
    tiny = StanceClassifier.from_pretrained(tiny_model, device="cpu")
    config: Any = copy.deepcopy(tiny.model.config)
    config.max_position_embeddings = 64
    torch.manual_seed(5)
    small = StanceClassifier.from_model(
        BertForSequenceClassification(config),
        tiny.tokenizer,
        calibration=Calibration(no_outlook_label="none"),
        name="small",
        revision="unsaved",
        device="cpu",
        backend=backend,
    )
    small.save_pretrained(tmp_path / "small")
    loaded = StanceClassifier.from_pretrained(tmp_path / "small", device="cpu", precision="fp32", backend=backend)
    prediction = loaded.predict("deal " * 300, context="the plan")
    assert (prediction.n_tokens, prediction.windows > 5) == (300, True)
    assert loaded.predict("deal " * 60).windows == 1
    with pytest.raises(InputError, match="has 40 word pieces, at most 31 fit"):
        loaded.predict("deal", context="plan " * 40)


def test_contexts_are_checked(tiny: StanceClassifier) -> None:
    for wrong in (5, b"c", {"c"}):
        with pytest.raises(InputError, match="context must be a string, or a list of one per text, got "):
            tiny.predict(["a"], context=wrong)  # type: ignore[arg-type]
    items: list[Any] = [0, False, [], b""]
    for item in items:
        with pytest.raises(InputError, match=r"context\[1\] must be a string, got "):
            tiny.predict(["a", "b"], context=["c", item])
    with pytest.raises(InputError, match="context has 1 items for 2 texts"):
        tiny.predict(["a", "b"], context=["c"])
    with pytest.raises(InputError, match="context of item 0 has 300 word pieces, at most 128 fit"):
        tiny.predict("a", context="deal " * 300)
    with pytest.raises(InputError, match="one per text needs the texts as a list"):
        tiny.predict(iter(["a"]), context=["c"])


@pytest.mark.parametrize("storage", ["float32", "int4"])
def test_saved_and_loaded_again_it_says_the_same(tiny: StanceClassifier, tmp_path: Path, storage: str) -> None:
    tiny.save_pretrained(tmp_path / "m", storage=storage)  # type: ignore[arg-type]
    again = StanceClassifier.from_pretrained(tmp_path / "m", precision="fp32")
    assert list(again.classes_) == list(tiny.classes_)
    assert again.calibration == tiny.calibration
    assert again.name == tiny.name
    if storage == "float32":
        np.testing.assert_allclose(again.predict_proba(TEXTS), tiny.predict_proba(TEXTS), atol=1e-7)
    again.save_pretrained(tmp_path / "n", storage=storage)  # type: ignore[arg-type]
    third = StanceClassifier.from_pretrained(tmp_path / "n", precision="fp32")
    np.testing.assert_allclose(third.predict_proba(TEXTS), again.predict_proba(TEXTS), atol=1e-6)


def test_int4_is_a_fraction_of_the_size(tiny: StanceClassifier, tmp_path: Path) -> None:
    tiny.save_pretrained(tmp_path / "m")
    whole = (tmp_path / "m" / "model.safetensors").stat().st_size
    tiny.save_pretrained(tmp_path / "m", storage="int4")
    assert not (tmp_path / "m" / "model.safetensors").exists()
    assert (tmp_path / "m" / "model.int4.safetensors").stat().st_size < 0.25 * whole


def test_plain_transformers_gives_the_same_before_calibration(tiny: StanceClassifier, tiny_model: Path) -> None:
    texts = ["The deal will fail.", "We hope it may work."]
    plain: Any = pipeline("text-classification", str(tiny_model), top_k=None, device=torch.device("cpu"))
    logits = tiny.decision_function(texts)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for row, answer in zip(expected, plain(texts), strict=True):
        scores = {entry["label"]: entry["score"] for entry in answer}
        np.testing.assert_allclose([scores[label] for label in tiny.classes_], row, atol=1e-5)


def test_unusable_model_folders_are_named(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        StanceClassifier.from_pretrained(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no model\.safetensors"):
        StanceClassifier.from_pretrained(tmp_path / "empty")
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in tiny_model.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    (broken / "calibration.json").write_text(json.dumps({"temperature": -1}))
    with pytest.raises(ModelError, match="temperature"):
        StanceClassifier.from_pretrained(broken)
    (broken / "calibration.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match=r"calibration\.json: the file: .*; restore"):
        StanceClassifier.from_pretrained(broken)
    (broken / "calibration.json").unlink()
    with pytest.raises(ModelError, match=r"no calibration\.json"):
        StanceClassifier.from_pretrained(broken)
    (broken / "calibration.json").write_bytes((tiny_model / "calibration.json").read_bytes())
    (broken / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"no tokenizer\.json"):
        StanceClassifier.from_pretrained(broken)
    (broken / "model.safetensors").write_bytes(b"not weights")
    (broken / "tokenizer.json").write_bytes((tiny_model / "tokenizer.json").read_bytes())
    with pytest.raises(ModelError, match="damaged"):
        StanceClassifier.from_pretrained(broken)
    (broken / "config.json").write_text("[" * 100_000)
    with pytest.raises(ModelError, match=r"config\.json cannot be read \(maximum recursion depth"):
        StanceClassifier.from_pretrained(broken)
    (broken / "config.json").write_bytes((tiny_model / "config.json").read_bytes())
    with pytest.raises(ModelError, match="'' is no name"):
        StanceClassifier.from_pretrained("")
    (broken / "calibration.json").write_bytes((tiny_model / "calibration.json").read_bytes())
    (broken / "model.safetensors").write_bytes((tiny_model / "model.safetensors").read_bytes())
    settings = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps(settings | {"num_attention_heads": 3}))
    for backend in ("packed", "transformers"):
        with pytest.raises(ModelError, match=r"broken.*(attention heads|num_attention_heads 3)"):
            StanceClassifier.from_pretrained(broken, backend=backend)
    (broken / "tokenizer_config.json").write_text("[]")
    with pytest.raises(ModelError, match="'list' object has no attribute 'get'; give a folder"):
        StanceClassifier.from_pretrained(broken, backend="transformers")
    with pytest.raises(InputError, match="revision 'abc' is for a hub id"):
        StanceClassifier.from_pretrained(revision="abc")


@pytest.mark.parametrize("backend", ["packed", "transformers"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id2label": {"cautious": 0, "skeptical": 1}}, r"config\.json: id2label is {'cautious': 0, .* must give"),
        ({"id2label": ["a", "b", "c", "d"]}, r"config\.json: id2label is \['a', .*; give a folder"),
        ({"id2label": {"0": "a", "1": "b", "2": "c", "4": "none"}}, r"config\.json: id2label .* each number from 0 on"),
        ({"id2label": {"0": "a", "1": "a", "2": "b", "3": "none"}}, r"'tiny': its labels are \['a', 'a', .*; give"),
        ({"max_position_embeddings": "512"}, r"config\.json: max_position_embeddings is '512', .* a number; give"),
        ({"type_vocab_size": None}, r"config\.json: type_vocab_size is None"),
        ({"hidden_size": "32"}, "damaged.*hidden_size.*'32'.*; give a folder"),
        ({"layer_norm_eps": "tiny"}, "damaged.*layer_norm_eps.*'tiny'.*; give a folder"),
    ],
)
def test_values_of_a_wrong_kind_are_named(
    tiny_model: Path, tmp_path: Path, backend: str, change: dict[str, Any], message: str
) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "damaged")
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | change))
    with pytest.raises(ModelError, match=message):
        StanceClassifier.from_pretrained(folder, device="cpu", backend=backend)


@pytest.mark.parametrize("backend", ["packed", "transformers"])
def test_word_pieces_without_weights_are_refused(tiny_model: Path, tmp_path: Path, backend: str) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "more-pieces")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = len(tokenizer)
    tokenizer.add_tokens(["tariffs"])
    tokenizer.save_pretrained(folder)
    with pytest.raises(ModelError, match=rf"more-pieces: .* has {rows + 1} word pieces, .* for {rows}; call resize"):
        StanceClassifier.from_pretrained(folder, device="cpu", backend=backend)


def test_devices_and_precisions_that_are_not_here_are_refused(tiny_model: Path) -> None:
    with pytest.raises(InputError, match="precision 'int3' is unknown"):
        StanceClassifier.from_pretrained(tiny_model, precision="int3")
    with pytest.raises(InputError, match="fp16"):
        StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp16")
    with pytest.raises(InputError, match="device 'abacus' is not on this machine"):
        StanceClassifier.from_pretrained(tiny_model, device="abacus")


def test_bf16_says_nearly_the_same(tiny: StanceClassifier, tiny_model: Path) -> None:
    other = StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="bf16")
    np.testing.assert_allclose(other.predict_proba(TEXTS), tiny.predict_proba(TEXTS), atol=0.05)


def test_threads_that_share_a_classifier_get_what_they_would_alone(tiny: StanceClassifier) -> None:
    text, context = "we may win " * 150, "the plan"
    alone = tiny.predict([text] * 4, context=context)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: tiny.predict([text] * 4, context=context), range(100)))
    assert alone[0].windows > 1
    assert all(predictions == alone for predictions in together)


def test_an_item_of_a_stream_is_named_by_its_place_in_it(tiny: StanceClassifier) -> None:
    with pytest.raises(InputError, match=r"texts\[1500\] must be a string, got null"):
        list(tiny.predict(iter(["a"] * 1500 + [None])))  # type: ignore[list-item]
