"""The model card that goes with every trained model: what it is, what it was trained on, how good it is."""

from pathlib import Path
from typing import Any

import yaml

from expertstance.hub import BASE_PACKAGE, DEFAULT_BASE
from expertstance.weights import Storage
from expertstance_training.config import TrainConfig

_BODY = """
# {name}

Tells the outlook of one statement in a news report: {labels}.

```python
from expertstance import StanceClassifier

StanceClassifier.from_pretrained("path/to/this/folder").predict("…")
```
{packed}
## Training

- base: `{base}`, weights with SHA-256 `{base_hash}`
- {train_rows} labels of {statements} statements from {sources}
- {held} statements held out for early stopping and calibration
- {runs}, {precision}{rounded}
- data SHA-256 `{data_hash}`

## Results on the {held} held-out statements

| macro-F1 | accuracy | log loss | before calibration |
|---|---|---|---|
| {macro_f1:.3f} | {accuracy:.3f} | {log_loss:.3f} | {log_loss_uncalibrated:.3f} |

F1 per label: {per_label}.

Temperature {temperature:.3f}{abstains}. These statements chose the epoch and the temperature, so the figures lean to
the good side; figures on data that chose nothing stand in the project's evaluation reports.

## Limits

English news statements only. It reads the words given and knows nothing of speaker or event. Irony, figures of speech
and statements with two opposite matters are read worse than plain ones. It describes what a speaker says, not whether
it is true, and it is no basis for a decision about a person.
"""


_ABSTAINS = "; a best label below {:.3f} is marked `low_confidence`"
_ROUNDED = "; matrices rounded to four bits, norms and biases fitted to that, before calibration"
_PACKED = """
The weights are packed to four bits, which transformers does not read; for other programs write a plain folder with
`expertstance export --format safetensors`.
"""


def model_card(config: TrainConfig, facts: dict[str, Any], *, storage: Storage) -> str:
    """Markdown with the hub's YAML header (``model-index``) from a run's facts (``run.json``)."""
    validation, min_score = facts["validation"], facts["calibration"]["min_score"]
    hub_id = _hub_id(config)
    header = {
        **({"license": config.license} if config.license is not None else {}),
        "language": "en",
        "library_name": "expertstance" if storage == "int4" else "transformers",
        "pipeline_tag": "text-classification",
        **({"base_model": hub_id} if hub_id is not None else {}),
        "model-index": [
            {
                "name": config.name,
                "results": [
                    {
                        "task": {"type": "text-classification"},
                        "dataset": {"name": "held-out training statements", "type": "validation"},
                        "metrics": [
                            {"type": "f1", "name": "macro F1", "value": round(validation["macro_f1"], 4)},
                            {"type": "accuracy", "value": round(validation["accuracy"], 4)},
                        ],
                    }
                ],
            }
        ],
    }
    body = _BODY.format(
        name=config.name,
        packed=_PACKED if storage == "int4" else "",
        labels=", ".join(f"`{label}`" for label in config.labels),
        base=hub_id or Path(config.base).name,
        base_hash=facts["base"]["weights_sha256"],
        train_rows=facts["data"]["train"]["rows"],
        statements=facts["data"]["train"]["statements"],
        sources=", ".join(f"`{source.rsplit('/', 1)[-1]}`" for source in config.data.train),
        held=validation["n"],
        runs=_runs(facts["runs"], config.epochs),
        precision=facts["precision"],
        rounded=_ROUNDED if config.storage == "int4" else "",
        data_hash=facts["data"]["train"]["sha256"],
        macro_f1=validation["macro_f1"],
        accuracy=validation["accuracy"],
        log_loss=validation["log_loss"],
        log_loss_uncalibrated=validation["log_loss_uncalibrated"],
        per_label=", ".join(f"{label} {f1:.3f}" for label, f1 in validation["f1"].items()),
        temperature=facts["calibration"]["temperature"],
        abstains=_ABSTAINS.format(min_score) if min_score else "",
    )
    return f"---\n{yaml.safe_dump(header, sort_keys=False)}---\n{body}"


def _hub_id(config: TrainConfig) -> str | None:
    """The base's name on the hub; None for a folder, whose path says nothing to others."""
    if config.base in (DEFAULT_BASE, BASE_PACKAGE):
        return DEFAULT_BASE
    is_path = config.revision is None or config.base.count("/") > 1 or config.base.startswith((".", "~", "/"))
    return None if is_path else config.base


def _runs(runs: list[dict[str, Any]], epochs: int) -> str:
    told = [f"seed {run['seed']}, best epoch {run['best_epoch']} of {epochs}" for run in runs]
    return told[0] if len(told) == 1 else f"the mean of {len(told)} runs' weights ({'; '.join(told)})"
