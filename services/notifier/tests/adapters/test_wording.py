"""The mail of the issue, letter by letter, and what stands in when a template fails."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest
from jinja2 import DictLoader

from notifier.adapters.links import Links
from notifier.adapters.phrases import Phrases
from notifier.adapters.rule_words import RULE_WORDS
from notifier.adapters.wording import JinjaWriter
from notifier.bootstrap import PROBLEMS
from notifier.domain.episode import Acknowledgement
from notifier.domain.notice import Notice, NoticeKind
from notifier.domain.rule import DEVIATION, Basis, Level, assess
from notifier.domain.sample import Kind, OverdueItem, Sample, Status, Terms
from notifier.handlers.hear import AlertNotFoundError
from notifier.ports.views import InboxItem
from services.notifier.tests.builders import MONDAY, NINE, SG, a_sample, counts, leadership
from shared_kit.web.problems import NOT_FOUND

LINKS = Links(base_url="http://127.0.0.1:8000")
TEMPLATES = Path(str(files("notifier.adapters"))) / "templates"
KINDS = get_args(InboxItem.model_fields["kind"].annotation)
OWN_PROBLEMS = [problem for problem in PROBLEMS.values() if problem is not NOT_FOUND]
WRITER = JinjaWriter(links=LINKS, demo=True)

SUBJECT = "[Critical] Leadership, guidance and support (SG): 20 of 26 due are released"
LINES = (
    "Demonstration, not a WCO publication; synthetic data.",
    "SG. Provide leadership, guidance and support to Customs administrations: "
    "planned initiatives carried out, FY2019/20.",
    "Of 26 due by 4 January 2020, 20 are released. "
    "If work were normal (95 % done), so few would occur about once in 660.",
    "Overdue: Guide on transit guarantees (30 Nov, 65 days), "
    "Workshop on risk profiles (13 Dec, 52 days), and 4 more: [list]",
    "Year: 23 of 61 estimated. "
    "Please release what is done, or say what stands in the way: [Open SG] [Acknowledge]",
    "You get this because your unit owns SG. Next mail when it gets worse or recovers.",
    "As known on 3 February 2020, 09:00 Brussels. Our calculation, not part of the Plan.",
)

SUBJECT_FR = "[Critique] Leadership, orientation et soutien (SG)\u202f: 20 réalisés sur 26 attendus"
LINES_FR = (
    "Démonstration, et non une publication de l’OMD\u202f; données synthétiques.",
    "SG. Assurer leadership, orientation et soutien aux administrations douanières\u202f: "
    "initiatives prévues réalisées, exercice 2019/20.",
    "Sur 26 attendus au 4 janvier 2020, 20 sont réalisés. "
    "En temps normal (95\u202f% réalisés), un résultat aussi faible ne se produirait "
    "qu’environ une fois sur 660.",
    "En retard\u202f: Guide on transit guarantees (30 nov., 65 jours), "
    "Workshop on risk profiles (13 déc., 52 jours) et 4 autres\u202f: [liste]",
    "Sur l’année\u202f: 23 sur 61 prévus. "
    "Merci d’enregistrer ce qui est fait, ou de dire ce qui fait obstacle\u202f: [Ouvrir SG] "
    "[Prendre en charge]",
    "Vous recevez ce message parce que votre unité est responsable de SG. "
    "Prochain message si la situation s’aggrave ou se rétablit.",
    "Situation connue au 3 février 2020 à 9\u202fh\u202f00, heure de Bruxelles. "
    "Calcul établi par nos soins, qui ne fait pas partie du Plan.",
)


def a_notice(sample: Sample | None = None, **changes: Any) -> Notice:
    sample = sample or a_sample()
    found = assess(sample=sample, rule=DEVIATION, grace_days=30)
    fields: dict[str, Any] = {
        "kind": NoticeKind.RAISED,
        "alert": UUID(int=7),
        "unit": "SGO",
        "subject": leadership(),
        "sample": sample,
        "basis": found.basis or Basis.STATUS,
        "level": found.breach or Level.WARNING,
        "previous_level": None,
        "since": MONDAY,
        "on": sample.judged_on,
        "chance": found.chance,
        "healthy": DEVIATION.healthy,
        "acknowledgement": None,
        "synthetic": True,
    }
    return Notice(**(fields | changes))


def test_the_mail_reads_exactly_like_this() -> None:
    written = WRITER.write(a_notice())

    assert written.error is None
    assert written.en.subject == SUBJECT
    assert tuple(written.en.text.split("\n\n")[0].split("\n")) == LINES


def test_the_french_mail_reads_exactly_like_this() -> None:
    written = WRITER.write(a_notice())

    assert written.fr.subject == SUBJECT_FR
    assert tuple(written.fr.text.split("\n\n")[0].split("\n")) == LINES_FR


def test_titles_are_french_where_they_have_french_and_marked_as_english_elsewhere() -> None:
    first, second, *others = a_sample().overdue
    first = replace(first, title_fr="Guide sur les garanties de transit")
    written = WRITER.write(a_notice(a_sample(overdue=(first, second, *others))))

    shown = "En retard\u202f: Guide sur les garanties de transit (30 nov., 65 jours), "
    assert f"{shown}Workshop on risk profiles (13 déc., 52 jours)" in written.fr.text
    assert f'{shown}<span lang="en">Workshop on risk profiles</span> (' in written.fr.html
    assert "Guide on transit guarantees (30 Nov" in written.en.text
    assert "lang=" not in written.en.html.replace('<html lang="en">', "").replace("lang=en", "")


def test_the_links_of_the_text_stand_below_it() -> None:
    text = WRITER.write(a_notice()).en.text

    assert text.split("\n\n")[1].strip().split("\n") == [
        f"[list] {LINKS.due(indicator=SG, period='FY2019', language='en')}",
        f"[Open SG] {LINKS.indicator(indicator=SG, period='FY2019', language='en')}",
        f"[Acknowledge] {LINKS.alert(alert=UUID(int=7), language='en')}",
    ]


def test_the_mail_leads_to_why_it_moved_since_it_was_last_on_track() -> None:
    written = WRITER.write(a_notice(on_track_on=date(2019, 12, 20)))

    moved = (
        "http://plan.example/indicators/wco-2019-2022:SG/changes"
        "?period=FY2019&from=2019-12-20&to=2020-02-03&lang="
    ).replace("http://plan.example", LINKS.base_url.rstrip("/"))
    assert "It was last on track on 20 December 2019: [Why it moved since then]" in written.en.text
    assert f"[Why it moved since then] {moved}en" in written.en.text
    assert f"[Ce qui a changé depuis] {moved}fr" in written.fr.text
    assert "last on track" not in WRITER.write(a_notice()).en.text, "it never was"


def test_the_mail_of_a_figure_still_on_track_does_not_say_that_it_was_last_so_before() -> None:
    sample = a_sample(status=Status.ON_TRACK)

    written = WRITER.write(a_notice(sample=sample, on_track_on=date(2019, 12, 27)))

    assert "last on track" not in written.en.text
    assert "pour la dernière fois" not in written.fr.text
    assert (
        "The figure itself is still on track; what led to the alert came after "
        "27 December 2019: [Why it moved since then]"
    ) in written.en.text
    assert "reste en bonne voie" in written.fr.text


BY_EXPECTED = a_sample(
    numerator=Decimal(23),
    expected_lagged=Decimal(36),
    attainment=Decimal("0.638889"),
    window_due=Decimal(12),
    window_due_done=Decimal(8),
)
"""26 have a date and fell due, of more that were expected: these decide."""


def test_what_decides_comes_first() -> None:
    written = WRITER.write(a_notice(BY_EXPECTED, basis=Basis.TO_DATE))
    english, french = WRITER.reason(a_notice(BY_EXPECTED))

    assert "(SG): 23 are done where 36 were expected" in written.en.subject
    assert (
        "\n23 are done where 36 were expected by 4 January 2020; of the 26 with a date by then, "
        "20 are released." in written.en.text
    )
    assert english.startswith(
        "23 are done where 36 were expected by 4 January 2020; of the 26 with a date by then, 20 "
        "are released; overdue: Guide on transit guarantees (30 Nov, 65 days), Workshop"
    )
    assert french.startswith(
        "23 sont réalisés, là où 36 étaient attendus au 4 janvier 2020\u202f; sur les 26 dont la "
        "date est passée, 20 sont réalisés\u202f; en retard\u202f: Guide"
    )
    assert "23 réalisés pour 36 attendus" in written.fr.subject
    last = WRITER.write(a_notice(BY_EXPECTED, basis=Basis.WINDOW)).en.text
    assert "20 are released; of the 12 that fell due last, 8 are." in last


def test_where_items_decide_they_come_first() -> None:
    """The control: the same figures, but the dated items are what the attainment comes from."""
    sample = replace(BY_EXPECTED, attainment=Decimal("0.769231"))

    assert not sample.by_expected
    assert WRITER.reason(a_notice(sample))[0].startswith("Of 26 due by 4 January 2020, 20 are")
    assert not replace(BY_EXPECTED, judged_on=date(2020, 7, 31)).by_expected, "the whole decides"


def test_one_is_said_as_one() -> None:
    one = OverdueItem(key="k", title="Guide", due=date(2020, 2, 2), days=1)
    few = replace(
        BY_EXPECTED,
        numerator=Decimal(0),
        expected_lagged=Decimal(1),
        attainment=Decimal(0),
        due=Decimal(1),
        due_done=Decimal(1),
        window_due=None,
        overdue=(one,),
    )
    english, french = WRITER.reason(a_notice(few))

    assert english == (
        "0 are done where 1 was expected by 4 January 2020; of the 1 with a date by then, 1 is "
        "released; overdue: Guide (2 Feb, 1 day)."
    )
    assert french == (
        "0 est réalisé, là où 1 était attendu au 4 janvier 2020\u202f; sur le seul dont la date "
        "est passée, 1 est réalisé\u202f; en retard\u202f: Guide (2 févr., 1 jour)."
    )


def test_the_html_part_says_the_same_with_emphasis_and_links() -> None:
    html = WRITER.write(a_notice()).en.html

    assert "<strong>20 are released</strong>" in html
    assert (
        f'<a href="{LINKS.indicator(indicator=SG, period="FY2019", language="en")}'.replace(
            "&", "&amp;"
        )
        in html
    )
    assert '<html lang="en">' in html


def test_only_the_demonstration_says_that_it_is_one() -> None:
    written = JinjaWriter(links=LINKS, demo=False).write(a_notice())

    assert written.en.text.split("\n")[5].endswith("Our calculation, not part of the Plan.")
    assert "Démonstration" not in written.fr.text


def test_a_plan_without_invented_work_is_no_demonstration() -> None:
    """Somebody's own plan, also where the product runs as the demonstration does."""
    written = WRITER.write(a_notice(synthetic=False))

    assert "Demonstration" not in written.en.text + written.en.html
    assert "Démonstration" not in written.fr.text + written.fr.html


def test_titles_cannot_break_out_of_the_page_or_the_subject() -> None:
    item = OverdueItem(
        key="p:D-1", title="<script>alert(1)</script>", due=date(2019, 12, 1), days=64
    )
    subject = leadership()
    subject = replace(subject, name=replace(subject.name, en="A\r\nBcc: x@example"))

    written = WRITER.write(a_notice(a_sample(overdue=(item,)), subject=subject))

    assert "<script>" not in written.en.html
    assert "&lt;script&gt;" in written.en.html
    assert "<script>alert(1)</script> (1 Dec, 64 days)" in written.en.text
    assert "\n" not in written.en.subject
    assert "\r" not in written.en.subject


@pytest.mark.parametrize("kind", list(NoticeKind))
@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(a_sample(), id="due items"),
        pytest.param(counts(80, 88, window=(12, 20)), id="window"),
        pytest.param(counts(1, 1, overdue=()), id="one of one"),
        pytest.param(
            a_sample(numerator=None, denominator=None, attainment=None, due=None, due_done=None),
            id="nothing known",
        ),
        pytest.param(
            a_sample(
                kind=Kind.OBSERVED,
                due=None,
                due_done=None,
                numerator=Decimal(5),
                denominator=Decimal(9),
                terms=Terms(definition_version=1, target_low=Decimal("0.7")),
                overdue=(),
            ),
            id="observed",
        ),
        pytest.param(
            a_sample(
                kind=Kind.MILESTONES,
                due=Decimal("0.4"),
                due_done=Decimal("0.2"),
                numerator=Decimal("0.2"),
                denominator=Decimal(1),
            ),
            id="milestones",
        ),
        pytest.param(a_sample(period="2019-2022", due_by=None), id="cycle"),
    ],
)
def test_every_kind_of_notice_has_its_words_in_both_languages(
    kind: NoticeKind, sample: Sample
) -> None:
    notice = a_notice(
        sample,
        kind=kind,
        previous_level=Level.WARNING,
        acknowledgement=Acknowledgement(by="demo-director:SGO", at=NINE, comment="Soon."),
    )

    written = WRITER.write(notice)

    assert written.error is None
    for message in (written.en, written.fr):
        assert "None" not in message.subject + message.text
        assert message.text.count("\n") >= 4
        assert "  " not in message.text
    for reason in WRITER.reason(notice):
        assert "None" not in reason
    for text in (written.fr.subject, written.fr.text, WRITER.reason(notice)[1]):
        assert_well_set(text)


def test_what_else_is_said_in_french_is_well_set_and_no_english() -> None:
    said: list[Any] = [  # pairs of two kinds, alike in en and fr
        *(text for problem in OWN_PROBLEMS for text in (problem.title, problem.meaning)),
        *(sentence for pair in RULE_WORDS.values() for sentence in pair),
    ]
    for text in said:
        assert text.en.strip()
        assert text.en != text.fr
        assert_well_set(text.fr)
    assert_well_set(AlertNotFoundError.fr)


def test_both_languages_have_the_same_templates_and_macros() -> None:
    english, french = (
        {path.name: set(re.findall(r"{% macro (\w+)", path.read_text("utf-8"))) for path in folder}
        for folder in (sorted((TEMPLATES / language).glob("*.jinja")) for language in ("en", "fr"))
    )
    assert english.keys() == french.keys()
    # An English verb and a French participle agree with their count each in its own way.
    assert {name: macros - {"are", "were", "done"} for name, macros in english.items()} == {
        name: macros - {"are", "were", "done"} for name, macros in french.items()
    }
    assert {kind.value for kind in NoticeKind} | {"reminder"} == set(KINDS)


def assert_well_set(text: str) -> None:
    """French puts a narrow space before its tall signs, and writes a curved apostrophe."""
    text = re.sub(r"http\S+", "", text)
    for fault in (r"(?<![\u202f\u00a0])[;:!?»](?=\s|$)", r"«(?![\u202f\u00a0])", r" %", "'"):
        found = re.search(fault, text)
        assert found is None, text[max(0, found.start() - 30) : found.end() + 10]


def test_a_diluted_collapse_is_told_by_what_fell_due_last() -> None:
    text = WRITER.write(a_notice(counts(80, 88, window=(12, 20)))).en.text

    assert (
        "Of 88 due by 4 January 2020, 80 are released; of the 20 that fell due last, 12 are. "
        "If work were normal (95 % done), so few would occur about once in 350,000." in text
    )


def test_few_items_are_told_without_odds() -> None:
    text = WRITER.write(a_notice(counts(5, 7))).en.text

    assert "Of 7 due by 4 January 2020, 5 are released.\n" in text
    assert "once in" not in text


def test_what_was_observed_is_told_against_what_was_approved() -> None:
    sample = a_sample(
        kind=Kind.OBSERVED,
        status=Status.AT_RISK,
        due=None,
        numerator=Decimal(5),
        denominator=Decimal(9),
        overdue=(),
        terms=Terms(definition_version=1, target_low=Decimal("0.7"), target_high=Decimal("0.9")),
    )

    written = WRITER.write(a_notice(sample))

    assert "Measured: 5 of 9; approved: 70 % to 90 %." in written.en.text
    assert (
        "Mesuré\u202f: 5 sur 9\u202f; approuvé\u202f: de 70\u202f% à 90\u202f%." in written.fr.text
    )


def test_an_amendment_is_told_by_what_changed_and_never_as_a_recovery() -> None:
    sample = counts(26, 26, overdue=())
    former = replace(sample.terms, definition="d0", estimate=Decimal(71))
    notice = a_notice(sample, kind=NoticeKind.TARGET_AMENDED, former=former)

    written = WRITER.write(notice)

    assert written.en.subject == (
        "[Amended] Leadership, guidance and support (SG): the estimate was revised from 71 to 61"
    )
    assert written.en.text.split("\n")[2] == (
        "The estimate of SG was revised from 71 to 61. How SG is measured or judged was changed. "
        "Measured by this there is no deviation any more. "
        "The alert of 3 February 2020 is closed because of this change, not because of work done."
    )
    assert written.fr.text.split("\n")[2] == (
        "L’estimation de SG a été révisée de 71 à 61. "
        "La façon de mesurer ou d’évaluer SG a été modifiée. "
        "Sur cette base, il n’y a plus d’écart. L’alerte du 3 février 2020 est close "
        "en raison de cette modification, et non grâce au travail accompli."
    )


def test_a_fall_of_what_is_due_is_told_as_replanned() -> None:
    sample = counts(20, 20, overdue=())
    terms = replace(sample.terms, due=Decimal(20), done=Decimal(20))
    former = replace(terms, due=Decimal(26))
    notice = a_notice(replace(sample, terms=terms), kind=NoticeKind.TARGET_AMENDED, former=former)

    written = WRITER.write(notice)

    assert written.en.subject.endswith("(SG): re-planned, 20 are due instead of 26")
    assert written.en.text.split("\n")[2].startswith(
        "SG was re-planned: 20 are due by now, 26 before. "
        "Measured by this there is no deviation any more. "
    )
    assert written.fr.subject.endswith("replanifié, 20 attendus au lieu de 26")
    assert_well_set(written.fr.text)


def test_a_changed_target_is_told_with_the_former_one() -> None:
    sample = a_sample(
        kind=Kind.OBSERVED,
        terms=Terms(definition_version=1, target_low=Decimal("0.6"), target_high=Decimal("0.8")),
    )
    former = Terms(definition_version=1, target_low=Decimal("0.9"))

    written = WRITER.write(a_notice(sample, kind=NoticeKind.TARGET_AMENDED, former=former))

    assert written.en.subject.endswith(": the approved target was changed")
    assert (
        "The approved target of SG was changed: 60 % to 80 %, before at least 90 %. Measured"
        in written.en.text
    )
    assert (
        "La cible approuvée de SG a été modifiée\u202f: de 60\u202f% à 80\u202f%, "
        "auparavant au moins 90\u202f%. Sur" in written.fr.text
    )


def test_a_changed_rule_and_a_retired_indicator_are_told_as_such() -> None:
    changed = WRITER.write(a_notice(kind=NoticeKind.RULE_CHANGED))
    retired = WRITER.write(a_notice(kind=NoticeKind.SUBJECT_RETIRED))

    assert changed.en.subject.startswith("[Rule changed] ")
    assert changed.fr.subject.startswith("[Règle modifiée] ")
    assert "by the new one SG raises none. The alert of 3 February 2020" in changed.en.text
    assert retired.fr.subject.startswith("[Ne figure plus au plan] ")
    assert "SG is no longer in the plan. The alert of 3 February 2020" in retired.en.text
    for written in (changed, retired):
        assert "recover" not in written.en.text.lower()
        assert "rétabli" not in written.fr.text.lower()


def test_the_reason_is_one_sentence_that_names_the_items() -> None:
    assert WRITER.reason(a_notice()) == (
        "Of 26 due by 4 January 2020, 20 are released; overdue: Guide on transit guarantees "
        "(30 Nov, 65 days), Workshop on risk profiles (13 Dec, 52 days), and 4 more.",
        "Sur 26 attendus au 4 janvier 2020, 20 sont réalisés\u202f; en retard\u202f: Guide on "
        "transit guarantees (30 nov., 65 jours), Workshop on risk profiles (13 déc., 52 jours) "
        "et 4 autres.",
    )


def test_what_is_missing_without_a_date_is_said_when_all_that_was_due_is_released() -> None:
    sample = a_sample(
        due=Decimal(26),
        due_done=Decimal(26),
        numerator=Decimal(29),
        expected_lagged=Decimal(36),
        overdue=(),
    )

    english, french = WRITER.reason(a_notice(sample))

    assert english == (
        "All 26 due by 4 January 2020 are released. With a share of what has no date, 36 were "
        "expected by then; 29 are done."
    )
    assert french == (
        "Les 26 attendus au 4 janvier 2020 sont tous réalisés. Avec une part de ce qui n’a pas de "
        "date, 36 étaient attendus à cette date\u202f; 29 sont réalisés."
    )


@pytest.mark.parametrize(
    "template",
    ["{{ nobody.knows }}", "{{ 1 / 0 }}", "{% if %}", "{{ sample.judged_on|nofilter }}"],
)
def test_a_template_that_fails_is_replaced_and_noted_never_dropped(template: str) -> None:
    broken = DictLoader(
        {
            f"{lang}/{name}.jinja": template
            for lang in ("en", "fr")
            for name in ("subject", "body", "reason")
        }
    )

    written = JinjaWriter(links=LINKS, demo=True, loader=broken).write(a_notice())

    assert written.error
    assert written.en.subject == "[Critical] SG: raised"
    assert SG in written.en.text
    assert written.fr.subject.startswith("[Critique] SG")
    assert JinjaWriter(links=LINKS, demo=True, loader=broken).reason(a_notice())[0]


@pytest.mark.parametrize(
    ("day", "english", "french"),
    [
        (date(2020, 1, 1), "1 January 2020", "1er janvier 2020"),
        (date(2020, 8, 31), "31 August 2020", "31 août 2020"),
    ],
)
def test_dates_as_people_say_them(day: date, english: str, french: str) -> None:
    assert Phrases(language="en").long_day(day) == english
    assert Phrases(language="fr").long_day(day) == french


def test_a_day_of_long_ago_carries_its_year() -> None:
    english, french = Phrases(language="en"), Phrases(language="fr")

    assert english.short_day(date(2019, 9, 1), seen_on=MONDAY) == "1 Sep"
    assert french.short_day(date(2019, 9, 1), seen_on=MONDAY) == "1er sept."
    assert english.short_day(date(2018, 9, 1), seen_on=MONDAY) == "1 Sep 2018"


def test_thousands_and_percentages() -> None:
    english, french = Phrases(language="en"), Phrases(language="fr")

    assert (english.number(12_345), french.number(12_345)) == ("12,345", "12\u202f345")
    assert (english.percent(Fraction(1, 8)), french.percent(Fraction(1, 8))) == (
        "12.5 %",
        "12,5\u202f%",
    )
    assert english.percent(Decimal("0.9")) == "90 %"
