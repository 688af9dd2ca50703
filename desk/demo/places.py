"""Districts and counties of the demo city, before and after April 2021.

The reform was published on 9 April 2021 (OFFICER §3): applications filed before
carry the old districts. Codes are GB/T 2260.
"""

from datetime import date

from grants.models import District
from organisations.models import Organisation

#: The demo's register begins here; earlier changes are not told.
BEGIN = date(2018, 1, 1)
REFORM = date(2021, 4, 9)
EVE = date(2021, 4, 8)

#: code, Chinese, English, from, to
DISTRICTS: tuple[tuple[str, str, str, date, date | None], ...] = (
    ("330102", "上城区", "Shangcheng (before 2021)", BEGIN, EVE),
    ("330103", "下城区", "Xiacheng", BEGIN, EVE),
    ("330104", "江干区", "Jianggan", BEGIN, EVE),
    ("330105", "拱墅区", "Gongshu (before 2021)", BEGIN, EVE),
    ("330110", "余杭区", "Yuhang (before 2021)", BEGIN, EVE),
    ("330102", "上城区", "Shangcheng", REFORM, None),
    ("330105", "拱墅区", "Gongshu", REFORM, None),
    ("330106", "西湖区", "Xihu", BEGIN, None),
    ("330108", "滨江区", "Binjiang", BEGIN, None),
    ("330109", "萧山区", "Xiaoshan", BEGIN, None),
    ("330110", "余杭区", "Yuhang", REFORM, None),
    ("330111", "富阳区", "Fuyang", BEGIN, None),
    ("330112", "临安区", "Lin'an", BEGIN, None),
    ("330113", "临平区", "Linping", REFORM, None),
    ("330114", "钱塘区", "Qiantang", REFORM, None),
    ("330122", "桐庐县", "Tonglu", BEGIN, None),
    ("330127", "淳安县", "Chun'an", BEGIN, None),
    ("330182", "建德市", "Jiande", BEGIN, None),
)
#: What a place of today belonged to before the reform.
BEFORE = {"330113": "330110", "330114": "330104"}
CODES = {zh: code for code, zh, _en, _since, until in DISTRICTS if until is None}


def code_on(name: str, day: date) -> str:
    """The code of a place of today as it was on a day."""
    code = CODES[name]
    return BEFORE.get(code, code) if day < REFORM else code


def bureau_name(district: str) -> str:
    return f"{district}民政局（演示）"


def make_districts(bureaus: dict[str, Organisation]) -> None:
    """Write the districts; `bureaus` by Chinese name."""
    District.objects.bulk_create(
        District(
            code=code,
            name_zh=zh,
            name_en=en,
            valid_from=since,
            valid_to=until,
            bureau=bureaus.get(zh),
        )
        for code, zh, en, since, until in DISTRICTS
    )
