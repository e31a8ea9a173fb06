"""What the API says no to; mapped to problems in `bootstrap`."""


class UnknownPlanError(Exception):
    """The engine has not heard of this plan."""

    def __init__(self, plan: str) -> None:
        super().__init__(f"no plan {plan} is known here")
        self.fr = f"aucun plan {plan} n’est connu ici"


class UnknownPeriodError(Exception):
    """The plan has no such period."""

    def __init__(self, period: str) -> None:
        super().__init__(f"the plan has no period {period}")
        self.fr = f"le plan n’a pas de période {period}"


class UnknownIndicatorError(Exception):
    """There is no such indicator, or it was not judged by then."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no result of {key} for this period and time")
        self.fr = f"aucun résultat de {key} pour cette période et à cette date"


class UnknownFactError(Exception):
    """The ledger has no fact of that source and id."""

    def __init__(self) -> None:
        super().__init__("the ledger has no fact of this source and id")
        self.fr = "le registre n’a aucun fait de cette source et de cet identifiant"


class UnknownCheckError(Exception):
    """There is no check of that number."""
