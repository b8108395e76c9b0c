"""All settings of the product, from the environment (``TECHGPT_*``) and the command line, in one place."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from techgpt_ui import space
from techgpt_ui.errors import UsageError
from techgpt_ui.texts import Lang

DEFAULT_MODEL = "techgpt-demo"
"""The model preset that is loaded where none is named."""
Dtype = Literal["auto", "fp16", "bf16", "fp32", "int8", "nf4"]


class Settings(BaseSettings):
    """Where the model comes from, where the page listens, where files go."""

    model_config = SettingsConfigDict(env_prefix="TECHGPT_", extra="ignore", frozen=True, protected_namespaces=())

    model: str = Field(DEFAULT_MODEL, description="Model preset, folder or hub id.")
    dtype: Dtype = Field("auto", description="Number format of the weights.")
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu or cuda:N.")
    data: Path = Field(default_factory=space.default_data, description="Folder for caches and outputs.")
    database_url: str | None = Field(None, description="Database of runs; SQLite in the data folder if unset.")
    presets: Path | None = Field(None, description="Folder with presets of your own, beside the built-in ones.")
    host: str = Field(default_factory=space.default_host, description="Address that the page listens on.")
    port: int = Field(default_factory=space.default_port, ge=1, le=65535, description="Port that the page listens on.")
    lang: Lang | None = Field(None, description="Language of the page and of messages; the browser's if unset.")

    @field_validator("model", mode="before")
    @classmethod
    def _blank_model_is_default(cls, value: str) -> str:
        return value.strip() or DEFAULT_MODEL

    @field_validator("lang", "database_url", mode="before")
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
