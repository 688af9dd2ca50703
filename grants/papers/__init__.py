"""Official papers from a case's data: PDF by typst, editable DOCX by python-docx.

A paper is described once, as a `Sheet` of blocks (sheet.py), and set twice
(typeset.py, word.py). The wording is the bureau's Chinese whatever language the
reader uses; the registry (registry.py) says which papers there are, of what, in
which formats, and who may have them.
"""
