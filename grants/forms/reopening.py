"""The form that confirms a reopening; the target is a Case."""

from typing import Any

from grants.forms.terminating import ConfirmForm
from grants.services.reopening import reopening_obstacles
from grants.services.terminating import CONFIRM, REJECT


class ConfirmReopeningForm(ConfirmForm):
    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        found = reopening_obstacles(targets)
        for case in targets:
            case.reopening_obstacle = found[case.pk]

    def example(self) -> dict[str, Any]:
        """Confirm; while something stands against it, do not."""
        known = self.target.__dict__
        if "reopening_obstacle" in known:
            obstacle = known["reopening_obstacle"]
        else:
            obstacle = reopening_obstacles([self.target])[self.target.pk]
        if obstacle is None:
            return {"outcome": CONFIRM, "reason": ""}
        return {"outcome": REJECT, "reason": str(obstacle.message)}
