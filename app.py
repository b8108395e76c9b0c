"""The workbench as a Space runs it: settings → page and model."""

import os
import sys

from techgpt_ui.engines import zero_gpu
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.settings import load_settings

if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    try:
        settings = load_settings()
        zero_gpu.prepare()
        from techgpt_ui.ui.build import serve

        serve(settings)
    except WorkbenchError as error:
        sys.stderr.write(error.words("zh" if os.environ.get("TECHGPT_LANG") == "zh" else "en") + "\n")
        sys.exit(error.exit_code)
