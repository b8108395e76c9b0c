"""A real OpenAI-compatible server with the demo model, started once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from techgpt_ui.engines.host import ModelHost
from tests.transformers_server import serving

DTYPES = {"bf16": "bfloat16", "fp32": "float32"}


@pytest.fixture(scope="session")
def served(host: ModelHost, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address; the weights are in the number format of the engine on this machine."""
    log = tmp_path_factory.mktemp("serve") / "log"
    with serving(demo, DTYPES[host.engine().info.dtype], log) as address:
        yield address
