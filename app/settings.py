"""One class for all settings; the only reader of the environment."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import SettingError


class Settings(BaseSettings):
    """Read from the environment (LOTSE_…, and DATABASE_URL) and an optional `.env`; the defaults run on one machine with SQLite."""

    model_config = SettingsConfigDict(env_prefix="LOTSE_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default=Path("data"), description="Folder for everything that is written: database, secret, uploads"
    )
    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL address; SQLite in the data folder if unset",
    )
    public_url: str | None = Field(
        default=None,
        description="Address under which people reach this installation, for links, e.g. https://lotse.example.org",
    )
    secret: str | None = Field(
        default=None, min_length=32, description="At least 32 characters; made by itself on the first start"
    )
    default_language: str = Field(
        default="de", pattern="^(de|en)$", description="Language where the browser asks for neither"
    )
    production: bool = Field(
        default=False, description="Refuses to start without an imprint, and sends Strict-Transport-Security"
    )
    trusted_proxies: str = Field(
        default="", description="Addresses whose X-Forwarded-For is believed, separated by commas"
    )
    imprint_name: str = Field(default="", description="Operator named in the imprint")
    imprint_address: str = Field(default="", description="Postal address of the operator")
    imprint_email: str = Field(default="", description="E-mail address of the operator")
    imprint_phone: str = Field(default="", description="Telephone of the operator")
    imprint_extra: str = Field(default="", description="Register, VAT number, responsible person: free text")
    privacy_contact: str = Field(default="", description="Contact of the data-protection officer")
    template_base_url: str | None = Field(
        default=None,
        description="Public address, ending in /launch-templates, that serves launch templates with CORS, for AWS an S3 address; links that need one are off without it",
    )
    own_prices: Path | None = Field(default=None, description="YAML file with discounts and own prices, see Prices")
    google_api_key: SecretStr | None = Field(
        default=None, description="Key for Google's billing catalogue, used by lotse prices refresh alone"
    )
    rate_limit_create: str = Field(default="60/hour", description="New assessments per address")
    rate_limit_pdf: str = Field(default="120/hour", description="PDF files per address")
    rate_limit_launch: str = Field(default="20/hour", description="New launches from the server per address")
    launch_here: bool = Field(default=True, description="Whether launches may be started from the server at all")
    launch_endpoints: str = Field(
        default="",
        pattern=r"^(\s*[a-z_]+=https?://[^\s,=]+\s*(,|$))*$",
        description="Servers of platforms, such as skypilot=https://sky.example.org, dstack=https://…, kubernetes=https://…; a platform named here is spoken to at this address only",
    )
    launch_ambient: str = Field(
        default="",
        description="Platforms, separated by commas, on which launches may use the identity of this machine; always with a second person",
    )
    launch_approval_limit: float = Field(
        default=500, ge=0, description="EUR of worst-case cost from which a second person has to approve a launch"
    )
    launch_most_cost: float = Field(
        default=20_000, ge=0, description="EUR of worst-case cost above which a launch is refused"
    )
    launch_simulated: bool = Field(
        default=False, description="Marks every launch as simulated, for an installation to try"
    )
    draft_days: int = Field(default=30, ge=1, description="Days after which an unfinished assessment is deleted")
    report_days: int = Field(default=180, ge=1, description="Days after which a report without changes is deleted")
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least severity that is logged"
    )

    @property
    def backups(self) -> Path:
        """The folder for what the program writes before it upgrades the database."""
        return self.data_dir / "backups"

    @cached_property
    def endpoints(self) -> dict[str, str]:
        """The servers of platforms by name."""
        pairs = [pair.strip().partition("=") for pair in self.launch_endpoints.split(",") if pair.strip()]
        return {name: address for name, _, address in pairs}

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy address."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'lotse.sqlite3'}"
        return self.database_url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql://", "postgresql+psycopg://", 1
        )

    @cached_property
    def secret_key(self) -> str:
        """The given secret, or one made once and kept in the data folder with mode 0600."""
        return self.secret or _own_secret(self.data_dir)


def _own_secret(folder: Path) -> str:
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.write(handle, secrets.token_urlsafe(48).encode())
        os.close(handle)
    except FileExistsError:
        pass
    return path.read_text().strip()


def load_settings() -> Settings:
    """Reads the settings. Raises SettingError with one sentence that names the setting and the mend."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        variable = "DATABASE_URL" if name in ("database_url", "DATABASE_URL") else f"LOTSE_{name.upper()}"
        raise SettingError(
            "{variable} is invalid: {reason}.",
            "Correct it in the environment or in .env, or remove it.",
            variable=variable,
            reason=first["msg"],
        ) from None


def metrics_folder() -> str | None:
    """The folder in which several server processes add up their counters, None for a single process."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR")


def share_metrics(folder: str) -> None:
    """Lets the processes started from here add up their counters in a folder; the library takes it from the environment only."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
