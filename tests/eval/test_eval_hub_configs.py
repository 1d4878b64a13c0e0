"""The configurations for models of the hub: one clear sentence without a network, and right labels with the models.

The models are not here: each path is walked with a tiny random model of the same architecture and the labels that the
real one has.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from expertstance import ModelError
from expertstance_eval.config import EvalConfig, load_config, parse_config
from expertstance_eval.run import evaluate
from expertstance_eval.verify import verify

SIZE = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
FINBERT = ["positive", "negative", "neutral"]
SENTIMENT = ["negative", "neutral", "positive"]
NLI = ["contradiction", "entailment", "neutral"]


def tiny(name: str, labels: list[str], tokenizer: PreTrainedTokenizerFast) -> Any:
    about: dict[str, Any] = {
        **SIZE,
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "id2label": dict(enumerate(labels)),
        "label2id": {label: k for k, label in enumerate(labels)},
        "initializer_range": 0.5,
    }
    torch.manual_seed(5)
    if name == "bert":
        return BertForSequenceClassification(BertConfig(**about))
    if name == "roberta":
        return RobertaForSequenceClassification(RobertaConfig(**about, type_vocab_size=1, max_position_embeddings=130))
    return DebertaV2ForSequenceClassification(DebertaV2Config(**about, type_vocab_size=0, relative_attention=True))


@pytest.fixture
def hub_model(tiny_model: Path, tmp_path: Path) -> Callable[[str, list[str]], str]:
    """Saves a tiny random model of an architecture with labels; gives its folder."""

    def save(name: str, labels: list[str]) -> str:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(tiny_model)
        tokenizer.model_max_length = 128
        if name != "bert":
            tokenizer.model_input_names = ["input_ids", "attention_mask"]
        tiny(name, labels, tokenizer).save_pretrained(tmp_path / name)
        tokenizer.save_pretrained(tmp_path / name)
        return str(tmp_path / name)

    return save


def on_test_rows(path: Path, **changes: Any) -> EvalConfig:
    """A shipped configuration with the rows of the tests, and parts replaced, each inside its section."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["datasets"] = {"rows": {"path": "data.jsonl", "group_column": "article_id"}}
    content["resamples"] = 20
    for section, parts in changes.items():
        content[section] = {**content[section], **parts}
    return parse_config(content, place=path.name)


@pytest.mark.parametrize(
    ("name", "architecture", "labels"), [("finbert", "bert", FINBERT), ("sentiment", "roberta", SENTIMENT)]
)
def test_a_sentiment_model_is_mapped_to_outlooks(
    root: Path,
    data: Path,
    tmp_path: Path,
    hub_model: Callable[[str, list[str]], str],
    name: str,
    architecture: str,
    labels: list[str],
) -> None:
    model = {"source": hub_model(architecture, labels), "revision": None}
    config = on_test_rows(root / "configs" / f"eval-hub_{name}.yaml", model=model)
    results = evaluate(config, tmp_path / "out")
    assert results["inputs"]["model"]["labels"] == labels
    first = json.loads((tmp_path / "out" / "predictions.jsonl").read_text(encoding="utf-8").splitlines()[0])
    cautious = results["config"]["labels"].index("cautious")
    assert first["probabilities"][cautious] == 0
    assert sum(first["probabilities"]) == pytest.approx(1)
    assert [row[cautious] for row in results["figures"]["datasets"]["rows"]["model"]["confusion"]] == [0] * 4
    assert verify(tmp_path / "out", rerun=True).faults == []


def test_an_inference_model_stands_beside_the_model(
    root: Path, data: Path, tmp_path: Path, tiny_model: Path, hub_model: Callable[[str, list[str]], str]
) -> None:
    nli = {"nli_model": hub_model("deberta", NLI), "nli_revision": None}
    path = root / "configs" / "eval-hub_nli.yaml"
    results = evaluate(on_test_rows(path, model={"source": str(tiny_model)}, baselines=nli), tmp_path / "out")
    assert results["figures"]["datasets"]["rows"]["baselines"]["nli"]["probabilities"]["log_loss"] > 0
    assert verify(tmp_path / "out", rerun=True).faults == []


@pytest.mark.parametrize("name", ["finbert", "nli", "sentiment"])
def test_without_a_network_one_sentence_names_the_model_and_the_way_out(
    root: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    path = root / "configs" / f"eval-hub_{name}.yaml"
    with pytest.raises(ModelError, match="neither a local folder nor to be had from the hub") as caught:
        evaluate(on_test_rows(path), tmp_path / "out")
    assert "give a local folder" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_an_optional_model_of_the_hub_is_left_out_with_a_note(
    root: Path, data: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    path = root / "configs" / "eval-hub_nli.yaml"
    changes = {"model": {"source": str(tiny_model)}, "baselines": {"optional": ["nli"]}}
    results = evaluate(on_test_rows(path, **changes), tmp_path / "out")
    assert results["figures"]["datasets"]["rows"]["baselines"] == {}
    assert "to be had from the hub" in results["inputs"]["left_out"]["nli"]
    assert "## Left out" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert load_config(tmp_path / "out" / "config.yaml") == parse_config(results["config"], place="results")
