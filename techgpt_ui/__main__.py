"""``python -m techgpt_ui``."""

from techgpt_ui.cli import main

if __name__ == "__main__":
    main()
