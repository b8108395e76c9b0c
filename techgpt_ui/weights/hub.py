"""Checkpoints of the Hugging Face hub. The token of a gated or private one is read by the client, from ``HF_TOKEN``."""

from __future__ import annotations

import os
from pathlib import Path

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.weights.files import NO_ROOM

HUB_CACHES = ("HF_HUB_CACHE", "HF_HOME")
"""Variables by which a user names the hub client's own cache; a model that lies there is not fetched again."""

UNAUTHORIZED = 401


def fetch_from_hub(hub_id: str, revision: str | None, cache: Path) -> Path:
    """The folder of a repository, fetched into the client's own cache where its user named one, else into ``cache``.

    Raises UsageError ``hub_gated``, ``hub_unknown``, ``hub_no_revision`` or ``hub_token``, WorkbenchError
    ``hub_disk_full`` or ``hub_failed``.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    own = any(os.environ.get(name) for name in HUB_CACHES)
    try:
        return Path(snapshot_download(hub_id, revision=revision, cache_dir=None if own else cache / "hub"))
    except GatedRepoError as error:
        raise UsageError("hub_gated", name=hub_id) from error
    except RepositoryNotFoundError as error:
        raise UsageError("hub_unknown", name=hub_id) from error
    except RevisionNotFoundError as error:
        raise UsageError("hub_no_revision", name=hub_id, revision=revision or "main") from error
    except Exception as error:  # the client's network errors have no root of their own
        if isinstance(error, HfHubHTTPError) and error.response.status_code == UNAUTHORIZED:
            raise UsageError("hub_token", name=hub_id) from error
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise WorkbenchError("hub_disk_full", name=hub_id, path=error.filename or cache) from error
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise WorkbenchError("hub_failed", name=hub_id, why=why) from error
