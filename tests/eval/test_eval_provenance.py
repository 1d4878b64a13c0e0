"""The commit in a report is that of the installed package, never that of the caller's folder."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from expertstance_eval.provenance import REPORTS, code_facts
from expertstance_eval.run import read_results

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    package = tmp_path / "checkout" / "model" / "pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    git(tmp_path / "checkout", "init", "-q")
    git(tmp_path / "checkout", "add", ".")
    git(tmp_path / "checkout", "commit", "-q", "-m", "first")
    return package


def test_a_clean_checkout(checkout: Path) -> None:
    facts = code_facts(checkout)
    assert facts["commit"] == git(checkout, "rev-parse", "HEAD")
    assert facts["dirty"] is False


def test_a_changed_checkout_is_dirty(checkout: Path) -> None:
    (checkout.parents[1] / "new.txt").write_text("x", encoding="utf-8")
    assert code_facts(checkout)["dirty"] is True


EVALUATE = """
import sys
from pathlib import Path
from expertstance_eval.config import load_config
from expertstance_eval.run import evaluate

for out in sys.argv[1:]:
    evaluate(load_config(Path("config.yaml")), Path(out), overwrite=True)
"""


def test_reports_made_in_a_clean_checkout_are_of_unchanged_code(root: Path, tmp_path: Path) -> None:
    """The second one too, into the folder of the shipped reports or another one."""
    checkout = tmp_path / "checkout"
    for package in ("model", "eval"):
        shutil.copytree(root / package, checkout / package, ignore=shutil.ignore_patterns("shipped", "__pycache__"))
    shutil.copy(root / ".gitignore", checkout)
    article = {"id": "a", "text": "“We will open in May,” said Vera Lindqvist.", "attributions": []}
    (tmp_path / "gold.jsonl").write_text(json.dumps(article) + "\n", encoding="utf-8")
    settings = f"task: extraction\nname: x\nresamples: 0\ngold: {tmp_path / 'gold.jsonl'}\n"
    (checkout / "config.yaml").write_text(settings, encoding="utf-8")
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "first")
    reports = [f"{REPORTS}/behaviour", f"{REPORTS}/new", "out"]
    paths = os.pathsep.join(str(checkout / package) for package in ("model", "eval"))
    environment = {**os.environ, "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", EVALUATE, *reports], cwd=checkout, env=environment, check=True)
    for report in reports:
        code = read_results(checkout / report)["provenance"]["code"]
        assert (code["commit"], code["dirty"]) == (git(checkout, "rev-parse", "HEAD"), False)


def test_the_callers_folder_plays_no_part(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = code_facts(checkout)
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.chdir(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert code_facts(checkout) == expected


def test_a_package_installed_inside_another_repository_is_not_of_it(checkout: Path) -> None:
    installed = checkout.parents[1] / ".venv" / "lib" / "pkg"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("", encoding="utf-8")
    assert code_facts(installed)["commit"] is None
    assert code_facts(installed)["dirty"] is None


def test_a_checkout_without_commits_has_no_commit_and_is_dirty(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    facts = code_facts(tmp_path)
    assert facts["commit"] is None
    assert facts["dirty"] is True


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    assert code_facts(tmp_path)["commit"] is None
