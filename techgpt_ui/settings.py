"""All settings of the product, from the environment (``TECHGPT_*``) and the command line, in one place."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from techgpt_ui.errors import UsageError
from techgpt_ui.texts import Lang

DEFAULT_MODEL = "techgpt-demo"
"""The model preset that is loaded where none is named."""
Dtype = Literal["auto", "fp16", "bf16", "fp32", "int8", "nf4"]
ServerGrammar = Literal["auto", "vllm", "sglang", "llamacpp", "none"]


class Settings(BaseSettings):
    """Where the model comes from, where the page listens, where files go."""

    model_config = SettingsConfigDict(env_prefix="TECHGPT_", extra="ignore", frozen=True, protected_namespaces=())

    model: str = Field(DEFAULT_MODEL, description="Model preset, folder or hub id.")
    dtype: Dtype = Field("auto", description="Number format of the weights.")
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu or cuda:N.")
    base_url: str | None = Field(None, description="OpenAI-compatible server that runs the model; unset: this machine.")
    api_key: SecretStr | None = Field(None, description="Key for that server.")
    server_model: str | None = Field(None, description="The model's name at that server, where it has several.")
    server_grammar: ServerGrammar = Field("auto", description="How that server takes a grammar; auto: only vLLM does.")
    server_concurrency: int = Field(4, ge=1, le=256, description="Runs that the server gets at a time.")
    server_timeout: float = Field(120.0, gt=0, description="Seconds of silence after which a run is given up.")
    data: Path = Field(Path("data"), description="Folder for caches and outputs.")
    database_url: str | None = Field(None, description="Database of runs; SQLite in the data folder if unset.")
    presets: Path | None = Field(None, description="Folder with presets of your own, beside the built-in ones.")
    # A Space says through Gradio's own variable that the page must be reachable from outside its container.
    host: str = Field(
        default_factory=lambda: os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1",
        description="Address that the page listens on.",
    )
    port: int = Field(7860, ge=1, le=65535, description="Port that the page listens on.")
    lang: Lang | None = Field(None, description="Language of the page and of messages; the browser's if unset.")

    @field_validator("model", mode="before")
    @classmethod
    def _blank_model_is_default(cls, value: str) -> str:
        return value.strip() or DEFAULT_MODEL

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://unset")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            # Said without the value, which may hold a password.
            raise UsageError("bad_base_url")
        return value

    @field_validator("lang", "database_url", "base_url", "api_key", "server_model", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: str | None) -> str | None:
        return value or None

    @cached_property
    def cache(self) -> Path:
        """Folder of downloaded and converted models."""
        return self.data / "models"

    @property
    def words(self) -> Lang:
        """Language of messages outside the page."""
        return self.lang or "en"


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment, with the given flags over it; UsageError names a bad value."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        raise UsageError("bad_setting", name=f"TECHGPT_{name}", value=first["input"], why=first["msg"]) from error
