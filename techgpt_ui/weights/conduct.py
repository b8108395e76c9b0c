"""How work with transformers is conducted here: silently, and with one error that can be told."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights.files import NO_ROOM


@contextmanager
def explained(code: str, **params: object) -> Iterator[None]:
    """Turn what goes wrong into a WorkbenchError of that code with ``why``; OSError for what the disk refuses."""
    try:
        yield
    except WorkbenchError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # safetensors tells of a full disk in words only, transformers raises OSError for what no system call said.
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number and int(number[1]) in NO_ROOM:
            raise OSError(int(number[1]), str(error)) from error
        first_line = (str(error).strip().splitlines() or [""])[0]
        raise WorkbenchError(code, **params, why=f"{type(error).__name__}: {first_line}") from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' logs and progress bars off the terminal; our own progress replaces them."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
