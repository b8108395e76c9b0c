"""Which run belongs to whom, so that Stop and a closed page end only their own."""

from __future__ import annotations

import threading
from collections import defaultdict

from techgpt_ui.engines.base import CancelToken


class Sessions:
    """Running generations by browser session and tab."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, dict[str, CancelToken]] = defaultdict(dict)

    def begin(self, session: str, tab: str, deadline_s: float = 900.0) -> CancelToken:
        """A token for a new run, which ends it after ``deadline_s``; an older run of the same tab is cancelled."""
        token = CancelToken(deadline_s)
        with self._lock:
            older = self._running[session].get(tab)
            self._running[session][tab] = token
        if older:
            older.cancel()
        return token

    def end(self, session: str, tab: str, token: CancelToken) -> None:
        """Forget a run that is over."""
        token.cancel()
        with self._lock:
            runs = self._running.get(session, {})
            if runs.get(tab) is token:
                del runs[tab]
            if not runs:
                self._running.pop(session, None)

    def stop(self, session: str, tab: str | None = None) -> None:
        """Cancel the run of one tab, or all of a session."""
        with self._lock:
            runs = dict(self._running.get(session, {}))
        for name, token in runs.items():
            if tab in (None, name):
                token.cancel()
