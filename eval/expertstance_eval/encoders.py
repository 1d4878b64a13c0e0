"""Sentence encoders for the baselines; no code in a base's folder is run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from expertstance.errors import ModelError
from expertstance.hub import resolve_model
from expertstance.windows import window_size

_BATCH = 32

Floats = NDArray[np.float64]


@contextmanager
def plain_encoder(base: str) -> Iterator[None]:
    """Turn what ``transformers`` says while it loads a base, over several lines, into a ``ModelError``."""
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).partition(". ")[0].split())
        raise ModelError(
            f"base {base!r} cannot be loaded ({reason}); give a plain encoder, one that needs no code of its own"
        ) from error


class Encoder:
    """A frozen sentence encoder: unit vectors, mean over word pieces; longer texts are cut at ``window_size``."""

    def __init__(self, base: str) -> None:
        import torch
        from transformers import AutoConfig, AutoModel, AutoTokenizer

        from expertstance.weights import find_weights, read_weights

        folder = resolve_model(base)
        with plain_encoder(base):
            config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
            self._tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
            model = AutoModel.from_config(  # type: ignore[no-untyped-call]
                config, dtype=torch.float32, trust_remote_code=False
            )
        self._model = model.eval()
        self._limit = window_size(config.to_dict())
        missing, _ = self._model.load_state_dict(read_weights(find_weights(folder)), strict=False)
        if missing:
            raise ModelError(f"base {base!r}: weights of {missing[:3]} are missing; give a plain encoder")

    def embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of shape (n, width); batches of like length."""
        import torch

        out = np.zeros((len(texts), self._model.config.hidden_size))
        order = sorted(range(len(texts)), key=lambda k: -len(texts[k]))
        with torch.inference_mode():
            for start in range(0, len(order), _BATCH):
                batch = order[start : start + _BATCH]
                inputs = self._tokenizer(
                    [texts[k] for k in batch],
                    padding=True,
                    truncation=True,
                    max_length=self._limit,
                    return_tensors="pt",
                )
                states = self._model(**inputs).last_hidden_state
                mask = inputs["attention_mask"].unsqueeze(-1)
                mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
                out[batch] = torch.nn.functional.normalize(mean, dim=1).double().numpy()
        return out
