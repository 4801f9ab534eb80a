"""One frozen settings object, read in the command and passed down; nothing else reads the environment.

Sources, the first that has a value counts: options of the command, `RELEVO_…` variables, a TOML file, the defaults.
Secrets are `SecretStr`, so that no log and no `repr` shows them.
"""

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from broker.errors import SettingsRefused


class Smtp(BaseModel):
    """The mail server that takes letters to customers, and as whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    user: str = ""
    """Empty: the server wants no sign-in."""
    password: SecretStr = SecretStr("")
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """Encrypted after the greeting, from the first byte (port 465), or not: only for a server on loopback."""
    ca: Path | None = None
    """PEM file of the authority that signed the server's certificate; None: the system's authorities."""
    sender: Annotated[str, Field(alias="from", min_length=3, max_length=254, pattern=r"^[!-~]+@[!-~]+$")]
    """The address that letters come from; the organisation's name stands in front of it."""

    @model_validator(mode="after")
    def _plain_stays_here(self) -> Self:
        if self.tls == "none" and not _loopback(self.host):
            raise ValueError("tls none is only for a mail server on loopback; use starttls or tls")
        return self


class Settings(BaseSettings):
    """Everything that a provider can set.  Times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="RELEVO_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Path("relevo-data")
    """Database, keys and downloads of this installation."""
    database_url: SecretStr = SecretStr("")
    """An SQLAlchemy URL; empty: SQLite in `data_dir`."""
    public_origin: str = "http://127.0.0.1:8000"
    """The one address under which agents and browsers reach this broker (pairing rule 7)."""
    bind: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8000
    tls_certificate: Path | None = None
    """PEM chain, to serve HTTPS without a proxy in front; with `tls_key`."""
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose `X-Forwarded-For` counts; of everyone else it is ignored."""
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Bearer for `/metrics`; None: nobody gets them."""
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    log_json: bool = True

    sign_in_life: Annotated[int, Field(ge=60, le=31 * 86_400)] = 12 * 3600
    """A sign-in ends after this, used or not."""
    sign_in_idle: Annotated[int, Field(ge=60, le=31 * 86_400)] = 4 * 3600
    """…or after this much time without a request."""
    password_threads: Annotated[int, Field(ge=1, le=32)] = 2
    """Argon2id computations at once."""
    password_memory_kib: Annotated[int, Field(ge=19 * 1024, le=1024 * 1024)] = 64 * 1024
    """Memory of each; stored hashes of another size are renewed at the next sign-in."""

    unauthenticated_per_address: Annotated[int, Field(ge=1)] = 20
    unauthenticated_total: Annotated[int, Field(ge=1)] = 500
    """Sockets that have not yet said who they are."""

    relay_url: str = ""
    """Where both ends find the relay; empty: the one inside this broker, at `/relay` of the public origin."""
    relay_id: Annotated[str, Field(min_length=1, max_length=100)] = "local"
    relay_credential: SecretStr | None = None
    """What a relay of its own shows to `/ws/relay`; None: there is none."""
    relay_rate: Annotated[int, Field(ge=16 * 1024)] = 16 * 1024 * 1024
    """Bytes per second and direction of one session."""

    smtp: Smtp | None = None
    """None: letters to customers wait."""

    @field_validator("public_origin")
    @classmethod
    def _origin(cls, value: str) -> str:
        return checked_origin(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ipaddress.ip_network(item)) for item in value)

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self

    @model_validator(mode="after")
    def _relay_is_whole(self) -> Self:
        if self.relay_credential is not None and not self.relay_url:
            raise ValueError("relay_credential needs relay_url, where both ends find that relay")
        return self

    @property
    def secure(self) -> bool:
        """The public origin is https: cookies are marked `Secure`."""
        return self.public_origin.startswith("https://")

    @property
    def store_url(self) -> str:
        """The SQLAlchemy URL of the database, with its asynchronous driver."""
        return self.database_url.get_secret_value() or f"sqlite+aiosqlite:///{self.data_dir / 'relevo.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(file: Path | None = None, /, **options: Any) -> Settings:
    """Read the settings.  `file` is TOML; `options` that are None are left to the other sources.

    Raises `SettingsRefused`, which names what is wrong and never shows a value.
    """
    if file is not None and not file.is_file():
        raise SettingsRefused(f"there is no file {file}")

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    given = {name: value for name, value in options.items() if value is not None}
    try:
        found = FromFile(**given)
    except ValidationError as wrong:
        reasons = "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg'].removeprefix('Value error, ')}"
            for e in wrong.errors(include_input=False, include_url=False)
        )
        raise SettingsRefused(reasons) from None
    except ValueError as wrong:
        raise SettingsRefused(f"{file or 'the environment'}: {wrong}") from None
    return found


def checked_origin(value: str) -> str:
    """`scheme://host[:port]` in its canonical form, as a browser writes it in `Origin`.

    Raises `ValueError` for anything else, and for plain HTTP off loopback (pairing rule 7).
    """
    parts = urlsplit(value.strip().rstrip("/"))
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host or parts.path or parts.query or parts.fragment or "@" in value:
        raise ValueError("must be an address such as https://support.example.com, without a path")
    if parts.scheme == "http" and not _loopback(host):
        raise ValueError("plain HTTP is only for loopback; use https")
    shown = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{parts.port}" if parts.port not in (None, default) else "")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
