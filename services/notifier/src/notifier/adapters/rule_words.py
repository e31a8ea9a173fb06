"""What the rules say, for people: name and sentence, in English and French."""

from notifier.ports.views import Sentence

RULE_WORDS = {
    "deviation": (
        Sentence(en="Behind the plan", fr="En retard sur le plan"),
        Sentence(
            en="Warning: fewer than 90 % of what is due is done, too few for chance, for 14 days; "
            "with fewer than 8 due, two items late beyond the grace or one beyond twice the grace; "
            "observed indicators by their status. Critical: fewer than 80 % of what fell due in "
            "the recent window, or less than 75 % to date, and very unlikely by chance. "
            "It has recovered when 93 % hold for 14 days.",
            fr="Avertissement : moins de 90 % de ce qui est échu est réalisé, trop peu pour un "
            "hasard, pendant 14 jours ; avec moins de 8 échéances, deux éléments en retard au-delà "
            "du délai de grâce, ou un seul au-delà de deux fois ce délai ; les indicateurs "
            "observés selon leur état. Critique : moins de 80 % des échéances récentes, ou moins "
            "de 75 % à ce jour, et très improbable par hasard. Rétablissement : 93 % pendant "
            "14 jours.",
        ),
    ),
}
