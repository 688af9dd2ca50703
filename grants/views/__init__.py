"""Public pages: calls, notices and objections; the register of funded projects."""
