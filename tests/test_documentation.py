"""The documentation does what it says: its Python runs, its commands exist."""

import re
import shutil
from pathlib import Path

import pytest
import typer

from expertstance.cli.main import build_app, main


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_python_in_the_readme_runs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(root / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    found = blocks(root / "README.md", "python")
    assert len(found) >= 2
    for code in found:
        exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "my-model" / "config.json").is_file()


def test_the_commands_in_the_documentation_exist(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = typer.main.get_command(build_app())
    known = set(command.commands)  # type: ignore[attr-defined]
    used = set()
    for path in [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").glob("*.md")]:
        for code in blocks(path, "sh"):
            used |= set(re.findall(r"(?:^|&& )expertstance (\w+)", code, flags=re.MULTILINE))
    assert used
    assert used <= known, used - known
    for name in known:
        assert main([name, "--help"]) == 0
        assert "Usage: expertstance" in capsys.readouterr().out


def test_every_file_that_the_readme_names_exists(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    names = set(re.findall(r"\]\(([^)#:]+)\)", text)) | set(re.findall(r"(?:configs|examples)/[\w.-]+", text))
    assert names
    assert not [name for name in names if not (root / name).exists()]
