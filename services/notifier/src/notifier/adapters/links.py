"""Where a message leads: addresses of pages, in one place."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    base_url: str

    def indicator(self, *, indicator: str, period: str, language: str) -> str:
        query = urlencode({"period": period, "lang": language})
        return f"{self.base_url.rstrip('/')}/indicators/{quote(indicator, safe=':')}?{query}"

    def overdue(self, *, indicator: str, period: str, language: str) -> str:
        query = urlencode(
            {"indicator": indicator, "period": period, "overdue": "true", "lang": language},
            safe=":",
        )
        return f"{self.base_url.rstrip('/')}/deliverables?{query}"
