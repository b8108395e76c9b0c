"""A seventeenth capability is one YAML file in a folder of one's own: no line of Python."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.steps import opened, run
from tests.running_app import ROOT, App

pytestmark = pytest.mark.browser

GLOSSARY = """
id: units
family: extraction
order: 60
title: {zh: 计量单位抽取, en: Measures}
help: {zh: 找出文本中的数值与单位。, en: Finds the measures of a text.}
inputs:
  - name: text
    kind: passage
    required: true
    label: {zh: 文本, en: Text}
prompts:
  trained:
    dialect: techgpt
    variants:
      - {id: mine, title: {zh: 自拟, en: Ours}, origin: ours, instruction: "请抽取出下面文本中的计量单位：\\n{text}"}
  few_shot:
    dialect: english
    system: List the measures of the text, separated by commas.
    request: "Text: {text}"
    examples:
      - inputs: {text: The rod is 30 cm long and weighs 2 kg.}
        answer: [[30 cm], [2 kg]]
format: item_list
renderer: chips
grounded: true
sampling: lists
send_to: [triples]
samples:
  - lang: en
    field: {zh: 物理, en: Physics}
    inputs: {text: The furnace reaches 900 degrees after 40 minutes and uses 12 kW.}
    answer: 900 degrees，40 minutes，12 kW
"""


@pytest.fixture(scope="module")
def presets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("presets")
    (folder / "tasks").mkdir()
    (folder / "tasks" / "units.yaml").write_text(GLOSSARY, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def own_address(demo: Path, presets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = App(tmp_path_factory.mktemp("own"), demo.parent.parent, TECHGPT_PRESETS=str(presets))
    app.start()
    yield app.address
    app.stop()


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "Measures"), pytest.param("zh", "计量单位抽取", marks=pytest.mark.thorough)]
)
def test_it_has_a_tab_that_runs(browser: Browser, own_address: str, lang: str, title: str) -> None:
    page = opened(browser.new_page(), own_address, "units", lang)
    expect(page.get_by_role("tab", name=title, exact=True)).to_have_attribute("aria-selected", "true")
    run(page, "units")
    text = page.locator("#units-text textarea").input_value()
    items = page.locator("#units-table tbody tr td:first-child").all_inner_texts()
    assert items and all(item in text for item in items)
    page.close()


def test_the_command_line_knows_it(presets: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "techgpt_ui", "tasks", "--json"],
        cwd=ROOT,
        env=os.environ | {"TECHGPT_PRESETS": str(presets)},
        capture_output=True,
        check=True,
    )
    assert "units" in [task["id"] for task in json.loads(done.stdout)]
