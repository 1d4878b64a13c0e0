"""Baselines beside the model: they learn, they never see what is scored, they say what they cannot do."""

import io
import json
import pickle
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from expertstance import ConfigError, InputError, MissingExtraError, ModelError, StanceClassifier
from expertstance.cli.main import main
from expertstance_eval.baselines import build_baselines
from expertstance_eval.config import Baselines, EvalConfig, dump_config
from expertstance_eval.encoders import Encoder
from expertstance_eval.few_shot import few_per_label
from expertstance_eval.run import evaluate
from expertstance_eval.verify import verify

Config = Callable[..., EvalConfig]
LABELS = ["optimistic", "cautious", "skeptical", "none"]
BEGINNINGS = ["we hope", "the market", "a deal on prices", "early work", "good talks", "the risk"]
ENDINGS = {
    "optimistic": "will succeed and bring growth",
    "cautious": "may work , nobody knows",
    "skeptical": "will fail and is bad",
    "none": "is in the plan",
}
SETTINGS: dict[str, Any] = {
    "train": ["train.jsonl"],
    "vader_labels": {"positive": "optimistic", "neutral": "none", "negative": "skeptical"},
    "descriptions": {
        "optimistic": "The speaker expects success.",
        "cautious": "The speaker says that it may or may not work.",
        "skeptical": "The speaker expects failure.",
        "none": "A plain fact.",
    },
}


@pytest.fixture
def train(data: Path) -> Path:
    path = Path("train.jsonl")
    path.write_text(
        "".join(
            json.dumps({"text": f"{beginning} {ending}", "label": label}) + "\n"
            for beginning in BEGINNINGS
            for label, ending in ENDINGS.items()
        ),
        encoding="utf-8",
    )
    return path


def test_baselines_stand_in_the_report_and_are_verified(config: Config, train: Path, tmp_path: Path) -> None:
    systems = ["majority", "tfidf", "vader"]
    results = evaluate(config(baselines={"systems": systems, **SETTINGS}), tmp_path / "out")
    baselines = results["figures"]["datasets"]["rows"]["baselines"]
    assert list(baselines) == systems
    assert baselines["majority"]["accuracy"] == 0.25
    assert baselines["majority"]["model_minus_baseline"]["mcnemar"]["p_value"] <= 1
    assert baselines["tfidf"]["accuracy"] > 0.8
    assert baselines["tfidf"]["probabilities"]["log_loss"] < baselines["majority"]["probabilities"]["log_loss"]
    assert baselines["vader"]["probabilities"] is None
    assert "train.jsonl" in results["inputs"]["files"]
    assert "| tfidf |" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert verify(tmp_path / "out", rerun=True).faults == []


def test_sentence_vectors_tell_hope_from_failure(train: Path) -> None:
    baselines = build_baselines(Baselines(systems=["minilm", "zero_shot"], **SETTINGS), labels=LABELS)
    texts = ["Everyone expects the project to be a great success.", "It is certain to end in failure."]
    for name, scorer in baselines.scorers.items():
        probabilities = scorer(texts)
        assert probabilities.shape == (2, 4)
        assert probabilities.sum(axis=1) == pytest.approx([1, 1])
        assert probabilities[0, 0] > probabilities[1, 0], name
        assert probabilities[1, 2] > probabilities[0, 2], name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:'pin_memory' argument")
def test_setfit_learns(train: Path) -> None:
    pytest.importorskip("setfit", reason="needs the extra [setfit]")
    baselines = build_baselines(
        Baselines(systems=["setfit"], setfit_iterations=2, train_limit=8, **SETTINGS), labels=LABELS
    )
    probabilities = baselines.scorers["setfit"](["a deal will succeed and bring growth", "a deal will fail and is bad"])
    assert [LABELS[k] for k in probabilities.argmax(axis=1)] == ["optimistic", "skeptical"]
    assert probabilities.sum(axis=1) == pytest.approx([1, 1], abs=1e-12)


def base_with_code(tiny_base: Path, folder: Path, trace: Path) -> Path:
    """An encoder of an architecture of its own, whose code leaves a trace when it is run."""
    shutil.copytree(tiny_base, folder)
    path = folder / "config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    own = {"model_type": "own", "auto_map": {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"}}
    path.write_text(json.dumps({**settings, **own}), encoding="utf-8")
    (folder / "own.py").write_text(f"open({str(trace)!r}, 'w').close()\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("system", ["minilm", "zero_shot", "setfit"])
def test_code_in_a_bases_folder_is_not_run(
    train: Path, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    if system == "setfit":
        pytest.importorskip("setfit", reason="needs the extra [setfit]")
    folder = base_with_code(tiny_base, tmp_path / "base", tmp_path / "trace")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))  # who is asked whether to run it agrees
    with pytest.raises(ModelError) as caught:
        build_baselines(Baselines(**{**SETTINGS, "systems": [system], "base": str(folder)}), labels=LABELS)
    assert str(caught.value) == (
        f"base {str(folder)!r} cannot be loaded (The repository {folder} contains custom code which must be executed "
        "to correctly load the model); give a plain encoder, one that needs no code of its own"
    )
    assert not (tmp_path / "trace").exists()


class _LeavesATrace:
    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._trace,))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:'pin_memory' argument")
def test_a_pickled_head_in_a_bases_folder_is_not_loaded(train: Path, tiny_base: Path, tmp_path: Path) -> None:
    pytest.importorskip("setfit", reason="needs the extra [setfit]")
    folder = Path(shutil.copytree(tiny_base, tmp_path / "base"))
    (folder / "model_head.pkl").write_bytes(pickle.dumps(_LeavesATrace(tmp_path / "trace")))
    settings = Baselines(systems=["setfit"], base=str(folder), train_limit=4, **SETTINGS)
    assert build_baselines(settings, labels=LABELS).scorers["setfit"](["a deal"]).shape == (1, 4)
    assert not (tmp_path / "trace").exists()


def test_few_rows_per_label_are_drawn_with_the_seed() -> None:
    gold = [0] * 30 + [1] * 3 + [3] * 20
    drawn = few_per_label(gold, per_label=8, seed=1)
    assert [gold[k] for k in drawn] == [0] * 8 + [1] * 3 + [3] * 8
    assert drawn == few_per_label(gold, per_label=8, seed=1) != few_per_label(gold, per_label=8, seed=2)
    assert few_per_label(gold, per_label=None, seed=1) == list(range(len(gold)))


def test_an_optional_baseline_without_its_package_is_left_out_with_a_note(
    config: Config, train: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "setfit", None)
    settings = config(baselines={"systems": ["majority", "setfit"], "optional": ["setfit"], **SETTINGS})
    (tmp_path / "config.yaml").write_text(dump_config(settings), encoding="utf-8")
    assert main(["evaluate", str(tmp_path / "config.yaml"), "--out", "out"]) == 0
    assert "note: setfit is left out: baseline 'setfit' needs 'setfit'" in capsys.readouterr().err
    page = Path("out/report.md").read_text(encoding="utf-8")
    assert "## Left out" in page
    assert "| majority |" in page
    verdict = verify(Path("out"), rerun=True)
    assert verdict.faults == []
    assert any("baseline setfit is optional and was not compared" in note for note in verdict.notes)


def test_a_report_with_an_optional_baseline_holds_where_its_package_is_missing(
    config: Config, train: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"systems": ["majority", "vader"], "optional": ["vader"], **SETTINGS}
    results = evaluate(config(baselines=settings), tmp_path / "out")
    assert list(results["figures"]["datasets"]["rows"]["baselines"]) == ["majority", "vader"]
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    assert verify(tmp_path / "out").faults == []
    verdict = verify(tmp_path / "out", rerun=True)
    assert verdict.faults == []
    assert any("baseline vader" in note for note in verdict.notes)


def test_a_constant_answer_needs_no_rows_to_learn_from(config: Config, data: Path, tmp_path: Path) -> None:
    settings = {"systems": ["constant"], "constant_label": "cautious"}
    constant = evaluate(config(baselines=settings), tmp_path / "out")["figures"]["datasets"]["rows"]["baselines"]
    assert constant["constant"]["accuracy"] == 0.25
    assert constant["constant"]["per_label"]["cautious"]["recall"] == 1
    assert constant["constant"]["probabilities"] is None


def test_setfit_says_how_to_install_it(train: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "setfit", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'expertstance\[setfit\]'"):
        build_baselines(Baselines(systems=["setfit"], **SETTINGS), labels=LABELS)


def test_vader_is_read_by_its_authors_threshold() -> None:
    settings = Baselines(systems=["vader"], vader_labels=SETTINGS["vader_labels"])
    scorer = build_baselines(settings, labels=LABELS).scorers["vader"]
    texts = ["This is great, we love it.", "The meeting is on Monday.", "A terrible, awful failure."]
    assert [LABELS[k] for k in scorer(texts).argmax(axis=1)] == ["optimistic", "none", "skeptical"]


def test_a_scored_statement_among_the_training_rows_is_an_error(config: Config, train: Path, data: Path) -> None:
    scored = json.loads(data.read_text(encoding="utf-8").splitlines()[0])
    with train.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"text": scored["text"], "label": scored["label"]}) + "\n")
    with pytest.raises(InputError, match="holds statements that are scored, such as \\['row-0'\\]"):
        evaluate(config(baselines={"systems": ["majority"], **SETTINGS}), Path("out"))


def test_a_statement_is_known_with_its_context(config: Config, train: Path, data: Path, tmp_path: Path) -> None:
    """The same words about another matter are another row; about the same one they are known."""
    text = "the deal will succeed"
    data.write_text(json.dumps({"id": "a", "text": text, "label": "none", "about": "prices"}) + "\n", encoding="utf-8")
    learnt = [{"text": text, "label": "none", "about": "talks"}, {"text": "x", "label": "cautious", "about": "talks"}]
    datasets = {"rows": {"path": "data.jsonl", "context_column": "about"}}
    for k, about in enumerate(("talks", "prices")):
        rows = [{**row, "about": about} for row in learnt]
        train.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        baselines = {"systems": ["majority"], "context_column": "about", **SETTINGS}
        if about == "talks":
            evaluate(config(baselines=baselines, datasets=datasets), tmp_path / str(k))
            continue
        with pytest.raises(InputError, match=r"holds statements that are scored, such as \['a'\]"):
            evaluate(config(baselines=baselines, datasets=datasets), tmp_path / str(k))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "x"}, r"column 'label' must be one of \[.*\], got null"),
        ({"text": 3, "label": "none"}, "column 'text' must be a string, got 3"),
        ({"text": "x", "label": "fine"}, r"column 'label' must be one of \[.*\], got \"fine\""),
        ({"text": "x", "label": "none", "about": 1}, "column 'about' must be a string or null, got 1"),
    ],
)
def test_training_rows_are_checked(train: Path, row: dict[str, Any], message: str) -> None:
    train.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"train.jsonl, line 1: " + message):
        build_baselines(Baselines(systems=["majority"], context_column="about", **SETTINGS), labels=LABELS)


def test_one_label_is_nothing_to_learn_from(train: Path) -> None:
    train.write_text('{"text": "x", "label": "none"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="at least two labels"):
        build_baselines(Baselines(systems=["tfidf"], **SETTINGS), labels=LABELS)


def nli_model(tiny_model: Path, folder: Path, labels: list[str]) -> Path:
    """The tiny model with the labels of natural language inference; its weights stay random."""
    shutil.copytree(tiny_model, folder)
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings["id2label"] = {str(k): label for k, label in enumerate(labels)}
    settings["label2id"] = {label: k for k, label in enumerate(labels)}
    del settings["expertstance_name"]  # as others publish such models
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "calibration.json").unlink()
    return folder


def test_zero_shot_inference_takes_the_best_entailed_description(
    config: Config, train: Path, tiny_model: Path, tmp_path: Path
) -> None:
    folder = nli_model(tiny_model, tmp_path / "nli", ["CONTRADICTION", "ENTAILMENT", "NEUTRAL", "other"])
    settings = {"systems": ["nli"], "nli_model": str(folder), **SETTINGS}
    scorer = build_baselines(Baselines(**settings), labels=LABELS).scorers["nli"]
    text = "the deal will succeed"
    classifier = StanceClassifier.from_pretrained(folder, device="cpu", precision="fp32")
    entailed = [classifier.decision_function([text], context=SETTINGS["descriptions"][label])[0, 1] for label in LABELS]
    assert np.allclose(scorer([text, "the risk"])[0], softmax(entailed), atol=1e-5)
    results = evaluate(config(baselines=settings), tmp_path / "out")
    assert list(results["figures"]["datasets"]["rows"]["baselines"]) == ["nli"]
    assert verify(tmp_path / "out", rerun=True).faults == []


def test_a_model_without_entailment_is_refused(train: Path, tiny_model: Path) -> None:
    settings = {"systems": ["nli"], "nli_model": str(tiny_model), **SETTINGS}
    with pytest.raises(ConfigError, match="a model with 'entailment' is needed"):
        build_baselines(Baselines(**settings), labels=LABELS)


def test_an_encoder_cuts_texts_where_its_positions_end(short_base: Path) -> None:
    long, cut = Encoder(str(short_base)).embed(["deal " * 100, "deal " * 60])  # 62 pieces with [CLS] and [SEP]
    np.testing.assert_allclose(long, cut, atol=1e-6)
