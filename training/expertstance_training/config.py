"""The typed configuration of a training run, read from YAML: ``expertstance train configs/e5-small.yaml``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from expertstance.hub import BASE_PACKAGE, DEFAULT_BASE
from expertstance.yaml_config import load_yaml


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Lora(_Section):
    """Low-rank adapters instead of the full encoder (Hu et al., "LoRA", 2021); merged before saving.

    Attributes:
        rank: Inner size of an adapter's two matrices.
        alpha: What an adapter adds is multiplied by ``alpha / rank``.
        dropout: Probability in front of the adapters.
        target_modules: Names of the base's modules to put adapters beside, or all linear ones.
    """

    rank: int = Field(default=16, ge=1)
    alpha: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.05, ge=0, lt=1)
    target_modules: list[str] | Literal["all-linear"] = "all-linear"


class Data(_Section):
    """Where the statements come from.

    Attributes:
        train: JSON-lines files, ``corpus:train`` for the project's own corpus, ``annotations`` for its stand-off
            labels of public statements, or ``soft_labels`` for those that a larger model gave.
        collections: The public collections that the texts of stand-off labels come from.
        validation: Files for early stopping and calibration, or
        holdout: that share of the training statements instead, whole articles or topics at a time.
    """

    train: list[str] = Field(min_length=1)
    collections: list[str] = []
    validation: list[str] = []
    holdout: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _one_way_to_validate(self) -> Self:
        if bool(self.validation) == bool(self.holdout):
            raise ValueError("give either 'validation' files or a 'holdout' share above 0")
        return self


class TrainConfig(_Section):
    """Everything that decides the weights of a run.

    Attributes:
        name: Name of the model; also of the run folder.
        license: Licence of the model, for its card; none given: the card names none.
        base: Folder, default base, or hub id of the encoder to start from.
        revision: Commit of a hub id; needed for every base but the default and local folders, which take none.
        labels: Class labels in the order of the model's outputs.
        no_outlook_label: The label that means "takes no outlook", where there is one.
        data: Where the statements come from.
        seed: Of everything random: the new head, the order of statements, the holdout, dropout.
        max_length: Word pieces per statement in training, at most what the model will read at a time; the run counts
            what is cut.
        second_weight: Share of the target that goes to a statement's ``second`` label, where it has one.
        epochs: Passes over the training statements at most; see ``patience``.
        batch_size: Statements per step.
        learning_rate: Peak of a linear warm-up over ``warmup`` of the steps, then linear decay to zero.
        weight_decay: AdamW's.
        warmup: Share of the steps until the peak.
        dropout: Probability in the base's dropout modules; none given: as the base has it.
        freeze_embeddings: Leave the word embeddings as they are.
        lora: Train low-rank adapters instead of the whole encoder; none given: the whole encoder.
        patience: Epochs without a better macro-F1 on the validation statements before training stops.
        checkpoint_every: Steps between checkpoints.
        runs: Runs from the same start with the seeds ``seed``, ``seed`` + 1, …, whose weights are averaged (Wortsman et
            al., "Model soups", 2022); not with ``lora``.
        average_with: Model folders whose weights are averaged with the trained ones (Wortsman et al., "Model soups",
            2022); they have to come from the same base and have the same labels in the same order.
        min_accuracy: The abstain threshold is the lowest at which accepted held-out predictions are right this often;
            where none is, nothing is refused.
        precision: Of the computation, the weights stay in float32; ``auto`` is bf16 where that is faster.
        device: As torch names it, or ``auto``.
        storage: ``int4`` rounds the trained matrices to four bits and also writes the packed form.
        recovery_steps: Batches on which, after the rounding, biases and norms learn the unrounded model's outputs.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    license: str | None = None
    base: str = DEFAULT_BASE
    revision: str | None = None
    labels: list[str] = Field(min_length=2)
    no_outlook_label: str | None = None
    data: Data
    seed: int = Field(default=13, ge=0)
    max_length: int = Field(default=160, ge=8)
    second_weight: float = Field(default=0.0, ge=0, lt=1)
    epochs: int = Field(default=5, ge=1)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=2e-4, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.1, ge=0, lt=1)
    dropout: float | None = Field(default=None, ge=0, lt=1)
    freeze_embeddings: bool = True
    lora: Lora | None = None
    patience: int = Field(default=2, ge=1)
    checkpoint_every: int = Field(default=100, ge=1)
    runs: int = Field(default=1, ge=1)
    average_with: list[str] = []
    min_accuracy: float = Field(default=0.75, ge=0, le=1)
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    device: str = "auto"
    storage: Literal["float32", "int4"] = "float32"
    recovery_steps: int = Field(default=400, ge=0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := list(self._faults()):
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        if len(set(self.labels)) != len(self.labels):
            yield f"labels repeat: {self.labels}"
        if self.no_outlook_label not in {None, *self.labels}:
            yield f"no_outlook_label {self.no_outlook_label!r} is not one of the labels {self.labels}"
        if len(self.labels) - (self.no_outlook_label is not None) < 2:
            yield "at least two labels besides no_outlook_label are needed"
        is_hub_id = self.base.count("/") <= 1 and not Path(self.base).is_dir()
        if is_hub_id and self.revision is None and self.base not in (DEFAULT_BASE, BASE_PACKAGE):
            yield f"base {self.base!r} is no local folder; pin a hub id with 'revision'"
        if self.lora is not None and self.runs > 1:
            yield (
                f"lora: the mean of the adapters of {self.runs} runs is not that of their weights; train each run by "
                "itself and name the others in 'average_with'"
            )


_SCHEMA = TypeAdapter(TrainConfig)


def load_config(path: Path) -> TrainConfig:
    """Read and check a YAML configuration; the faults are named together.

    Raises:
        ConfigError: The file is missing, is not YAML, or breaks a rule of ``TrainConfig``.
    """
    return load_yaml(path, _SCHEMA)
