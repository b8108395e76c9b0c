"""Engines: the protocol, transformers on this machine, and the shared model behind the page."""
