"""The bureau's lists: what they show, for whom, on the page and as a spreadsheet.

    columns   one column: header, kind, where its value comes from
    facts     values of a case, read or computed
    cases     lists with a row per case: applications, awards, the register …
    payments  lists with a row per tranche
    overdue   who is late, with a row per open task
    table     one list for one reader: chosen columns, rows, totals
    xlsx      the same as a spreadsheet

Columns and their order are OFFICER.md §1.
"""
