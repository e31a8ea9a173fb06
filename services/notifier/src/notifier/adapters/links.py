"""Where a message leads: addresses of pages, in one place."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    base_url: str

    def indicator(self, *, indicator: str, period: str, language: str) -> str:
        query = urlencode({"period": period, "lang": language})
        return f"{self.base_url.rstrip('/')}/indicators/{quote(indicator, safe=':')}?{query}"

    def changes(
        self, *, indicator: str, period: str, since: date, until: date, language: str
    ) -> str:
        """Where the page says why a figure moved between two days."""
        query = urlencode(
            {
                "period": period,
                "from": since.isoformat(),
                "to": until.isoformat(),
                "lang": language,
            }
        )
        path = f"indicators/{quote(indicator, safe=':')}/changes"
        return f"{self.base_url.rstrip('/')}/{path}?{query}"

    def due(self, *, indicator: str, period: str, language: str) -> str:
        """Where the page lists what is due, with its dates."""
        return f"{self.indicator(indicator=indicator, period=period, language=language)}#due"

    def deliverable(self, *, deliverable: str, language: str) -> str:
        return self._page(f"deliverables/{quote(deliverable, safe=':')}", language)

    def alert(self, *, alert: UUID, language: str) -> str:
        """The alert with its life, and the form to acknowledge it."""
        return self._page(f"alerts/{alert}", language)

    def check(self, *, number: int) -> str:
        """What a check of the figures against the ledger found, row by row; for operators."""
        return f"{self.base_url.rstrip('/')}/api/v1/reconciliations/{number}"

    def unit(self, *, unit: str, language: str) -> str:
        """Where a unit sees what is late and what comes, with its buttons."""
        return self._page(f"units/{quote(unit)}", language)

    def _page(self, path: str, language: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path}?{urlencode({'lang': language})}"
