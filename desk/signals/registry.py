"""All signals, in the order of the page."""

from django.utils.translation import gettext_lazy as _

from desk.signals.addresses import shared_addresses
from desk.signals.base import Signal
from desk.signals.contacts import shared_contacts
from desk.signals.money import repeated_invoices, shared_accounts, split_amounts
from desk.signals.people import both_sides, related_payees
from desk.signals.projects import funded_twice
from desk.signals.timing import edits_after_locking, night_work, quick_approvals

SIGNALS = (
    Signal(
        "both_sides",
        _("The same person on both sides"),
        _(
            "A member of an applicant organisation, now or earlier, also reviews, "
            "supervises, evaluates, pays or decides. Compare since when both hold, and "
            "whether a conflict was declared."
        ),
        both_sides,
    ),
    Signal(
        "funded_twice",
        _("The same project in two rounds"),
        _(
            "One organisation, one year, two rounds or tiers, and titles or texts that "
            "are nearly the same. Ask whether the same costs are paid twice."
        ),
        funded_twice,
    ),
    Signal(
        "repeated_invoices",
        _("The same invoice more than once"),
        _(
            "One invoice or receipt number stands on several entries, however it is "
            "written. An entry that was voided and made again in its own project is "
            "left out."
        ),
        repeated_invoices,
    ),
    Signal(
        "related_payees",
        _("A payee related to the legal representative"),
        _(
            "Money of the project went to the legal representative, or to another "
            "organisation with the same legal representative."
        ),
        related_payees,
    ),
    Signal(
        "split_amounts",
        _("Amounts split under a limit"),
        _(
            "Several payments to one payee within days, each just under a limit of "
            "approval, which they pass together."
        ),
        split_amounts,
    ),
    Signal(
        "edits_after_locking",
        _("Scores changed after locking"),
        _(
            "A locked score was reopened and locked with other figures. Read the "
            "reason and compare both sheets."
        ),
        edits_after_locking,
    ),
    Signal(
        "quick_approvals",
        _("Approvals within seconds"),
        _(
            "What was approved could hardly have been read: the approval follows "
            "within a minute."
        ),
        quick_approvals,
    ),
    Signal(
        "night_work",
        _("Work at night"),
        _("Offices and reviewers acted between 22:00 and 06:00."),
        night_work,
    ),
    Signal(
        "shared_accounts",
        _("One bank account, several organisations"),
        _(
            "Several organisations are paid into the same account. The account of a "
            "financial custodian counts as the custodian's own."
        ),
        shared_accounts,
    ),
    Signal(
        "shared_contacts",
        _("One telephone or e-mail, several organisations"),
        _(
            "Organisations that should compete give the same telephone or e-mail "
            "address, in an application, in the profile or of their members."
        ),
        shared_contacts,
    ),
    Signal(
        "shared_addresses",
        _("One network address, several organisations"),
        _(
            "Different people of several organisations submitted in one round from the "
            "same address. A campus, an office building or a mobile network explains "
            "many: all who sit behind one router have one address."
        ),
        shared_addresses,
    ),
)
