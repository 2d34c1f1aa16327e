"""The price list: a dated snapshot, each price with the place where it can be read again."""

from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from ops.errors import Exit, OpsError

SNAPSHOT = Path(__file__).with_name("prices.yaml")


class Price(BaseModel):
    """USD for one unit. Confirmed when the AWS Price List offer that holds it is named."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    usd: Annotated[float, Field(ge=0)]
    unit: str
    offer: str | None = None
    usage_type: str | None = None
    match: dict[str, str] = Field(default_factory=dict[str, str])
    """Product attributes that tell apart what has the same usage type, such as the database engine."""
    source: str | None = None
    as_of: date

    @model_validator(mode="after")
    def _has_a_source(self) -> "Price":
        if bool(self.offer and self.usage_type) == bool(self.source):
            raise ValueError("a price needs either offer and usageType, or source")
        return self

    @property
    def confirmed(self) -> bool:
        return self.usage_type is not None

    @property
    def where(self) -> str:
        """The offer and usage type in the AWS Price List, or the page."""
        return self.source or f"AWS Price List {self.offer} {self.usage_type}"


class PriceList(BaseModel):
    """Prices of one region by name; a name is ``service.thing.unit``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str
    prices: dict[str, Price]

    def __getitem__(self, name: str) -> Price:
        try:
            return self.prices[name]
        except KeyError:
            raise LookupError(f"prices.yaml has no {name}") from None

    @property
    def oldest(self) -> date:
        return min(price.as_of for price in self.prices.values())


def load_prices(path: Path = SNAPSHOT) -> PriceList:
    """Read a price list. Errors: unreadable file, or entries that are not prices, each named."""
    try:
        return PriceList.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise OpsError(f"{path}: {error.strerror}", fix="name a price list with --prices") from error
    except (ValidationError, yaml.YAMLError) as error:
        raise OpsError(
            f"{path}: {_explain(error)}", fix="see ops/cost/prices.yaml", exit_code=Exit.USAGE
        ) from error


def _explain(error: ValidationError | yaml.YAMLError) -> str:
    if isinstance(error, yaml.YAMLError):
        return f"not YAML: {error}"
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()
    )
