"""All signals, in the order of the page."""

from django.utils.translation import gettext_lazy as _

from desk.signals.addresses import shared_addresses
from desk.signals.base import Signal
from desk.signals.contacts import shared_contacts
from desk.signals.editing import edits_after_locking
from desk.signals.hours import odd_hours
from desk.signals.money import repeated_invoices, shared_accounts
from desk.signals.payees import fees_in_one_hand, related_payees, repeated_payees
from desk.signals.people import both_sides
from desk.signals.projects import funded_twice
from desk.signals.splitting import split_amounts
from desk.signals.timing import quick_approvals

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
        _("The same project funded twice"),
        _(
            "One organisation, two rounds or tiers of one time, and titles or texts "
            "that are nearly the same; the same text almost word for word in another "
            "year; or funded projects of several organisations with nearly one text, "
            "where it is long enough to tell. Ask whether the same costs are paid "
            "twice, and who wrote the text."
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
            "organisation with the same legal representative. Blanks, marks, widths "
            "and legal forms make no difference to a name."
        ),
        related_payees,
    ),
    Signal(
        "repeated_payees",
        _("One payee takes most of several projects"),
        _(
            "Projects of several organisations pay one and the same payee again and "
            "again, and most of what they spend. Ask who owns it, how it was chosen, "
            "and whether it delivered."
        ),
        repeated_payees,
    ),
    Signal(
        "fees_in_one_hand",
        _("Fees in one hand"),
        _(
            "One person is paid fees or wages by projects of several organisations, or "
            "entered the expenses that paid them. Compare the receipts: whose hand "
            "signed them, and was the person there on those days?"
        ),
        fees_in_one_hand,
    ),
    Signal(
        "split_amounts",
        _("Amounts split under a limit"),
        _(
            "Several payments to one payee within days pass a limit of approval "
            "together, which each of them stays under: two just under it, or three "
            "and more small ones."
        ),
        split_amounts,
    ),
    Signal(
        "edits_after_locking",
        _("Changed after locking"),
        _(
            "A locked score was reopened and locked with other figures or criteria; or "
            "figures of a stage, its indicators or its ledger changed after the "
            "report had been checked or the stage had ended; or an amount after its "
            "payment was approved. Read the reason and compare before and after."
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
        "odd_hours",
        _("Work at odd hours"),
        _(
            "Offices and reviewers acted between 22:00 and 06:00; or somebody decided, "
            "or let money go, on a weekend or public holiday. Weekend days that are "
            "worked for a holiday count as working days. Before a deadline this may "
            "be ordinary."
        ),
        odd_hours,
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
