"""The typed configuration of an evaluation, read from YAML: ``expertstance evaluate configs/eval-real_dev.yaml``.

Paths are taken from the current folder.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from expertstance.hub import DEFAULT_BASE
from expertstance.yaml_config import check, load_yaml

LENGTH_SLICE = "length"
"""Name of the slice that is computed from the number of words, not read from a column."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := list(self._faults()):
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        """What does not go together in a section whose keys are each right."""
        yield from ()


class ModelSource(_Section):
    """Which classifier to measure.

    Attributes:
        source: Model folder or hub id; None is the shipped model.
        revision: Commit of a hub id.
        precision: Fixed, not ``auto``, where figures should be the same on other machines.
        label_map: Model label to evaluation label, for a model with other labels; one to one.
    """

    source: str | None = None
    revision: str | None = None
    device: str = "cpu"
    precision: Literal["fp32", "bf16", "fp16", "int8"] = "fp32"
    label_map: dict[str, str] = {}


class Dataset(_Section):
    """Labelled rows in JSON lines.

    Attributes:
        path: The rows to score.
        predictions: File of ready probabilities for the same rows in the same order, such as ``expertstance score``
            writes; instead of a model. May be ``path`` itself.
        label_column: Column of the gold label; of a file that ``expertstance score`` wrote, ``input_label``.
        group_column: Rows with one value there (an article) are drawn together in the bootstrap; a row with null or
            nothing there by itself, as every row is without a group column.
        label_map: Label of the file to evaluation label; null drops the row. Labels not named stay as they are.
        slices: Columns to report on one by one; ``length`` is the number of words in bands.
        slice_words: For a column of free words, values to slice by, each with the words that stand for it: the first
            value of which a word occurs is taken, ``(other)`` where none does.
    """

    path: str
    predictions: str | None = None
    probability_prefix: str = "p_"
    id_column: str = "id"
    text_column: str = "text"
    context_column: str | None = None
    label_column: str = "label"
    group_column: str | None = None
    label_map: dict[str, str | None] = {}
    slices: list[str] = []
    slice_words: dict[str, dict[str, list[str]]] = {}

    def _faults(self) -> Iterator[str]:
        if unknown := [name for name in self.slice_words if name not in self.slices]:
            yield f"slice_words names {unknown}, which are not among the slices {self.slices}"


class Baselines(_Section):
    """Simple systems to stand beside the model.

    Attributes:
        systems: Which ones.
        train: JSON-lines files with the columns ``text`` and ``label`` for those that learn (``majority``, ``tfidf``,
            ``minilm``, ``setfit``); a scored statement among them is an error.
        context_column: Column of the ``train`` files to put before the text, for data sets with a context.
        train_limit: Rows of each ``train`` file to use, from the top; None is all.
        descriptions: Evaluation label to a description of it, for ``zero_shot`` and ``nli``.
        constant_label: What ``constant`` always answers, where there are no rows to learn from.
        vader_labels: Evaluation label for each of VADER's three, for ``vader``.
        base: Encoder of ``minilm``, ``zero_shot`` and ``setfit``.
        nli_model: Folder or hub id of a model of natural language inference, for ``nli``.
        nli_revision: Commit of a hub id.
        setfit_per_label: Rows of each label that SetFit learns from, drawn from those of ``train`` with the seed; None
            is all of them.
        setfit_iterations: Pairs of each kind that SetFit draws per row.
        optional: Systems to leave out, with a note in the report, where what they need is not here: a package, or a
            model. All others are an error then.
    """

    systems: list[Literal["constant", "majority", "tfidf", "minilm", "vader", "zero_shot", "nli", "setfit"]] = Field(
        min_length=1
    )
    train: list[str] = []
    context_column: str | None = None
    train_limit: int | None = Field(default=None, ge=1)
    descriptions: dict[str, str] = {}
    constant_label: str | None = None
    vader_labels: dict[Literal["positive", "neutral", "negative"], str] = {}
    base: str = DEFAULT_BASE
    nli_model: str | None = None
    nli_revision: str | None = None
    setfit_per_label: int | None = Field(default=None, ge=1)
    setfit_iterations: int = Field(default=1, ge=1)
    optional: list[str] = []

    def _faults(self) -> Iterator[str]:
        learning = [name for name in self.systems if name in ("majority", "tfidf", "minilm", "setfit")]
        if learning and not self.train:
            yield f"the baselines {learning} learn: give 'train' files"
        if "constant" in self.systems and self.constant_label is None:
            yield "constant needs 'constant_label'"
        if "vader" in self.systems and len(self.vader_labels) < 3:
            yield "vader needs 'vader_labels' for positive, neutral and negative"
        if "nli" in self.systems and self.nli_model is None:
            yield "nli needs 'nli_model', a folder or hub id"
        if len(set(self.systems)) != len(self.systems):
            yield f"systems repeat: {self.systems}"
        if unknown := [name for name in self.optional if name not in self.systems]:
            yield f"optional names {unknown}, which are not among the systems {self.systems}"


class _Task(_Section):
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    seed: int = Field(default=13, ge=0)
    resamples: int = Field(default=1000, ge=0)
    confidence: float = Field(default=0.95, gt=0, lt=1)


class ClassificationConfig(_Task):
    """Labels of statements: a model, or ready predictions, on data sets.

    Attributes:
        labels: Evaluation labels in the order of all tables.
        no_outlook_label: The label that the view without it leaves out.
        ordinal: Labels on a scale, from one end to the other; a wrong label costs its distance, any other error 1.
        bins: Bins of equal mass of the calibration error.
        resamples: Bootstrap resamples; 0 for no intervals.
        confidence: Level of the intervals.
    """

    task: Literal["classification"]
    model: ModelSource | None = None
    labels: list[str] = Field(min_length=2)
    no_outlook_label: str | None = None
    ordinal: list[str] = []
    bins: int = Field(default=10, ge=2)
    datasets: dict[str, Dataset] = Field(min_length=1)
    baselines: Baselines | None = None

    def _faults(self) -> Iterator[str]:
        if len(set(self.labels)) != len(self.labels):
            yield f"labels repeat: {self.labels}"
        named: list[tuple[str, str]] = [("ordinal", label) for label in self.ordinal]
        if self.no_outlook_label is not None:
            named.append(("no_outlook_label", self.no_outlook_label))
            if len(self.labels) < 3:
                yield "at least two labels besides no_outlook_label are needed"
        if self.model is not None:
            named.extend(("model.label_map", label) for label in self.model.label_map.values())
        for name, dataset in self.datasets.items():
            named.extend((f"datasets.{name}.label_map", label) for label in dataset.label_map.values() if label)
            if (self.model is None) == (dataset.predictions is None):
                yield f"datasets.{name}: give either a 'model' or 'predictions' of the data set, not both or neither"
        if self.baselines is not None:
            named.extend(("baselines.vader_labels", label) for label in self.baselines.vader_labels.values())
            if self.baselines.constant_label is not None:
                named.append(("baselines.constant_label", self.baselines.constant_label))
        if self.baselines is not None and {"zero_shot", "nli"} & set(self.baselines.systems):
            missing = [label for label in self.labels if label not in self.baselines.descriptions]
            if missing:
                yield f"baselines.descriptions lacks {missing}"
        for place, label in named:
            if label not in self.labels:
                yield f"{place}: {label!r} is not one of the labels {self.labels}"


class ExtractionConfig(_Task):
    """Statements and speakers found in articles with gold attributions.

    Attributes:
        gold: JSON lines ``{"id", "text", "attributions": [{"source", "cue", "content"}]}``, each part a list of
            ``[start, end]`` in code points of the text.
    """

    task: Literal["extraction"]
    gold: str


class BehaviourConfig(_Task):
    """Behavioural cases: does the model do what the codebook asks, capability by capability.

    Attributes:
        suites: YAML files of cases; empty is the suite that comes with the package.
        examples: Failed cases to show per capability.
    """

    task: Literal["behaviour"]
    model: ModelSource = ModelSource()
    suites: list[str] = []
    examples: int = Field(default=5, ge=0)


class ArticlesConfig(_Task):
    """Statements, speakers and labels found in articles whose statements are known.

    Attributes:
        articles: JSON lines ``{"id", "text", "statements": [{"spans", "kind", "speaker", "label"}]}``, spans as
            ``[start, end]`` in code points of the text; empty is the articles that come with the package.
    """

    task: Literal["articles"]
    model: ModelSource = ModelSource()
    articles: list[str] = []


EvalConfig = ClassificationConfig | ExtractionConfig | BehaviourConfig | ArticlesConfig
_ADAPTER: TypeAdapter[EvalConfig] = TypeAdapter(Annotated[EvalConfig, Field(discriminator="task")])


def load_config(path: Path) -> EvalConfig:
    """Read and check a YAML configuration; every fault is named in one message.

    Raises:
        ConfigError: The file is missing, is not YAML, or breaks a rule.
    """
    return load_yaml(path, _ADAPTER)


def parse_config(content: object, *, place: str) -> EvalConfig:
    """Check a configuration that is already read; ``place`` names it in the message.

    Raises:
        ConfigError: It breaks a rule.
    """
    return check(content, _ADAPTER, place=place)


def dump_config(config: EvalConfig) -> str:
    """The configuration as YAML, with every default spelt out; the same text for the same configuration."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
