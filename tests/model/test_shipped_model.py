"""The model that comes with the package: it loads offline, keeps its figures, and reads the real article right."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

import expertstance
from expertstance import StanceClassifier
from expertstance.hub import shipped_model

LABELS = ["optimistic", "cautious", "skeptical", "none"]


@pytest.fixture(scope="module")
def shipped() -> StanceClassifier:
    return StanceClassifier.from_pretrained(precision="fp32")


def test_it_is_small_and_complete(shipped: StanceClassifier) -> None:
    folder = shipped_model()
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 20_000_000
    assert not [path for path in folder.rglob("*") if path.suffix in {".bin", ".pt", ".pkl", ".pickle"}]
    assert list(shipped.classes_) == LABELS
    assert shipped.calibration.fitted_on > 0
    assert shipped.calibration.no_outlook_label == "none"
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "model-index" in card


def test_predict_uses_it(shipped: StanceClassifier) -> None:
    prediction = expertstance.predict("We are confident that the work will be finished on time.")
    assert prediction.label == "optimistic"
    assert not prediction.abstained
    assert (prediction.model, prediction.revision) == (shipped.name, shipped.revision)
    many = expertstance.predict(["I doubt that it will ever work.", "It is too early to tell how it will go."])
    assert [p.label for p in many] == ["skeptical", "cautious"]
    assert expertstance.predict_proba(["I fly back tonight."]).argmax() == LABELS.index("none")


def test_saved_as_float32_it_loads_in_plain_transformers(shipped: StanceClassifier, tmp_path: Path) -> None:
    from transformers import pipeline

    shipped.save_pretrained(tmp_path / "plain")
    texts = ["We will get there.", "The odds of another breakdown are high."]
    plain: Any = pipeline("text-classification", str(tmp_path / "plain"), top_k=None)
    logits = shipped.decision_function(texts)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for answer, row in zip(plain(texts), expected, strict=True):
        scores = {entry["label"]: entry["score"] for entry in answer}
        np.testing.assert_allclose([scores[label] for label in LABELS], row, atol=1e-4)


def test_it_keeps_its_figures_on_real_statements(shipped: StanceClassifier, shared: Path) -> None:
    path = shared / "data" / "real_dev.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    predicted = shipped.classes_[shipped.predict_proba([row["text"] for row in rows]).argmax(axis=1)]
    assert f1_score([row["label"] for row in rows], predicted, average="macro") >= 0.73


def test_it_reads_the_real_article_right(shipped: StanceClassifier, shared: Path) -> None:
    (path,) = (shared / "seed").glob("*.txt")
    text = path.read_text(encoding="utf-8")
    analysis = expertstance.analyze(text, classifier=shipped)
    speakers = {s.name: s for s in analysis.speakers}
    assert {name: speakers[name].tally.outlook for name in ("Howard Lutnick", "Jianwei Xu", "Scott Kennedy")} == {
        "Howard Lutnick": "optimistic",
        "Jianwei Xu": "cautious",
        "Scott Kennedy": "skeptical",
    }
    assert (speakers["Howard Lutnick"].role, speakers["Howard Lutnick"].affiliation) == ("Commerce Secretary", "U.S.")
    assert (speakers["Jianwei Xu"].role, speakers["Jianwei Xu"].affiliation) == ("senior economist", "Natixis")
    kennedy = speakers["Scott Kennedy"]
    assert str(kennedy.role).startswith("senior adviser and trustee chair in Chinese Business and Economics")
    assert kennedy.affiliation == "Center for Strategic and International Studies"
    for statement in analysis.statements:
        assert " ".join(text[start:end] for start, end in statement.spans) == statement.text
        assert statement.prediction is not None
