"""What tests of several packages share: the data beside the checkout, and a tiny model with random weights."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast

from expertstance.calibration import Calibration
from expertstance.classifier import StanceClassifier

ROOT = Path(__file__).parents[1]
LABELS = ["optimistic", "cautious", "skeptical", "none"]
WORDS = (
    "the a of to and in we it is will not no but if may could deal plan talks prices market risk good bad hope doubt "
    "progress failure work growth nobody knows yet early firm sign fail succeed . , ? ! ' \" -"
).split()
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with public data beside the checkout; tests that need it are skipped without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the public data in ../shared, which is not part of the repository")
    return folder


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """A WordPiece tokenizer with a few words and all letters, made in memory."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary = {piece: k for k, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=512,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def tiny_config(tokenizer: PreTrainedTokenizerFast, *, spread: float) -> BertConfig:
    """Two layers of 32 units; ``spread`` is the standard deviation of the random weights."""
    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
        initializer_range=spread,
        id2label=dict(enumerate(LABELS)),
        label2id={label: k for k, label in enumerate(LABELS)},
    )


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an untrained two-layer encoder that learns quickly."""
    tokenizer = tiny_tokenizer()
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("base") / "tiny-base"
    BertModel(tiny_config(tokenizer, spread=0.1)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def short_base(tiny_base: Path, tmp_path: Path) -> Path:
    """The same with 64 positions."""
    folder = Path(shutil.copytree(tiny_base, tmp_path / "short-base"))
    BertModel(BertConfig.from_pretrained(tiny_base, max_position_embeddings=64)).save_pretrained(folder)
    return folder


@pytest.fixture
def with_own_code(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a model's folder and adds an architecture of its own, whose code would leave a file ``ran`` there."""

    def copy(source: Path) -> Path:
        folder = Path(shutil.copytree(source, tmp_path / "with-own-code"))
        (folder / "own.py").write_text(f"open({str(folder / 'ran')!r}, 'w').close()\n", encoding="utf-8")
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        settings |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own"}}
        (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
        return folder

    return copy


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a two-layer classifier with fixed random weights and the four labels; about 150 kB."""
    tokenizer = tiny_tokenizer()
    torch.manual_seed(7)
    classifier = StanceClassifier.from_model(
        BertForSequenceClassification(tiny_config(tokenizer, spread=0.5)),
        tokenizer,
        calibration=Calibration(temperature=1.5, no_outlook_label="none", min_score=0.3, fitted_on=100),
        name="tiny",
        revision="unsaved",
        device="cpu",
        precision="fp32",
    )
    folder = tmp_path_factory.mktemp("tiny") / "tiny-model"
    classifier.save_pretrained(folder)
    return folder


@pytest.fixture
def broken_model(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model whose first logit is no number."""
    folder = Path(shutil.copytree(tiny_model, tmp_path / "broken"))
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"][0] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_model: Path) -> StanceClassifier:
    """The tiny model, loaded."""
    return StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp32")
