"""How long which paper of a case or a round is kept, by the kind of the paper.

A funded project's papers: vouchers and ledgers 30 years, bank statements 10, an annual
financial report for ever (会计档案管理办法), all else with the project's file (CONV).
Those of an application that came to nothing: 3 years (CONV), but for what an auditor
found. A paper that a programme asks for under a code of its own goes with the file.
"""

from attachments.retention import Period

VOUCHERS = (
    "receipt",
    "payment_receipts",
    "expense_proof",
    "payment_proof",
    "refund_proof",
    "original_vouchers",
)
#: Books of account, and the package that they are handed in with.
LEDGERS = ("ledger", "service_ledger", "midterm_finances", "closure_package")
BANK_STATEMENTS = ("bank_statement", "bank_statements")
ANNUAL_REPORTS = ("annual_report",)

OF_PROJECT = (
    {"": Period.PROJECT_FILE}
    | dict.fromkeys((*VOUCHERS, *LEDGERS), Period.VOUCHERS)
    | dict.fromkeys(BANK_STATEMENTS, Period.BANK_STATEMENTS)
    | dict.fromkeys(ANNUAL_REPORTS, Period.PERMANENT)
)
OF_APPLICATION = {"": Period.REJECTED, "finding": Period.PROJECT_FILE}
#: Minutes and lists, on which the files of its projects rest.
OF_ROUND = {"": Period.PROJECT_FILE}
