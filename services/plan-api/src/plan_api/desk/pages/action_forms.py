"""The forms on the page of an Action: start, complete, cancel."""

from plan_api.desk.pages.forms import VERSION, Field, Form
from plan_api.desk.pages.words import DeskWords
from plan_api.implementation.model import Action, ActionState


def action_forms(words: DeskWords, action: Action) -> dict[str, Form]:
    """What an Action can take in its present state, by the last part of the address."""
    _ = words.texts.gettext
    forms: dict[str, Form] = {}
    if action.state is ActionState.PLANNED:
        forms["start"] = _form(
            words, action, "start", (_("Start"), _("Start the Action")), _("When did it begin?")
        )
    if action.is_open:
        forms["complete"] = _form(
            words,
            action,
            "complete",
            (_("Complete"), _("Complete the Action")),
            _("When was it completed?"),
            _("All its Deliverables are released, reached or cancelled first."),
        )
        forms["cancel"] = _form(
            words,
            action,
            "cancel",
            (_("Cancel"), _("Cancel the Action")),
            _("When was it given up?"),
            _("Its Deliverables stay due unless they are cancelled themselves."),
        )
    return forms


def _form(
    words: DeskWords, action: Action, name: str, said: tuple[str, str], asked: str, lead: str = ""
) -> Form:
    today = words.format.today.isoformat()
    return Form(
        name=name,
        action=f"/actions/{action.key}/{name}",
        title=said[0],
        button=said[1],
        lead=lead,
        fields=(
            Field(name=VERSION, kind="hidden", values=(str(action.version),)),
            Field(name="on", label=asked, kind="date", values=(today,)),
        ),
    )
