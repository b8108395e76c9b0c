"""The workbench for TechGPT: explore, host and spot-check a knowledge-graph language model."""

__version__ = "0.1.0"
