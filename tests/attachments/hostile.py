"""The whole corpus: every file that is refused, with its words."""

from tests.attachments.corpus import CORPUS
from tests.attachments.corpus_compound import LONG_WINDED, LYING
from tests.attachments.corpus_zip import KINDS, UNLIKE

EVERYTHING = CORPUS + LYING + LONG_WINDED + UNLIKE + KINDS
