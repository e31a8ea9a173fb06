"""What to write in a cell: sentences with an example of this very plan, and the codes near by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from plan_api.exchange.model.columns import MANY, ColumnSpec, Kind
from plan_api.exchange.model.findings import MOST_SHOWN
from plan_api.exchange.service.codes import Codes
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.web.language import Bilingual

_FEW: Final = 12
"""So many choices are named in full; of more, those near by."""

_NEAR: Final = 3
_LOOKED_AT: Final = 400
"""Of longer lists only the neighbours in the alphabet are compared: a code errs at its end."""

_AMONG: Final[Mapping[str, tuple[str, str]]] = {
    "actions": ("Actions of the plan or of this file", "actions du plan ou de ce fichier"),
    "corrections": ("things to say of a fact", "choses à dire d’un fait"),
    "deliverables": (
        "Deliverables of the plan or of this file", "livrables du plan ou de ce fichier",
    ),
    "indicators": ("indicators", "indicateurs"),
    "instruments": ("instruments of the directory", "instruments du répertoire"),
    "kinds": ("kinds of Deliverable", "genres de livrable"),
    "members": ("Members of the directory", "Membres du répertoire"),
    "objectives": ("objectives", "objectifs"),
    "organizers": ("kinds of organizer", "genres d’organisateur"),
    "packages": ("Packages", "trains de mesures"),
    "periods": ("periods of the plan", "périodes du plan"),
    "priorities": ("priorities", "priorités"),
    "purposes": ("purposes", "buts"),
    "quarters": ("quarters of the plan", "trimestres du plan"),
    "stages": ("stages", "stades"),
    "topics": ("topics", "sujets"),
    "types": ("things that can be reported", "choses qui se déclarent"),
    "units": ("units of the directory", "unités du répertoire"),
    "years": ("financial years of the plan", "exercices du plan"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """Helps who fills in the sheets of a plan; what a file enters joins its codes."""

    plan: PlanSnapshot
    codes: Codes
    _near: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)

    def choices(self, column: ColumnSpec) -> Mapping[str, Bilingual | None]:
        return self.codes.get(column.choices or "", {})

    def shown(self, column: ColumnSpec, written: str) -> str:
        """An example of a cell, with codes that this plan has."""
        offered = list(self.choices(column))
        if not written or not offered or column.choices in ("actions", "flags"):
            return written
        codes = [part.split()[0] for part in written.split(", ")]
        if {*codes} <= {*offered}:
            return written
        if column.kind is not Kind.SHARES:
            return offered[0]
        share = {1: "1"}.get(len(offered), "0.5")
        return ", ".join(f"{code} {share}" for code in offered[:2])

    def example(self, column: ColumnSpec) -> str:
        """What somebody could write there."""
        match column.kind:
            case Kind.DAY:
                # Inside its first year, whichever months that has.
                return self.plan.calendar().periods()[0].end.isoformat()
            case Kind.NUMBER:
                return column.example or "0.5"
            case _:
                return self.shown(column, column.example or next(iter(self.choices(column)), ""))

    def needed(self, column: ColumnSpec) -> Bilingual:
        """What to write where nothing stands."""
        example = self.example(column)
        if not example:
            return Bilingual(
                en="This is needed: fill it in.",
                fr="Cette case est obligatoire : remplissez-la.",
            )
        return Bilingual(
            en=f"This is needed: fill it in, for example with {example}.",
            fr=f"Cette case est obligatoire : écrivez par exemple {example}.",
        )

    def rewritten(self, column: ColumnSpec, said: Bilingual) -> Bilingual:
        """What to write instead of what does not have the shape of such a cell."""
        example = self.example(column)
        match column.kind:
            case Kind.DAY:
                return Bilingual(
                    en=f"Write the date as year-month-day, such as {example}.",
                    fr=f"Écrivez la date sous la forme année-mois-jour, par exemple {example}.",
                )
            case Kind.COUNT:
                return Bilingual(
                    en=f"Write a whole number, such as {example or 12}.",
                    fr=f"Écrivez un nombre entier, par exemple {example or 12}.",
                )
            case Kind.NUMBER:
                return Bilingual(
                    en=f"{said.en} Write a number such as {example}, six decimals at most.",
                    fr=f"{said.fr} Écrivez un nombre tel que {example}, six décimales au plus.",
                )
            case _:
                return said

    def shares(self, column: ColumnSpec) -> Bilingual:
        example = self.example(column)
        return Bilingual(
            en=f"Write codes with weights that add to 1, such as {example}.",
            fr=f"Écrivez des codes suivis de poids dont la somme est 1, par exemple {example}.",
        )

    def strange(self, column: ColumnSpec) -> Bilingual:
        """A pattern says nothing to whoever fills in a sheet."""
        example = self.example(column) or "A-017"
        return Bilingual(
            en="This cannot stand here: a code has letters, digits, dots and dashes, and no "
            f"spaces, such as {example}.",
            fr="Cela ne peut figurer ici : un code a des lettres, des chiffres, des points et des "
            f"tirets, sans espaces, par exemple {example}.",
        )

    def unknown(self, column: ColumnSpec, written: Sequence[str]) -> Bilingual:
        """Codes that are not among those of a column: which are."""
        name = column.choices or "deliverables"
        offered = self.codes.get(name, {})
        among, parmi = _AMONG.get(name, ("choices", "choix"))
        said = ", ".join(one[:40] for one in written[:_NEAR])
        named = next((code for one in written if (code := _named(one, offered))), None)
        near = list(dict.fromkeys(code for one in written for code in self.near(name, one)))[:_NEAR]
        en = fr = ""
        if named:
            en, fr = f"Write its code, {named}.", f"Écrivez son code, {named}."
        elif 0 < len(offered) <= _FEW:
            listed = ", ".join(offered)
            en, fr = f"Choose from {listed}.", f"Choisissez parmi {listed}."
        elif near:
            en, fr = f"Near it: {', '.join(near)}.", f"Proches : {', '.join(near)}."
        if column.kind in MANY and len(offered) > 1:
            en, fr = f"{en} Put commas between several.", f"{fr} Séparez-les par des virgules."
        if name != "deliverables" and (named or len(offered) > _FEW):
            en = f"{en} The sheet Codes lists all with their names."
            fr = f"{fr} La feuille Codes les donne tous avec leur nom."
        are, sont = ("is", "figure") if len(written) == 1 else ("are", "figurent")
        return Bilingual(
            en=f"{said} {are} not among the {among}. {en.strip()}".strip(),
            fr=f"{said} ne {sont} pas parmi les {parmi}. {fr.strip()}".strip(),
        )

    def near(self, name: str, written: str) -> Sequence[str]:
        """Codes that look like what was written; looked up for what a preview can show."""
        key = (name, written[:40])
        if key not in self._near:
            if len(self._near) >= MOST_SHOWN:
                return ()
            self._near[key] = _near(written[:40], list(self.codes.get(name, {})))
        return self._near[key]


def _near(written: str, codes: Sequence[str]) -> Sequence[str]:
    wanted = written.rpartition(":")[2].casefold()
    folded = {code.casefold(): code for code in codes}
    if len(folded) > _LOOKED_AT:
        # Walking the list once is cheap; comparing each letter by letter is not.
        before = sorted(one for one in folded if one < wanted)[-_NEAR:]
        after = sorted(one for one in folded if one >= wanted)[:_NEAR]
        folded = {one: folded[one] for one in (*before, *after)}
    return [folded[one] for one in get_close_matches(wanted, folded, n=_NEAR, cutoff=0.5)]


def _named(written: str, names: Mapping[str, Bilingual | None]) -> str | None:
    """The code whose name was written instead of it."""
    wanted = written.casefold()
    return next(
        (
            code
            for code, name in names.items()
            if name is not None and wanted in (name.en.casefold(), name.fr.casefold())
        ),
        None,
    )
