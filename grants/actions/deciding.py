"""Actions of deciding: from the committee's list to the signed agreement."""

from django.utils.translation import gettext_lazy as _

from grants.actions.base import Action
from grants.forms.contracting import (
    AcceptPlanForm,
    CountersignForm,
    RevisePlanForm,
    SignForm,
)
from grants.forms.deciding import (
    AwardListForm,
    ConfirmDecisionForm,
    DecideListForm,
    DeclineForm,
    OfferPlaceForm,
    PublishNoticeForm,
    RecordMeetingForm,
)
from grants.forms.objecting import (
    AcceptObjectionForm,
    ObjectForm,
    RuleOnObjectionForm,
)
from grants.services import contracting, deciding, objecting

DECIDING = (
    Action(
        "decide_list",
        _("Decide the list"),
        DecideListForm,
        deciding.decide_list,
        of="round",
        confirms=True,
    ),
    Action(
        "confirm_decision",
        _("Confirm decision"),
        ConfirmDecisionForm,
        deciding.confirm_decision,
        of="round",
        confirms=True,
    ),
    Action(
        "record_meeting",
        _("Record meeting minutes"),
        RecordMeetingForm,
        deciding.record_meeting,
        of="round",
        confirms=True,
    ),
    Action(
        "publish_notice",
        _("Publish notice"),
        PublishNoticeForm,
        deciding.publish_notice,
        of="round",
        confirms=True,
    ),
    Action("object", _("Object"), ObjectForm, objecting.object_to, free=True),
    Action(
        "accept_objection",
        _("Accept objection"),
        AcceptObjectionForm,
        objecting.accept_objection,
        of="objection",
        confirms=True,
    ),
    Action(
        "rule_on_objection",
        _("Rule on the objection"),
        RuleOnObjectionForm,
        objecting.rule_on_objection,
        of="objection",
        confirms=True,
    ),
    Action(
        "award_list",
        _("Issue award letter"),
        AwardListForm,
        deciding.award_list,
        of="round",
        confirms=True,
    ),
    Action(
        "offer_place",
        _("Offer a place"),
        OfferPlaceForm,
        deciding.offer_place,
        of="round",
        confirms=True,
    ),
    Action(
        "revise_plan",
        _("Submit revised plan"),
        RevisePlanForm,
        contracting.revise_plan,
    ),
    Action(
        "accept_plan",
        _("Accept the revised plan"),
        AcceptPlanForm,
        contracting.accept_plan,
        confirms=True,
    ),
    Action("sign", _("Confirm signature"), SignForm, contracting.sign),
    Action(
        "countersign",
        _("Countersign"),
        CountersignForm,
        contracting.countersign,
        confirms=True,
    ),
    Action(
        "decline",
        _("Decline award"),
        DeclineForm,
        deciding.decline,
        danger=True,
        free=True,
    ),
)
