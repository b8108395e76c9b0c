"""Find model weights on disk, and get the demo model."""

from techgpt_ui.weights.demo import FetchProgress, demo_checkpoint, fetch_demo
from techgpt_ui.weights.folder import FolderReport, inspect_folder, require_model_folder

__all__ = ["FetchProgress", "FolderReport", "demo_checkpoint", "fetch_demo", "inspect_folder", "require_model_folder"]
