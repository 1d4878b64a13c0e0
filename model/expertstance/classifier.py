"""The classifier: statements in, calibrated outlooks out.

from expertstance import StanceClassifier
clf = StanceClassifier.from_pretrained()
clf.predict("The chances of an early end are slim.")
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import islice
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Self, get_args, overload

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from expertstance.calibration import Calibration, read_calibration
from expertstance.devices import choose_device, choose_dtype, precision_name
from expertstance.errors import InputError, ModelError
from expertstance.graph import graph_forward
from expertstance.hub import model_name, resolve_model
from expertstance.inference import (
    Backend,
    Forward,
    choose_backend,
    packed_forward,
    pool,
    transformers_forward,
    window_logits,
)
from expertstance.loading import TOKENIZER_NAME, label_names, read_bert, read_config, read_transformers
from expertstance.packed import pack
from expertstance.predictions import Context, Prediction, Reason
from expertstance.runtimes import need
from expertstance.weights import Storage, find_weights, weights_revision, without_copies, write_weights
from expertstance.windows import Window, encode, window_size

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

STREAM_CHUNK = 1024
"""Statements scored at a time when an iterator is given."""


class StanceClassifier:
    """A sequence classifier with its tokenizer, calibration and name.

    Attributes:
        classes_: Labels in the order of the columns of ``predict_proba``, read from the model's ``id2label``.
        name: Name of the model.
        revision: First 12 hexadecimal digits of the SHA-256 of the weights file.
        device: Where it computes.
        dtype: Number format of the matrix products.
        backend: ``"packed"``, ``"openvino"`` or ``"transformers"``, what computes (``expertstance.inference``).
        calibration: Temperature and abstain rule.
    """

    def __init__(
        self,
        forward: Forward,
        tokenizer: Tokenizer,
        *,
        labels: Sequence[str],
        window: int,
        calibration: Calibration,
        name: str,
        revision: str,
        device: torch.device,
        dtype: torch.dtype,
        backend: str,
        parts: "Callable[[], tuple[PreTrainedModel, PreTrainedTokenizerBase]]",
    ) -> None:
        """Join what ``from_pretrained`` and ``from_model`` prepare; use those.

        Args:
            forward: The back end.
            tokenizer: Cuts texts into word pieces.
            labels: In the order of the logits.
            window: Word pieces in one window (``windows.window_size``).
            calibration: Temperature and abstain rule.
            name: Name of the model.
            revision: Of its weights.
            device: Where ``forward`` computes.
            dtype: In which number format.
            backend: Its name.
            parts: Gives model and tokenizer as objects of ``transformers``, when they are asked for.

        Raises:
            ModelError: The calibration names a label that the model lacks, or two labels are equal.
        """
        if len({*labels}) < len(labels):
            raise ModelError(f"model {name!r}: its labels are {list(labels)}; give each its own name in id2label")
        if calibration.no_outlook_label not in {None, *labels}:
            raise ModelError(
                f"model {name!r}: calibration.json names the label {calibration.no_outlook_label!r}, "
                f"the model has {list(labels)}"
            )
        self.classes_: NDArray[np.str_] = np.array(labels)
        self._outlooks = [k for k, label in enumerate(labels) if label != calibration.no_outlook_label]
        self._no_outlook = next((k for k in range(len(labels)) if k not in self._outlooks), None)
        self.calibration = calibration
        self.name = name
        self.revision = revision
        self.device = device
        self.dtype = dtype
        self.backend = backend
        self._forward = forward
        self._tokenizer = tokenizer
        # now: cutting windows changes settings that are part of the serialised form
        self._tokenizer_hash = hashlib.sha256(tokenizer.to_str().encode()).hexdigest()
        self._window = window
        self._parts = parts

    @classmethod
    def from_pretrained(
        cls,
        source: str | Path | None = None,
        *,
        revision: str | None = None,
        device: str = "auto",
        precision: str = "auto",
        backend: str = "auto",
    ) -> Self:
        """Load a model folder or hub id with safetensors weights; without a source, the shipped model.

        Args:
            source: Folder written by ``save_pretrained`` or any plain sequence classifier of ``transformers``.
            revision: Commit, branch or tag, where ``source`` is a hub id.
            device: ``"auto"``, ``"cpu"``, ``"cuda"``, …
            precision: ``"auto"``, ``"fp32"``, ``"bf16"``, on a GPU ``"fp16"``, or with OpenVINO ``"int8"``.
            backend: ``"auto"``, ``"packed"`` (BERT), ``"openvino"`` (BERT on a CPU), or ``"transformers"``.

        Raises:
            ModelError: The folder is missing, incomplete or damaged.
            MissingExtraError: OpenVINO is asked for and not installed.
            InputError: The device, precision or back end is not to be had here, or a revision comes without a hub id.
        """
        folder = resolve_model(source, revision=revision)
        weights_path = find_weights(folder)
        config = read_config(folder)
        calibration = read_calibration(folder, required="expertstance_name" in config)
        name = str(config.get("expertstance_name") or model_name(folder))
        own = weights_revision(weights_path)
        where = choose_device(device)
        dtype, chosen = _choose(precision, backend, config, where)
        if chosen != "transformers" and (folder / TOKENIZER_NAME).is_file():
            weights, tokenizer = read_bert(folder, config)
            return cls(
                _bert_forward(chosen, config, weights, dtype=dtype, device=where),
                tokenizer,
                labels=label_names(config),
                window=window_size(config),
                calibration=calibration,
                name=name,
                revision=own,
                device=where,
                dtype=dtype,
                backend=chosen,
                parts=lambda: read_transformers(folder),
            )
        return cls.from_model(
            *read_transformers(folder),
            calibration=calibration,
            name=name,
            revision=own,
            device=device,
            precision=precision,
            backend=backend,
        )

    @classmethod
    def from_model(
        cls,
        model: "PreTrainedModel",
        tokenizer: "PreTrainedTokenizerBase",
        *,
        calibration: Calibration,
        name: str,
        revision: str,
        device: str = "auto",
        precision: str = "auto",
        backend: str = "auto",
    ) -> Self:
        """Wrap a model that is already in memory; its weights should not change afterwards.

        Raises:
            InputError: The device, precision or back end is not to be had here.
            MissingExtraError: OpenVINO is asked for and not installed.
            ModelError: The calibration names a label that the model lacks, or two labels are equal.
        """
        where = choose_device(device)
        config = model.config.to_dict()
        dtype, chosen = _choose(precision, backend, config, where)
        if chosen != "transformers":
            forward = _bert_forward(chosen, config, model.state_dict(), dtype=dtype, device=where)
        else:
            model = model.to(where).eval()  # type: ignore[arg-type]
            forward = transformers_forward(model, tokenizer, dtype=dtype)
        return cls(
            forward,
            Tokenizer.from_str(tokenizer.backend_tokenizer.to_str()),
            labels=label_names(config),
            window=window_size(config),
            calibration=calibration,
            name=name,
            revision=revision,
            device=where,
            dtype=dtype,
            backend=chosen,
            parts=lambda: (model, tokenizer),
        )

    @property
    def precision(self) -> str:
        """Name of ``dtype``: ``"fp32"``, ``"bf16"``, ``"fp16"`` or ``"int8"``."""
        return precision_name(self.dtype)

    @cached_property
    def _loaded(self) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
        return self._parts()

    @property
    def model(self) -> "PreTrainedModel":
        """The model as an object of ``transformers``, loaded at the first use; changing it changes no prediction."""
        return self._loaded[0]

    @property
    def tokenizer(self) -> "PreTrainedTokenizerBase":
        """The tokenizer as an object of ``transformers``, loaded at the first use."""
        return self._loaded[1]

    def tokenizer_hash(self) -> str:
        """SHA-256 of everything that decides how texts are cut into word pieces, as it was loaded."""
        return self._tokenizer_hash

    def save_pretrained(self, folder: str | Path, *, storage: Storage = "float32") -> None:
        """Write a model folder.

        Args:
            folder: Made if it does not exist.
            storage: ``"float32"`` is a folder that plain ``transformers`` loads; ``"int4"`` rounds the
                matrices to a seventh of the size and is for ``StanceClassifier`` only.

        Raises:
            InputError: There is no such storage.
        """
        if storage not in get_args(Storage):
            raise InputError(f"storage {storage!r} is unknown; give one of {', '.join(map(repr, get_args(Storage)))}")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.save_without_weights(folder)
        tensors = without_copies(self.model.state_dict())
        weights = {name: tensor.detach().float().cpu() for name, tensor in tensors.items()}
        write_weights(weights, folder, storage=storage)

    def save_without_weights(self, folder: Path) -> None:
        """Write the small files of a model folder: configuration, tokenizer, calibration."""
        self.model.config.expertstance_name = self.name
        self.model.config.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        self.calibration.save(folder)

    def decision_function(self, texts: Iterable[str], *, context: Context = None) -> NDArray[np.float64]:
        """Raw logits of shape (n, labels), before calibration; long texts pooled over windows (``inference.pool``).

        Raises:
            InputError: An item is not a string, or a context is too long or of the wrong number.
        """
        return self._score(*_checked(texts, context))[0]

    def predict_proba(self, texts: Iterable[str], *, context: Context = None) -> NDArray[np.float64]:
        """Calibrated probabilities of shape (n, labels), float64, columns in the order of ``classes_``.

        Raises:
            InputError: An item is not a string, or a context is too long or of the wrong number.
            ModelError: The model gives a logit that is no finite number.
        """
        checked, contexts = _checked(texts, context)
        return self._probabilities(checked, self._score(checked, contexts)[0])

    @overload  # a string is a sequence of strings too: the first signature that fits wins
    def predict(self, texts: str, *, context: str | None = None) -> Prediction: ...  # type: ignore[overload-overlap]
    @overload
    def predict(self, texts: Sequence[str], *, context: Context = None) -> list[Prediction]: ...
    @overload
    def predict(self, texts: Iterator[str], *, context: Context = None) -> Iterator[Prediction]: ...
    def predict(
        self, texts: str | Sequence[str] | Iterator[str], *, context: Context = None
    ) -> Prediction | list[Prediction] | Iterator[Prediction]:
        """The outlook of every statement.

        Args:
            texts: A string gives one prediction, a list a list in the same order, an iterator an iterator (scored in
                chunks of ``STREAM_CHUNK``, as they are asked for).
            context: The matter at hand or the sentence before, as second segment: one string for all texts, or one
                per text (not with an iterator); None or blank where a text has none.

        Raises:
            InputError: An item is not a string, or a context is too long or of the wrong number.
            ModelError: The model gives a logit that is no finite number.
        """
        if isinstance(texts, str):
            return self._predict([texts], context)[0]
        if isinstance(texts, Iterator):
            if context is not None and not isinstance(context, str):
                raise InputError("context: one per text needs the texts as a list; give one string, or list(texts)")
            return self._stream(texts, context)
        return self._predict(texts, context)

    def _stream(self, texts: Iterator[str], context: str | None) -> Iterator[Prediction]:
        first = 0
        while chunk := list(islice(texts, STREAM_CHUNK)):
            yield from self._predict(chunk, context, first=first)
            first += len(chunk)

    def _predict(self, texts: Iterable[str], context: Context, *, first: int = 0) -> list[Prediction]:
        checked, contexts = _checked(texts, context, first=first)
        logits, windows = self._score(checked, contexts)
        probabilities = self._probabilities(checked, logits)
        n_tokens = np.zeros(len(checked), dtype=int)
        n_windows = np.zeros(len(checked), dtype=int)
        for window in windows:
            n_tokens[window.item] += window.weight
            n_windows[window.item] += 1
        return [
            self._prediction(text, row, int(n_tokens[k]), int(n_windows[k]))
            for k, (text, row) in enumerate(zip(checked, probabilities, strict=True))
        ]

    def _score(self, texts: list[str], contexts: list[str | None]) -> tuple[NDArray[np.float64], list[Window]]:
        windows = encode(self._tokenizer, texts, contexts, window=self._window)
        logits = window_logits(self._forward, windows, n_labels=len(self.classes_), device=self.device)
        return pool(logits, windows, len(texts)), windows

    def _probabilities(self, texts: list[str], logits: NDArray[np.float64]) -> NDArray[np.float64]:
        if not np.isfinite(logits).all():
            text = texts[int(np.isfinite(logits).all(axis=1).argmin())]
            raise ModelError(
                f"model {self.name!r} gives logits that are no finite numbers in {self.precision}, for one in "
                f"{shorten(text, 60)!r}; give precision 'fp32'; if that is no better, fetch or train the model again"
            )
        return self.calibration.probabilities(logits)

    def _prediction(self, text: str, row: NDArray[np.float64], n_tokens: int, n_windows: int) -> Prediction:
        best = max(self._outlooks, key=lambda k: row[k])
        reason = self._reason(row, best, n_tokens)
        return Prediction(
            text=text,
            label=str(self.classes_[best]),
            score=float(row[best]),
            scores={str(label): float(p) for label, p in zip(self.classes_, row, strict=True)},
            abstained=reason is not None,
            reason=reason,
            n_tokens=n_tokens,
            windows=n_windows,
            model=self.name,
            revision=self.revision,
        )

    def _reason(self, row: NDArray[np.float64], best: int, n_tokens: int) -> Reason | None:
        if n_tokens == 0:
            return "empty"
        if self._no_outlook is not None and row[self._no_outlook] > row[best]:
            return "no_outlook"
        if row[best] < self.calibration.min_score:
            return "low_confidence"
        return None


def _choose(
    precision: str, backend: str, config: Mapping[str, Any], device: torch.device
) -> tuple[torch.dtype, Backend]:
    dtype = choose_dtype(precision, device)
    chosen = choose_backend(backend, config, device, dtype)
    if chosen == "openvino":
        need("openvino", what=f"precision {precision!r}" if dtype == torch.int8 else f"backend {backend!r}")
    return dtype, chosen


def _bert_forward(
    backend: Backend,
    config: Mapping[str, Any],
    weights: Mapping[str, Tensor],
    *,
    dtype: torch.dtype,
    device: torch.device,
) -> Forward:
    if backend == "openvino":
        return graph_forward(config, weights, int8=dtype == torch.int8)
    return packed_forward(pack(config, weights, dtype=dtype, device=device))


def _checked(texts: Iterable[str], context: Context, *, first: int = 0) -> tuple[list[str], list[str | None]]:
    if not _is_list(texts):
        raise InputError(f"texts must be a list of strings, got {type(texts).__name__}; wrap a single text: [text]")
    items = list(texts)
    _check_strings(items, "texts", first=first)
    if context is not None and not isinstance(context, str) and not _is_list(context):
        raise InputError(f"context must be a string, or a list of one per text, got {type(context).__name__}")
    contexts = [context] * len(items) if context is None or isinstance(context, str) else list(context)
    if len(contexts) != len(items):
        raise InputError(f"context has {len(contexts)} items for {len(items)} texts; give one string, or one per text")
    _check_strings(["" if context is None else context for context in contexts], "context")
    return items, contexts


def _is_list(items: object) -> bool:
    """Whether the items come in an order and one by one: a list, an array or a column of a table, no table."""
    unordered = isinstance(items, str | bytes | Mapping | Set)
    return isinstance(items, Iterable) and not unordered and getattr(items, "ndim", 1) == 1


def _check_strings(items: Sequence[object], name: str, *, first: int = 0) -> None:
    for k, item in enumerate(items, start=first):
        if not isinstance(item, str):
            shown = json.dumps(item, default=repr)
            raise InputError(f"{name}[{k}] must be a string, got {shown}; drop it, or give ''")
        try:
            item.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"{name}[{k}] holds half of a surrogate pair at character {error.start}, which is no text; "
                "decode its source with errors='replace'"
            ) from error
