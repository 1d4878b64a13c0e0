"""The commit in a report is that of the installed package, never that of the caller's folder."""

import shutil
import subprocess
from pathlib import Path

import pytest

from expertstance_eval.provenance import code_facts

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
