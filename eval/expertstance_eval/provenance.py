"""Where a report comes from: code, packages, machine."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import expertstance

PACKAGES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "torch",
    "transformers",
    "tokenizers",
    "openvino",
    "matplotlib",
    "vaderSentiment",
    "setfit",
    "sentence-transformers",
)
REPORTS = "eval/expertstance_eval/reports"
"""Folder of the shipped reports, from the root of the checkout."""


def provenance() -> dict[str, Any]:
    """Code, package versions and hardware; the same for every run on one machine in one environment."""
    import torch

    return {
        "code": code_facts(Path(str(expertstance.__file__)).parent),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name)) is not None},
        "hardware": {
            "system": platform.system(),
            "machine": platform.machine(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        },
    }


def code_facts(package: Path) -> dict[str, Any]:
    """Version of the installed package and, where it runs from its own checkout, commit and whether it was changed.

    The caller's folder plays no part. A package that merely lies inside some repository (a virtual environment in a
    project folder) is not of that repository: only files that git knows there count. The shipped reports are no change
    of the code: they are made one after another, and none is read while another is made.

    Args:
        package: Folder of the installed package.
    """
    facts: dict[str, Any] = {"version": _version("expertstance"), "commit": None, "dirty": None}
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return facts
    status = _git(package, "status", "--porcelain", "--untracked-files=normal", ":/", f":(top,exclude){REPORTS}")
    return {**facts, "commit": _git(package, "rev-parse", "--verify", "HEAD"), "dirty": status is None or bool(status)}


def _git(folder: Path, *arguments: str) -> str | None:
    environment = {k: v for k, v in os.environ.items() if k not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False, env=environment
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
