"""Words for what the record and the pages name by a code.

A verb of the record is an action's name, an automatic step or an act of the
house; the page shows its label, never the code.
"""

from functools import cache
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from audit.selectors import TimelineEntry
from grants.actions import ACTIONS
from grants.lifecycle import PHASES
from grants.models import Role
from organisations.models import MembershipRole
from workflows.diagram import title_of
from workflows.flows import FLOWS

#: Verbs that are no action of a person: automatic steps and acts of the house.
VERBS: dict[str, Any] = {
    "create_draft": _("Draft created"),
    "expire_draft": _("Draft expired at the deadline"),
    "lapse_correction": _("Correction was not sent in time"),
    "close_panel": _("Panel complete, score computed"),
    "close_notice": _("Public notice over"),
    "release_waitlist": _("Released from the wait list"),
    "lapse": _("Award lapsed at the deadline"),
    "open_stage": _("Stage opened"),
    "close_stage": _("Stage closed"),
    "mark_report_late": _("Report is late"),
    "fail_rectification": _("Rectification was not sent in time"),
    "claim": _("Claim"),
    "release": pgettext_lazy("task", "Release"),
    "reassign": _("Reassign"),
    "add_document": _("Document added"),
    "add_version": _("New version of a document"),
    "date_paper": _("Dates of a paper noted"),
    "open_version": _("Document opened"),
    "open_link": _("Link to a file opened"),
    "scan": _("Scanned for viruses"),
    "export_paper": _("Paper downloaded"),
    "read": _("Read"),
    "fire_timer": _("A deadline arrived"),
    "timer_failed": _("An automatic step failed"),
    "remind": _("Reminder sent"),
    "record_account": _("Bank account entered"),
    "record_profile": _("Profile of the organisation changed"),
    "create_round": _("Round set up"),
    "update_round": _("Round changed"),
    "publish_round": _("Round published"),
    "rehearse_round": _("Round rehearsed"),
    "change_rules": _("Rules changed"),
    "use_rules": _("Rules of the round changed"),
    "export": _("Exported"),
    "record_intervention": _("Intervention recorded"),
    "ask_dossier": _("Dossier asked for"),
    "list_cases": _("Cases of the round listed for a dossier"),
    "erase_personal_data": _("Personal data erased"),
    "erase_person": _("Person erased"),
    "ask_bundle": _("Documents of a case asked for"),
    "take_export": _("Finished file fetched"),
    "drop_export": _("File thrown away because of a virus"),
    "change_message": _("Text of a message changed"),
    "reset_message": _("Text of a message set back to the default"),
    "change_mailing": _("Mailing of messages changed"),
    "save_search": _("Search saved"),
    "delete_search": _("Saved search deleted"),
    "choose_mail": _("Choice of mails changed"),
    "propose_lift": _("Lifting of the exclusion proposed"),
    "decide_lift": _("Lifting of the exclusion decided"),
    "make_cover": _("Leave cover set up"),
    "end_cover": _("Leave cover ended"),
    "give_new_permissions": _("Roles may take new actions"),
    "attempt": _("Attempt"),
    "sign_in": _("Sign-in"),
    "second_factor": _("Second factor"),
    "api_token": _("Access key"),
    "lock_out": _("Locked out after failed sign-ins"),
    "account_login": _("Signed in"),
    "account_logout": _("Signed out"),
    "account_change": _("Password changed"),
    "account_activate": _("Second factor set up"),
    "account_deactivate": _("Second factor removed"),
    "account_authenticate": _("Signed in with the second factor"),
    "account_again": _("Second factor given again"),
    "account_codes": _("Recovery codes shown"),
    "account_renew": _("Recovery codes renewed"),
    "reset_second_factor": _("Second factor reset by an administrator"),
    "create_people": _("Accounts opened"),
    "create_programme": _("Programme set up"),
    "admit_organisation": _("Organisation admitted"),
    "add_member": _("Member added"),
    "grant_role": _("Role granted"),
    "revoke_role": _("Role taken away"),
    "note_role": _("Role noted in the programme"),
    "create_person": _("Account opened"),
    "deactivate_user": _("Account closed"),
    "create_organisation": _("Organisation registered"),
    "end_membership": _("Membership ended"),
    "choose_language": _("Language chosen"),
    "issue_token": _("Access key issued"),
    "revoke_token": _("Access key revoked"),
    "rehearse": _("Rehearsed"),
    "set_retention": _("Papers to be kept until a day"),
    "keep_documents": _("Papers kept by the storage"),
    "hold_versions": _("Legal hold carried out by the storage"),
    "sync_round": _("Round brought up to date"),
    "migrate": _("Database updated"),
    "schema.adopt": _("Structure of the database taken over"),
    "schema.change": _("Structure of the database changed"),
    "stream.open": _("Record opened"),
    "arrange": _("Arranged for the demo"),
    "seed_demo": _("Demo set up"),
}

PHASE_LABELS: dict[str, Any] = {
    "asking": _("Applying and review"),
    "deciding": _("Decision and agreement"),
    "running": _("Project running"),
    "ended": _("Ended"),
}

ROLE_LABELS: dict[str, Any] = {
    **{role.value: role.label for role in Role},
    **{role.value: role.label for role in MembershipRole},
}

PHASE_OF_STATUS = {
    status.value: phase for phase, statuses in PHASES.items() for status in statuses
}

#: What each kind of document is called.
DOCUMENT_KINDS: dict[str, Any] = {
    "sealed_copy": _("Sealed copy"),
    "screening": _("Proof of the screening"),
    "answer": _("File of an answer"),
    "agreement": _("Sealed agreement"),
    "agreement_applicant": _("Copy sealed by the applicant"),
    "applicant_copy": _("Copy sealed by the applicant"),
    "minutes": _("Meeting minutes"),
    "scan": _("Meeting minutes"),
    "report": _("Report"),
    "stage_report": _("Stage report"),
    "photo": _("Photograph"),
    "visit_photo": _("Photograph"),
    "rectification": _("Rectification"),
    "objection": _("File of an objection"),
    "finding": _("Evidence of a finding"),
    "receipt": _("Receipt"),
    "audit_report": _("Audit report"),
    "refund_proof": _("Proof of the refund"),
    "closure": _("Closure package"),
    "closure_package": _("Closure package"),
    "declaration": _("Sealed declaration"),
    "decline": _("Sealed declaration"),
    "sealed_application": _("Signed and sealed application form"),
    "change_request": _("File of a change request"),
    "service_picture": _("Picture of an activity"),
    "sign_in_sheet": _("Sign-in sheet"),
    "defence_minutes": _("Minutes of the defences"),
    "expense_proof": _("Proof of an expense"),
    "other": _("Other document"),
}


def action_label(name: str) -> str:
    """The label of an action, or of a verb that is none."""
    return verb_label(name)


def verb_label(verb: str) -> str:
    """Words for a verb of the record; a refused attempt says so."""
    if verb.startswith("refused:"):
        return _("Refused: %s") % verb_label(verb.removeprefix("refused:"))
    if verb in ACTIONS:
        return str(ACTIONS[verb].label)
    if verb in VERBS:
        return str(VERBS[verb])
    return node_label(verb)


#: What an act may come from beside a network address.
SOURCES: dict[str, Any] = {
    "sweep": _("Automatic step"),
    "task": _("Background task"),
    "command": _("Command on the server"),
}


def origin_words(entry: TimelineEntry) -> str:
    """Where an act came from, in words; "" where the record does not say."""
    if entry.origin_erased:
        return gettext("erased")
    kind, _colon, name = entry.origin.partition(":")
    label = SOURCES.get(kind)
    return f"{label}: {name}" if label else entry.origin


def node_label(name: str) -> str:
    """The title of a flow's node that moved a case, or of its deadline."""
    node, _separator, boundary = name.partition("__")
    if node not in nodes_of_flows():
        return name.replace("_", " ").replace(":", ": ").capitalize()
    title = title_of(nodes_of_flows()[node])
    return gettext("Deadline passed: %s") % title if boundary else title


@cache
def nodes_of_flows() -> dict[str, Any]:
    """The nodes of all flows by name; one title serves where two share it."""
    return {node.name: node for flow in FLOWS for node in flow.instance.nodes()}


def phase_of(status: str) -> str:
    """The phase of a status: asking, deciding, running or ended."""
    return PHASE_OF_STATUS.get(status, "ended")


def role_label(role: str) -> str:
    return str(ROLE_LABELS.get(role, role))


def group_label(name: str) -> str:
    """A group of a programme's role ("GYCT:finance") as people call it."""
    programme, _colon, role = name.rpartition(":")
    return f"{programme} {role_label(role)}".strip()


def document_kind(kind: str) -> str:
    return str(DOCUMENT_KINDS.get(kind, kind.replace("_", " ").capitalize()))


def audience_of(item: Any) -> str:
    """Who an open item waits for, in words."""
    if item.membership_role:
        return role_label(item.membership_role)
    return role_label(item.role) if item.role else str(_("Its reviewer"))
