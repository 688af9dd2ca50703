"""From where on something is a signal. Change a number here; tests plant each one.

None of them is a rule of law: they are starting points for looking.
"""

from datetime import timedelta
from decimal import Decimal

#: Two projects of one organisation are similar from this share of common words on.
SIMILAR_TITLE = 0.8
SIMILAR_TEXT = 0.6
#: In another year, when the earlier project is over, this share is no continuation.
RENEWED_TEXT = 0.9
#: Texts of different organisations or years are compared from this length on; clauses
#: too. A clause that more texts than these have is a phrase of the form.
SHORTEST_TEXT = 300
SHORTEST_CLAUSE = 6
CROWD = 30
#: Characters of a text that are compared.
COMPARED = 2000

#: Expenses for which organisations commonly need several quotations (CNY), beside
#: the limits of the programme's chain of approvals.
EXPENSE_LIMITS = (Decimal("10000.00"),)
#: "Just under" begins at this share of a limit.
NEAR = Decimal("0.80")
#: Smaller ones count from this share of a limit on, and from this number on.
SMALL = Decimal("0.20")
SMALL_TIMES = 3
#: Payments to one payee within this time are looked at together.
TOGETHER = timedelta(days=15)

#: A payee stands out who is paid this often in a project, takes this share of what it
#: spends, and does so in projects of so many organisations. One person's fees stand
#: out in as many.
OFTEN = 3
PAYEE_SHARE = Decimal("0.50")
PAYEE_OWNERS = 2

#: An approval this soon after what it approves was hardly read.
QUICK = timedelta(seconds=60)

#: Office acts from this hour of the evening until that of the morning, local time.
NIGHT_BEGINS, NIGHT_ENDS = 22, 6

#: Figures and characters that a telephone or an account needs to be compared.
SHORTEST_NUMBER = 7
