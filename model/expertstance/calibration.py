"""What is stored beside a model to turn its logits into calibrated probabilities and abstentions."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expertstance.errors import ModelError, faults_of

FILE_NAME = "calibration.json"


class Calibration(BaseModel):
    """Temperature and abstain rule of a model (``calibration.json``).

    Attributes:
        temperature: Logits are divided by it before the softmax (Guo et al., "On Calibration of Modern Neural
            Networks", 2017).
        no_outlook_label: The label that stands for "no outlook", or None where the label set has none.
        min_score: A best label with a lower probability is marked ``low_confidence``.
        fitted_on: Number of held-out statements behind the two figures; 0 where nothing was fitted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float = Field(default=1.0, gt=0)
    no_outlook_label: str | None = None
    min_score: float = Field(default=0.0, ge=0, le=1)
    fitted_on: int = Field(default=0, ge=0)

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities of logits of shape (n, labels); rows sum to 1."""
        # torch is loaded anyway; scipy's softmax costs a tenth of a second of start-up
        return torch.softmax(torch.from_numpy(logits / self.temperature), dim=1).numpy()

    def save(self, folder: Path) -> None:
        """Write ``calibration.json`` into the model folder."""
        (folder / FILE_NAME).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_calibration(folder: Path, *, required: bool) -> Calibration:
    """Read ``calibration.json`` of a model folder.

    Args:
        folder: The model folder.
        required: Whether the folder is one of ours; any other without the file gets temperature 1 and no abstain rule.

    Raises:
        ModelError: The file holds something else, or is missing where it is required.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        if required:
            raise ModelError(f"model folder {folder}: no {FILE_NAME} in it; restore the file that came with the model")
        return Calibration()
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fault = faults_of(error, whole="the file")[0]
        raise ModelError(f"{path}: {fault}; restore the file that came with the model") from error
