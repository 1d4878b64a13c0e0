"""SetFit as a baseline: a sentence encoder tuned on pairs, then a linear head (Tunstall et al., 2022).

Needs the extra ``[setfit]``, which brings several packages that nothing else here needs.
"""

import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from expertstance.errors import MissingExtraError
from expertstance_eval.encoders import plain_encoder

BATCH = 16


def few_per_label(gold: Sequence[int], *, per_label: int | None, seed: int) -> list[int]:
    """Indices of at most ``per_label`` rows of each label, drawn without replacement; all rows for None.

    Returns:
        Indices in ascending order; the same for the same labels and seed.
    """
    if per_label is None:
        return list(range(len(gold)))
    labels = np.asarray(gold)
    order = np.random.default_rng(seed).permutation(len(labels))
    drawn = [order[labels[order] == label][:per_label] for label in np.unique(labels)]
    return sorted(int(k) for k in np.concatenate(drawn))


def train_setfit(
    encoder: Path, texts: Sequence[str], gold: Sequence[int], *, n_labels: int, iterations: int, seed: int
) -> Callable[[Sequence[str]], NDArray[np.float64]]:
    """Train SetFit for one epoch of ``iterations`` positive and negative pairs per text.

    Args:
        encoder: Folder of a sentence encoder.
        texts: n texts.
        gold: n label indices.
        n_labels: Labels there are; those that do not occur in ``gold`` get probability 0.
        iterations: Pairs of each kind drawn per text.
        seed: For pairs and training.

    Returns:
        A function from m texts to probabilities of shape (m, n_labels).

    Raises:
        MissingExtraError: SetFit is not installed.
        ModelError: The encoder cannot be loaded.
    """
    try:
        setfit, datasets, encoders = (import_module(n) for n in ("setfit", "datasets", "sentence_transformers"))
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"baseline 'setfit' needs {error.name!r}: pip install 'expertstance[setfit]'"
        ) from error
    columns = sorted(set(gold))
    with plain_encoder(str(encoder)):
        body = encoders.SentenceTransformer(str(encoder), trust_remote_code=False)
    # SetFit's own from_pretrained would unpickle a head that lies in the folder
    model = setfit.SetFitModel(model_body=body, model_head=LogisticRegression())
    rows = datasets.Dataset.from_dict({"text": list(texts), "label": [columns.index(k) for k in gold]})
    with tempfile.TemporaryDirectory() as folder:
        arguments = setfit.TrainingArguments(
            output_dir=folder,
            num_epochs=1,
            num_iterations=iterations,
            batch_size=BATCH,
            seed=seed,
            report_to="none",
            save_strategy="no",
            show_progress_bar=False,
        )
        setfit.Trainer(model=model, args=arguments, train_dataset=rows).train()

    def score(unseen: Sequence[str]) -> NDArray[np.float64]:
        out = np.zeros((len(unseen), n_labels))
        single = model.predict_proba(list(unseen), as_numpy=True, show_progress_bar=False)
        out[:, columns] = np.asarray(single, dtype=np.float64)
        return np.asarray(out / out.sum(axis=1, keepdims=True))  # single precision sums to 1 within 1e-7 only

    return score
