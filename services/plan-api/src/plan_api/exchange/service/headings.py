"""Headings and words of the tables that go out, in both languages, and the notes beside them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from plan_api.exchange.model.outgoing import Column, Notes
from shared_kit.web.language import Bilingual, Language

_COLUMNS: Final[Mapping[str, tuple[str, str, int]]] = {
    "acknowledged_at": ("Acknowledged", "Pris en compte", 17),
    "acknowledged_by": ("By", "Par", 22),
    "accession": ("Member since", "Membre depuis", 13),
    "action": ("Action", "Action", 22),
    "action_state": ("State of the Action", "État de l’action", 14),
    "action_title": ("Title of the Action", "Intitulé de l’action", 44),
    "adds_up": ("Whether the rows add up", "Si les lignes s’additionnent", 60),
    "arithmetic": ("How the figure comes about", "D’où vient le chiffre", 60),
    "at_risk": ("At risk from", "À risque dès", 12),
    "cancelled_on": ("Cancelled on", "Annulé le", 13),
    "comment": ("Comment", "Commentaire", 40),
    "compendium": ("Compendium", "Recueil", 12),
    "completed_on": ("Completed on", "Achevé le", 13),
    "contributors": ("Contributors", "Contributeurs", 18),
    "counted": ("What is counted", "Ce qui est compté", 44),
    "counted_items": ("Items counted", "Éléments comptés", 12),
    "current_due": ("Current date", "Date actuelle", 13),
    "data_analysis": ("Data analysis", "Analyse de données", 13),
    "date_certainty": ("Date is", "La date est", 14),
    "definition": ("Definition", "Définition", 60),
    "description": ("Description", "Description", 60),
    "deliverable": ("Deliverable", "Livrable", 24),
    "denominator": ("Denominator", "Dénominateur", 13),
    "divided_by": ("Divided by", "Réparti par", 12),
    "due": ("Due", "Échu", 10),
    "due_on": ("Date of the plan", "Date du plan", 14),
    "due_done": ("Due and done", "Échu et fait", 13),
    "effective": ("Happened on", "Survenu le", 13),
    "end": ("End", "Fin", 13),
    "estimate": ("Estimate", "Estimation", 11),
    "evidence": ("Evidence", "Justificatif", 30),
    "expected": ("Expected to date", "Attendu à ce jour", 13),
    "fictional": ("Fictional", "Fictif", 10),
    "first_estimate": ("First estimate", "Estimation initiale", 13),
    "forecast_high": ("Forecast, at most (indicative)", "Prévision, au plus (indicative)", 17),
    "forecast_low": ("Forecast, at least (indicative)", "Prévision, au moins (indicative)", 17),
    "gave_in_30": ("Given in 30 days, of late", "Réalisé en 30 jours, récemment", 15),
    "high": ("Target, at most", "Cible, au plus", 13),
    "indicator": ("Indicator", "Indicateur", 11),
    "iso": ("ISO code", "Code ISO", 10),
    "judged_on": ("Judged on", "Jugé le", 13),
    "key": ("Key", "Clé", 22),
    "kind": ("Kind", "Genre", 18),
    "id": ("Id", "Identifiant", 38),
    "known_on": ("As known on", "État connu au", 13),
    "kind_of_indicator": ("Kind", "Genre", 12),
    "left_out": ("Items left out", "Éléments écartés", 12),
    "level": ("Level", "Niveau", 12),
    "lead": ("Lead unit", "Unité responsable", 12),
    "listed": ("In the plan", "Prévu au plan", 11),
    "low": ("Target, at least", "Cible, au moins", 13),
    "measured_in": ("Measured in", "Unité de mesure", 12),
    "member": ("Member", "Membre", 14),
    "name": ("Name", "Nom", 44),
    "needed_in_30": ("Needed in 30 days", "Nécessaire en 30 jours", 15),
    "numerator": ("Numerator", "Numérateur", 12),
    "objective": ("Objective", "Objectif", 11),
    "on_track": ("On track from", "En bonne voie dès", 12),
    "objectives": ("Objectives", "Objectifs", 18),
    "overdue": ("Overdue", "En retard", 10),
    "packages": ("Packages", "Trains de mesures", 14),
    "pairs": ("Pairs of a tool and a Member", "Couples d’un outil et d’un Membre", 14),
    "part": ("Part", "Part", 16),
    "parent": ("Part of", "Relève de", 14),
    "period": ("Period", "Période", 13),
    "planned_items": ("Planned", "Prévus", 10),
    "priorities": ("Priorities", "Priorités", 20),
    "priority": ("Priority", "Priorité", 10),
    "purpose": ("Purpose", "But", 12),
    "raised_at": ("Raised", "Levée", 17),
    "reached": ("Level reached", "Niveau atteint", 12),
    "reached_on": ("Reached on", "Atteint le", 13),
    "reason": ("Why not judged", "Pourquoi non jugé", 24),
    "reason_of_alert": ("Reason", "Motif", 60),
    "recorded_at": ("Recorded", "Consigné", 17),
    "region": ("Region", "Région", 30),
    "released": ("Released", "Publiés", 10),
    "released_on": ("Released on", "Publié le", 13),
    "share_of": ("Share", "Part", 10),
    "small": ("Small count", "Petit effectif", 12),
    "source": ("Source", "Source", 30),
    "source_note": ("Source", "Source", 30),
    "stage": ("Stage", "Stade", 12),
    "start": ("Start", "Début", 13),
    "started_on": ("Started on", "Commencé le", 13),
    "stated_at": ("Stated", "Énoncé", 17),
    "state": ("State", "État", 12),
    "status": ("Status", "Statut", 14),
    "subject": ("About", "À propos de", 30),
    "synthetic": ("Synthetic data", "Données synthétiques", 12),
    "title": ("Title", "Intitulé", 52),
    "then_day": ("Then", "Alors", 13),
    "then_numerator": ("Numerator then", "Numérateur alors", 13),
    "then_denominator": ("Denominator then", "Dénominateur alors", 13),
    "then_status": ("Status then", "Statut alors", 14),
    "now_day": ("Now", "Maintenant", 13),
    "now_numerator": ("Numerator now", "Numérateur maintenant", 13),
    "now_denominator": ("Denominator now", "Dénominateur maintenant", 13),
    "now_status": ("Status now", "Statut maintenant", 14),
    "more_numerator": ("Change of the numerator", "Variation du numérateur", 13),
    "more_denominator": ("Change of the denominator", "Variation du dénominateur", 13),
    "changed": ("Changed", "A changé", 10),
    "type": ("What happened", "Ce qui est arrivé", 26),
    "unit": ("Unit", "Unité", 10),
    "unit_name": ("Name of the unit", "Nom de l’unité", 34),
    "unplanned": ("Of these unplanned", "Dont non prévus", 12),
    "unplanned_released": ("Unplanned, released", "Non prévus, publiés", 12),
    "uses_it": ("Uses IT", "Informatique", 11),
    "weight": ("Weight", "Poids", 10),
}  # fmt: skip
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "scorecard": ("Scorecard", "Tableau de bord"),
    "implementation-plan": ("Implementation Plan", "Plan de mise en œuvre"),
    "deliverables": ("Deliverables", "Livrables"),
    "actions": ("Actions", "Actions"),
    "members": ("Members", "Membres"),
    "units": ("Units", "Unités"),
    "priorities": ("Priorities", "Priorités"),
    "indicators": ("Indicators", "Indicateurs"),
    "parts": ("Parts", "Répartition"),
    "by-region": ("region", "région"),
    "by-unit": ("unit", "unité"),
    "by-package": ("package", "paquet"),
    "by-priority": ("priority", "priorité"),
    "all-together": ("All together, counted by itself", "Ensemble, compté à part"),
    "no-value": ("Not given", "Non indiqué"),
    "facts": ("Facts", "Faits"),
    "alerts": ("Alerts", "Alertes"),
    "then-and-now": ("Then and now", "Alors et maintenant"),
    "observed": ("observed", "observé"),
    "milestones": ("milestones", "jalons"),
    "warning": ("warning", "avertissement"),
    "critical": ("critical", "critique"),
    "more-facts": (
        "the latest 10,000; all are to be had at /api/v1/facts",
        "les 10 000 derniers ; tous se lisent à /api/v1/facts",
    ),
    "on-track": ("on track", "en bonne voie"),
    "at-risk": ("at risk", "à risque"),
    "off-track": ("off track", "hors trajectoire"),
    "not-judged": ("not judged", "non jugé"),
    "not-applicable": ("not applicable", "sans objet"),
    "no-data": ("no data", "pas de données"),
    "no-target": ("no target", "pas de cible"),
    "not-started": ("not started", "pas commencé"),
    "planned": ("planned", "prévu"),
    "started": ("started", "commencé"),
    "completed": ("completed", "achevé"),
    "cancelled": ("cancelled", "annulé"),
    "released": ("released", "publié"),
    "reached": ("reached", "atteint"),
    "drafted": ("drafted", "en projet"),
    "adopted": ("adopted", "adopté"),
    "published": ("published", "publié"),
    "done": ("done", "fait"),
    "knowledge": ("knowledge", "connaissances"),
    "support": ("support", "soutien"),
    "governance": ("governance", "gouvernance"),
    "stated": ("stated", "donnée"),
    "inferred": ("inferred", "déduite"),
    "synthetic": ("synthetic", "synthétique"),
    "not-given": ("not given in the source", "non donnée dans la source"),
}

OURS: Final = Bilingual(
    en="Percentages, expected figures, statuses and counts are our calculation, "
    "not part of the Plan.",
    fr="Les pourcentages, les chiffres attendus, les statuts et les décomptes sont notre calcul "
    "et ne font pas partie du Plan.",
)
_FRENCH: Final = "Les intitulés français sont les nôtres, non officiels, sauf mention contraire."


def column(name: str, language: Language) -> Column:
    en, fr, width = _COLUMNS[name]
    return Column(heading=fr if language == "fr" else en, width=width)


def word(name: str, language: Language) -> str:
    en, fr = _WORDS[name]
    return fr if language == "fr" else en


def notes(
    *,
    language: Language,
    plan: str,
    period: str,
    today: date,
    known: datetime | None,
    source: str | None,
    figures: bool,
    demo: bool,
    more: str | None = None,
) -> Notes:
    """Where a table comes from, and what of it is ours."""
    french = language == "fr"
    lines = [("Plan", plan), ("Période" if french else "Period", period)]
    lines.append(("Établi le" if french else "Made on", today.isoformat()))
    if known is not None:
        said = known.strftime("%Y-%m-%d %H:%M")
        lines.append(("Chiffres connus au" if french else "Figures as known on", said))
    if more is not None:
        lines.append(("Lignes" if french else "Lines", more))
    titles = (
        "Intitulés des objectifs, des indicateurs et des priorités : %s."
        if french
        else "Titles of objectives, indicators and priorities: %s."
    )
    lines.append(("Sources", titles % (source or plan)))
    facts = (
        "Chiffres : les faits rapportés ; la page de chaque indicateur les énumère."
        if french
        else "Figures: the facts that were reported; each indicator's page lists them."
    )
    if figures:
        lines.append(("Chiffres" if french else "Figures", facts))
    lines.append(("Notre calcul" if french else "Our calculation", OURS.in_(language)))
    if french:
        lines.append(("Traduction", _FRENCH))
    if demo:
        lines.append(
            ("Démonstration", "Démonstration, non une publication de l’OMD ; données synthétiques.")
            if french
            else ("Demonstration", "Demonstration, not a WCO publication; synthetic data.")
        )
    return Notes(heading="Sources", lines=lines)
