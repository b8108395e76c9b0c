"""The first page and the header say what the loaded model is and what it cannot do."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from markupsafe import escape

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.presets import Library, load_library
from techgpt_ui.settings import Settings
from techgpt_ui.ui.build import _header
from techgpt_ui.ui.home import home_html


@pytest.mark.parametrize("model", sorted(load_library().models))
def test_it_says_what_the_model_is_and_is_not(library: Library, settings: Settings, model: str) -> None:
    preset = library.models[model]
    host = ModelHost(preset, settings)
    home = home_html(cast(Any, SimpleNamespace(host=host, library=library)))
    header = _header(host)
    for lang in ("zh", "en"):
        about, limits, licence = (
            str(escape(words.text.within(lang))) for words in (preset.about, preset.limits, preset.licence)
        )
        assert about in home and limits in home and licence in home and limits in header
