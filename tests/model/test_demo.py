"""The web page as a user starts it, asked over HTTP (needs the extra ``demo``)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from expertstance import StanceClassifier
from expertstance.cli.main import main

ARTICLE = "“We will open the bridge in May,” said Ana Roth, a city engineer.\n\nIt rained on Monday.\n"
STATEMENT = "We will open the bridge in May,"
START_SECONDS = 120


@pytest.fixture
def address(tiny_model: Path) -> Iterator[str]:
    pytest.importorskip("gradio", reason="needs the extra demo", exc_type=ImportError)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-c", "from expertstance.cli.main import run; run()"]
    command = [*program, "demo", "--model", str(tiny_model), "--device", "cpu", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_offline()) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}/gradio_api/call/analyse"
        finally:
            process.send_signal(signal.SIGTERM)


def _offline() -> dict[str, str]:
    return {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(url, timeout=10).close()
        except URLError:
            assert time.monotonic() < deadline, "the page was not served in time"
            time.sleep(0.2)
        else:
            return


def test_the_page_marks_statements_and_names_their_speakers(address: str, tiny: StanceClassifier) -> None:
    asked = Request(address, json.dumps({"data": [ARTICLE]}).encode(), {"Content-Type": "application/json"})
    with urlopen(asked, timeout=60) as answer:
        event = json.load(answer)["event_id"]
    with urlopen(f"{address}/{event}", timeout=60) as answer:
        told = answer.read().decode()
    assert told.startswith("event: complete")
    marked, table = json.loads(told.split("data: ", 1)[1])
    assert "".join(part["token"] for part in marked) == ARTICLE
    assert [part["token"] for part in marked if part["class_or_confidence"]] == [STATEMENT]
    ((speaker, outlook, _, kind, text),) = table["data"]
    assert (speaker, kind, text) == ("Ana Roth, city engineer", "direct", STATEMENT)
    assert outlook.strip("()") == tiny.predict(STATEMENT).label


def test_without_gradio_the_extra_is_named(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    assert main(["demo", "--model", str(tiny_model)]) == 2
    assert "pip install 'expertstance[demo]'" in capsys.readouterr().err
