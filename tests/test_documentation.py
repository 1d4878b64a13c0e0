"""The documentation does what it says: its Python runs, its commands exist."""

import re
import shutil
from pathlib import Path

import pytest
import typer

from expertstance.cli.main import build_app, main


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)


ROOT = Path(__file__).parents[1]
PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if blocks(page, "python")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "quotes.csv").write_text("text\nWe will finish on time.\n", encoding="utf-8")  # as the reader has one
    monkeypatch.chdir(tmp_path)
    for code in blocks(page, "python"):
        exec(compile(code, page.name, "exec"), {})


def test_the_pages_with_python_are_found() -> None:
    assert {"README.md", "extraction.md", "scoring.md"} <= {page.name for page in PAGES}


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
