"""Configurations: those that ship load, wrong ones are refused with every fault named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from expertstance import ConfigError, InputError
from expertstance_eval.config import ClassificationConfig, EvalConfig, dump_config, load_config
from expertstance_eval.run import evaluate

Config = Callable[..., EvalConfig]
LABELS = ["optimistic", "cautious", "skeptical", "none"]
SIGNS = {"positive": "optimistic", "neutral": "none", "negative": "skeptical"}
NAMES = [
    "articles",
    "behaviour",
    "corpus_test",
    "economist_panels",
    "hub_finbert",
    "hub_nli",
    "hub_sentiment",
    "newsmtsc_dev",
    "polnear_dev",
    "real_dev",
]


def test_every_shipped_configuration_is_listed_here(root: Path) -> None:
    assert sorted(path.stem for path in (root / "configs").glob("eval-*.yaml")) == [f"eval-{name}" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_shipped_configurations_load_and_survive_a_round_trip(root: Path, tmp_path: Path, name: str) -> None:
    config = load_config(root / "configs" / f"eval-{name}.yaml")
    assert config.name == name
    (tmp_path / "again.yaml").write_text(dump_config(config), encoding="utf-8")
    assert load_config(tmp_path / "again.yaml") == config


@pytest.mark.parametrize("name", ["real_dev", "economist_panels", "hub_finbert", "newsmtsc_dev"])
def test_shipped_configurations_fit_the_public_data(
    root: Path, shared: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from expertstance_eval.sources import read_samples

    monkeypatch.chdir(root)
    no_votes: dict[str, set[str]] = {"economist_panels": {"none"}}  # every economist votes
    config = load_config(root / "configs" / f"eval-{name}.yaml")
    assert isinstance(config, ClassificationConfig)
    for dataset in config.datasets.values():
        samples = list(read_samples(dataset, labels=config.labels))
        assert {sample.gold for sample in samples} == set(config.labels) - no_votes.get(name, set())
    if config.baselines is not None:
        assert all(Path(path).is_file() for path in config.baselines.train)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    content = {
        "task": "classification",
        "name": "x",
        "labels": ["a", "b", "a"],
        "ordinal": ["c"],
        "datasets": {"d": {"path": "p"}},
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    for part in ("labels repeat", "ordinal: 'c' is not one of the labels", "give either a 'model' or 'predictions'"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"task": "cooking"}, "cooking"),
        ({"task": "extraction", "name": "x", "gold": "g", "colour": "red"}, "colour"),
        ({"task": "extraction", "name": "x", "gold": "g", "resamples": -1}, "resamples"),
        ([1], "config"),
    ],
)
def test_wrong_configurations_are_refused(tmp_path: Path, content: object, message: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_config(path)


def test_files_that_are_no_configuration_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "missing.yaml")
    (tmp_path / "broken.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not YAML"):
        load_config(tmp_path / "broken.yaml")


@pytest.mark.parametrize(
    ("baselines", "message"),
    [
        ({"systems": ["tfidf"]}, "give 'train' files"),
        ({"systems": ["vader"]}, "vader_labels"),
        ({"systems": ["zero_shot"]}, "descriptions lacks"),
        ({"systems": ["nli"]}, "nli_model"),
        ({"systems": ["nli"], "nli_model": "x"}, "descriptions lacks"),
        ({"systems": ["vader", "vader"], "vader_labels": SIGNS}, "systems repeat"),
        (
            {"systems": ["nli", "constant", "nli"]},
            "constant needs 'constant_label'; nli needs 'nli_model', a folder or hub id; systems repeat",
        ),
        ({"systems": ["constant"]}, "constant needs 'constant_label'"),
        ({"systems": ["constant"], "constant_label": "x"}, "baselines.constant_label: 'x' is not one of the labels"),
        ({"systems": ["constant"], "constant_label": "none", "optional": ["setfit"]}, "optional names"),
    ],
)
def test_baselines_say_what_they_need(config: Config, baselines: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config(baselines=baselines)


def test_model_and_evaluation_labels_must_meet(config: Config, tiny_model: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"has the labels \['none'\] that are not in"):
        evaluate(config(labels=["optimistic", "cautious", "skeptical"], no_outlook_label=None), tmp_path / "a")
    model = {"source": str(tiny_model), "label_map": {"pessimistic": "skeptical"}}
    with pytest.raises(ConfigError, match=r"label_map names \['pessimistic'\]"):
        evaluate(config(model=model), tmp_path / "b")


@pytest.mark.parametrize("label_map", [{"optimistic": "skeptical"}, {"cautious": "none", "optimistic": "none"}])
def test_two_labels_of_the_model_must_not_become_one(
    config: Config, tiny_model: Path, data: Path, tmp_path: Path, label_map: dict[str, str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        evaluate(config(model={"source": str(tiny_model), "label_map": label_map}), tmp_path / "out")
    together = [label for label in LABELS if label_map.get(label, label) in label_map.values()]
    (target,) = set(label_map.values())
    assert str(caught.value) == (
        f"model.label_map sends the labels {together} of the model 'tiny' to one label, {target!r}; "
        "give each a label of its own"
    )
    assert not (tmp_path / "out").exists()


def test_a_model_without_a_label_gives_it_no_probability(
    config: Config, tiny_model: Path, data: Path, tmp_path: Path
) -> None:
    """The tiny model's ``none`` is read as a fifth label, so that it can never say ``none``."""
    labels = ["optimistic", "cautious", "skeptical", "none", "other"]
    model = {"source": str(tiny_model), "label_map": {"none": "other"}}
    results = evaluate(config(labels=labels, model=model), tmp_path / "out")
    figures = results["figures"]["datasets"]["rows"]["model"]
    assert figures["per_label"]["none"]["n"] == 10
    assert figures["per_label"]["none"]["f1"] == 0
    assert [row[3] for row in figures["confusion"]] == [0] * 5


def test_an_empty_data_set_is_refused(config: Config, data: Path, tmp_path: Path) -> None:
    data.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="data set 'rows' has no row to score"):
        evaluate(config(), tmp_path / "out")


def test_a_slice_with_too_many_values_is_refused(config: Config, data: Path, tmp_path: Path) -> None:
    data.write_text(
        "".join(f'{{"id": "{k}", "text": "the plan", "label": "none", "who": "w{k}"}}\n' for k in range(101)),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="line 101: slice 'who' has more than 100 values"):
        evaluate(config(datasets={"rows": {"path": "data.jsonl", "slices": ["who"]}}), tmp_path / "out")
