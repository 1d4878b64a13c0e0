"""What `import expertstance` offers, and what it costs."""

import subprocess
import sys

import pytest

import expertstance

PUBLIC = {
    "Analysis",
    "ConfigError",
    "EngineError",
    "ExpertstanceError",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "Prediction",
    "ScoringInterrupted",
    "Speaker",
    "StanceClassifier",
    "Statement",
    "analyze",
    "extract",
    "predict",
    "predict_proba",
    "score_file",
}
HEAVY = "{'torch', 'transformers', 'datasets', 'sklearn', 'peft', 'matplotlib', 'pyarrow', 'trafilatura'}"


def test_public_names_are_pinned() -> None:
    assert set(expertstance.__all__) == PUBLIC
    assert all(getattr(expertstance, name).__doc__ for name in PUBLIC)
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = expertstance.absent


@pytest.mark.parametrize(
    "code",
    [
        "import expertstance",
        "from expertstance.cli.main import main; assert main(['--help']) == 0",
        "from expertstance.cli.main import main; assert main(['analyze', '--help']) == 0",
        "from expertstance.cli.main import main; assert main(['train', '--help']) == 0",
        "from expertstance import extract; assert extract('\"We will,\" said Ana Roth.')",
    ],
)
def test_import_and_help_load_nothing_heavy(code: str) -> None:
    code += f"; import sys; loaded = {HEAVY} & set(sys.modules); assert not loaded, loaded"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
