"""Each form's own example, with its files named as people here name them."""

from typing import Any

from grants.actions import ACTIONS
from organisations.models import User

#: What the forms' examples call their files, and what people here call them.
FILES = {
    "agreement.pdf": "协议书盖章扫描件.pdf",
    "audit-report.pdf": "专项审计报告.pdf",
    "closure.pdf": "结项材料汇编.pdf",
    "declaration.pdf": "情况说明.pdf",
    "evidence.pdf": "佐证材料.pdf",
    "example.pdf": "材料.pdf",
    "invoice.pdf": "发票.pdf",
    "minutes.pdf": "会议纪要盖章扫描件.pdf",
    "picture.pdf": "活动照片.pdf",
    "receipt.pdf": "收据.pdf",
    "rectification.pdf": "整改报告.pdf",
    "refund.pdf": "退款凭证.pdf",
    "report.pdf": "阶段报告.pdf",
    "sign-in.pdf": "活动签到表.pdf",
    "visit.pdf": "走访照片.pdf",
    "visit-2.pdf": "走访照片（二）.pdf",
}


def example_of(action: str, target: Any, by: User | None) -> dict[str, Any]:
    """The body that the form of an action suggests."""
    return _named(ACTIONS[action].example(target, by))


def _named(value: Any) -> Any:
    """An example's body with its files named as people here name them."""
    if isinstance(value, list):
        return [_named(each) for each in value]
    if isinstance(value, dict):
        if "content_base64" in value:
            return value | {"name": FILES[value["name"]]}
        return {key: _named(each) for key, each in value.items()}
    return value
