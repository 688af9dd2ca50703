#!/usr/bin/env python3
"""Verify a dossier without the system that made it.

    python3 verify_dossier.py DOSSIER.zip [--key PUBLIC_KEY] [--lang zh|en]

One file, the standard library of Python 3.9 or later, no network. Exit code 0 where
everything fits and checkpoints signed with a key that you gave cover every event; 1
where something does not fit, each broken thing named; 2 where nothing is broken, but
not all of it is proven: it could have been rewritten. Take this file from the
project, not from the dossier that you distrust, and the public key from paper.

SPDX-License-Identifier: AGPL-3.0-or-later
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import re
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

MANIFEST, ABOUT, KEYS = "manifest.json", "about.json", "keys.json"
CHECKPOINTS, PROOFS = "checkpoints.jsonl", "proofs.jsonl"
STAMPS = "stamps/"  # RFC 3161, one file a checkpoint
ELSEWHERE = "elsewhere.jsonl"  # erasures told of in streams that are not here
ELSEWHERE_PROOFS = "elsewhere_proofs.jsonl"
STREAM_TEXTS = ("stream", "code", "file", "readable", "words", "values", "first_at")
INFECTED = "INFECTED"  # a version's state after the virus scan
DOCUMENTS, VERSIONS, PAPERS = (
    "documents/",
    "attachments_version",
    "attachments_document",
)
ERASE, CHUNK = "erase_personal_data", 1 << 20
TABLE_OF = {"case": "grants_case"}
#: By which column of which stream's row one finds what decided on it.
ABOVE = (
    ("case", "round_id", "grants_round"),
    ("grants_round", "programme_id", "grants_programme"),
)
LIST_CASES = "list_cases"  # an event that names the cases of a round
LINE = "v stream seq prev at verb actor for target reason reason_code request data"
LINE_KEYS = {1: {*LINE.split(), "id", "tx", "changes"}}
LINE_KEYS[2] = LINE_KEYS[1] | {"origin"}  # where the act came from
BODY = "v kind number at prev streams events root changed changes key"
BODY_KEYS = set(BODY.split())
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # nothing speaks to the terminal
UNREADABLE = (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)
MALFORMED = (ValueError, KeyError, TypeError, IndexError, AttributeError)
SKEW = 5 * 60  # seconds by which the clocks of several machines may differ
PROVEN, BROKEN, UNPROVEN = 0, 1, 2  # how it ends
#: What says that something could have been rewritten.
DOUBTS = {
    "own_keys",
    "no_keys",
    "no_cover",
    "no_begin",
    "no_end",
    "no_erasure",
    "no_list",
    "left_out",
    "no_part",
}
Anchors = dict[str, dict[int, tuple[int, str]]]  # heads by stream and checkpoint
Body = dict[str, Any]
Key = tuple[str, str]  # a row: its table, and its key as JSON
Head = tuple[int, str]  # number and hash of an event

#: What is wrong, by name: English, Chinese.
FINDINGS = {
    "archive": ("this is no dossier that can be read", "不是可读取的存证包"),
    "malformed": ("malformed", "格式错误"),
    "file_missing": ("file of the manifest is missing", "清单所列文件缺失"),
    "file_extra": ("file that the manifest does not list", "清单之外的文件"),
    "file_twice": ("file is there twice", "文件重复"),
    "file_altered": ("file is not the one of the manifest", "文件与清单不符"),
    "event_altered": ("event altered", "事件被改动"),
    "event_missing": ("event missing", "事件缺失"),
    "event_moved": ("event stands in a wrong place", "事件位置不符"),
    "chain_broken": ("event does not follow the one before it", "事件与前一事件不衔接"),
    "stream_cut": ("the end of the stream is cut off", "记录流末尾被截断"),
    "stream_longer": ("events beyond the head", "事件超出流首记载"),
    "head_differs": ("head and last event differ", "流首与末条事件不符"),
    "time_order": ("moments are out of order", "时间次序不符"),
    "row_differs": (
        "value before a change is not the known one",
        "变更前的值与记录不符",
    ),
    "code_differs": ("the record is of another case", "记录不属于此案"),
    "value_altered": ("personal value does not fit its digest", "个人信息与摘要不符"),
    "value_missing": (
        "personal value missing, never erased",
        "个人信息缺失且无删除记录",
    ),
    "document_missing": ("document missing", "文件材料缺失"),
    "document_altered": ("document is not the recorded one", "文件材料与记录不符"),
    "document_unknown": ("document that no event tells of", "无事件记载的文件材料"),
    "readable_differs": ("readable list differs from the events", "可读清单与事件不符"),
    "checkpoint_altered": ("checkpoint altered", "检查点被改动"),
    "checkpoint_order": ("checkpoints do not follow one another", "检查点前后不衔接"),
    "signature": ("signature does not fit", "签名不符"),
    "key_unknown": ("signed with an unknown key", "签名密钥未知"),
    "key_differs": (
        "key in the dossier is not a given one",
        "存证包中的公钥不是所给公钥",
    ),
    "stamp": ("time stamp is not of this checkpoint", "时间戳与检查点不符"),
    "proof": ("proof does not lead to the signed root", "证明不能导出已签名的根"),
    "proof_missing": ("no proof for this checkpoint", "缺少该检查点的证明"),
    "anchor_differs": (
        "event is not the one that a checkpoint saw",
        "事件不是检查点所见",
    ),
    "uncovered": (
        "no checkpoint covers it, so all of it could have been rewritten",
        "没有检查点覆盖，其全部内容均可能被改写",
    ),
    "erasure_unproven": (
        "said to be erased by an event that no checkpoint covers",
        "所称删除事件没有检查点覆盖",
    ),
    "case_missing": ("case of the round is missing", "本轮次的项目缺失"),
}
COUNTED = {
    "files": ("files of the manifest", "清单文件"),
    "events": ("events, their chain and their digests", "事件（链与摘要）"),
    "values": ("personal values against their digests", "个人信息（与摘要核对）"),
    "erased": ("personal values lawfully erased", "依法删除的个人信息"),
    "documents": ("documents against their events", "文件材料（与事件核对）"),
    "readable": ("readable entries against the events", "可读条目（与事件核对）"),
    "signatures": ("signatures of checkpoints", "检查点签名"),
    "proofs": ("proofs of inclusion", "包含证明"),
    "cases": ("cases that the round's events name", "轮次事件所列项目"),
    "stamps": ("time stamps against their checkpoints", "时间戳（与检查点核对）"),
}
WORDING = {
    "title": ("Dossier of {code}", "{code} 存证包"),
    "stream": ("Stream of the record", "记录流"),
    "count": ("Events", "事件数"),
    "period": ("From and to (UTC)", "起止时间（UTC）"),
    "head": ("Hash of the last event", "末条事件哈希"),
    "begins": ("Begins after event, hash", "起始于何事件之后及其哈希"),
    "made": ("Made (UTC), by", "制作时间（UTC）与制作人"),
    "documents": ("Documents", "文件材料"),
    "events": ("Events", "事件"),
    "state": ("How the rows stand at the end", "末态数据"),
    "version": ("Version", "版本"),
    "file": ("File", "文件"),
    "bytes": ("Bytes", "字节"),
    "number": ("No.", "序号"),
    "moment": ("Moment (UTC)", "时间（UTC）"),
    "act": ("Act", "行为"),
    "who": ("Who", "行为人"),
    "for": ("for", "代"),
    "reason": ("Reason", "理由"),
    "changes": ("Changes", "变更"),
    "facts": ("Facts", "事实"),
    "nothing": ("–", "–"),
    "erased": ("[erased]", "〔已删除〕"),
    "check": (
        "A printed application form carries a check code at the foot of each page. "
        "Type it at /check-code/ in the system: it leads to the version that was "
        "handed in, and says whether the data are still those of the paper.",
        "打印的申报书每页页脚印有校验码。在系统的 /check-code/ 页面输入校验码，"
        "即可找到所提交的版本，并可知系统数据与纸面是否一致。",
    ),
    "found": ("{n} broken things", "发现 {n} 处不符"),
    "whole": (
        "The dossier verifies. Checkpoints signed with a given key cover all of it.",
        "存证包核验通过。其全部事件均由所给公钥签名的检查点覆盖。",
    ),
    "partly": (
        "What is here fits together, but not all of it is proven: what is named above "
        "could have been rewritten before the dossier was made, or since.",
        "存证包内容前后相符，但并非全部得到证明：上列各项可能在制作之前或之后被改写。",
    ),
    "unproven": (
        "What is here fits together, but nothing proves that the past was not "
        "rewritten: no key was given that came on another way than the dossier.",
        "存证包内容前后相符，但没有任何证据表明过去未被改写："
        "未给出独立于存证包取得的公钥。",
    ),
    "checked": ("Checked:", "已核验："),
    "unsure": ("Not proven by this:", "本次核验不能证明："),
    "sha": (
        "SHA-256 of the file, to compare with the record of its making:",
        "文件的 SHA-256（请与系统中制作该存证包的记录比对）：",
    ),
    "no_seal": (
        "The seals of heads: they need a secret that only the system has.",
        "流首封印：核验需要仅系统持有的密钥。",
    ),
    "no_stamp": (
        "Who signed the time stamp of checkpoint {number}, {at} (UTC). To check it: "
        "openssl ts -verify -digest {digest} -in {file} -CAfile CERTIFICATES",
        "时间戳的签署者：检查点 {number} 的时间戳为 {at}（UTC）；核验签名："
        "openssl ts -verify -digest {digest} -in {file} -CAfile 证书文件",
    ),
    "no_pdf": (
        "What stands in the PDF: only that it is the file of the manifest. The HTML "
        "was compared with the events, text by text.",
        "PDF 的内容：仅核对其与清单一致。HTML 已逐字与事件比对。",
    ),
    "no_words": (
        "Names of people, words for codes and the facts at the head of the page: they "
        "are not part of the events. The code stands beside each.",
        "人员姓名、代码的文字说明及页首概要：不属于事件内容，其旁均列有代码。",
    ),
    "no_begin": (
        "{stream}: what came before event {n} is not here, and no checkpoint vouches "
        "for where it begins.",
        "{stream}：第 {n} 条事件之前的内容不在存证包中，起点亦无检查点佐证。",
    ),
    "no_end": (
        "{stream}: {n} events after the last checkpoint are protected by the chain "
        "alone, which has no secret: they could have been rewritten or cut off.",
        "{stream}：最后检查点之后的 {n} 条事件仅由链保护，链不含密钥，"
        "这些事件可能被改写或截去。",
    ),
    "no_cover": (
        "{stream}: no checkpoint covers any of its {n} events, so all of them could "
        "have been rewritten.",
        "{stream}：其 {n} 条事件均无检查点覆盖，全部可能被改写。",
    ),
    "no_erasure": (
        "{place}: it is said to be erased by an event that no checkpoint covers.",
        "{place}：所称删除事件没有检查点覆盖。",
    ),
    "no_list": (
        "{stream}: which cases the round has. Its events hold no list of them by who "
        "made the dossier.",
        "{stream}：本轮次有哪些项目。其事件中没有制作人列出的项目清单。",
    ),
    "no_part": (
        "{stream}: what it decided, and who held which role: its events are not here.",
        "{stream}：其作出的决定及当时任职情况；其事件不在存证包中。",
    ),
    "left_out": (
        "{path}: the maker says that it is left out as infected, found so after the "
        "events that are here.",
        "{path}：制作人称该文件因感染病毒未收入，其判定晚于包内事件。",
    ),
    "others": (
        "{stream}: {n} cases of the round that who made the dossier may not see.",
        "{stream}：本轮次另有 {n} 个项目，制作人无权查看。",
    ),
    "own_keys": (
        "Whose the keys are: they came with the dossier. Compare with paper, or give "
        "--key: {keys}",
        "公钥的归属：公钥取自存证包本身。请与纸质留底比对，或以 --key 给出：{keys}",
    ),
    "no_keys": (
        "Who signed the checkpoints: their signatures were not checked, for no key "
        "came with the dossier and none was given (--key).",
        "检查点由谁签名：未核对签名，因为存证包未附公钥，也未以 --key 给出公钥。",
    ),
    "elsewhere": (
        "{n} erasures: their events belong to other streams, which are not here.",
        "{n} 项删除：其事件属于存证包之外的记录流。",
    ),
}


def say(name: str, lang: str, **values: Any) -> str:
    """A text of WORDING in English or Chinese."""
    return WORDING[name][lang.startswith("zh")].format(**values)


#: The texts of a readable page; a dossier brings its own, so that a page can be
#: written again when these have changed.
ON_PAGE = (
    "title stream count period head begins made documents events state version file"
    " facts bytes number moment act who for reason changes nothing erased check"
)


def page_words(lang: str) -> dict[str, str]:
    """The texts of a page in a language."""
    return {name: WORDING[name][lang.startswith("zh")] for name in ON_PAGE.split()}


def dumps(value: Any) -> str:
    """Canonical JSON: the text that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def seconds(moment: str) -> float:
    """A moment of the record as seconds; ValueError for another form."""
    if not MOMENT.fullmatch(moment):
        raise ValueError(moment)
    found = datetime.strptime(f"{moment}+0000", "%Y-%m-%dT%H:%M:%S.%fZ%z")
    return found.timestamp()


def event_of(line: str) -> Body | None:
    """The event of a line; None for a line that holds none."""
    try:
        body: Body = json.loads(line)
        seconds(body["at"])
        if type(body["v"]) is not int or set(body) != LINE_KEYS[body["v"]]:
            return None
        if type(body["seq"]) is not int:
            return None
        for _, table, pk, sign, fields in body["changes"]:
            values = fields.values() if sign == "~" else ()
            if not isinstance(table, str) or not all(len(v) == 2 for v in values):
                return None
            dumps(pk)
        if not isinstance(body.get("origin"), (dict, str, type(None))):
            return None
        for name in ("reason", "data"):
            if not isinstance(body[name], (dict, type(None))):
                return None
    except (*MALFORMED, RecursionError):
        return None
    return body


# -- Ed25519 (RFC 8032), checking only ---------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # X, Y, Z, T: x = X/Z, y = Y/Z, xy = T/Z


def point_add(a: Point, b: Point) -> Point:
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    m, n, o, q = f - e, h - g, h + g, f + e
    return m * n % P, o * q % P, n * o % P, m * q % P


def point_times(factor: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = point_add(total, point)
        point, factor = point_add(point, point), factor >> 1
    return total


def point_of(text: bytes) -> Point | None:
    """The point that 32 bytes stand for, if any."""
    number = int.from_bytes(text, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signs(public: str, text: str, signature: str) -> bool:
    """Did this key (hexadecimal) sign this text?"""
    try:
        key, found = bytes.fromhex(public), bytes.fromhex(signature)
    except ValueError:
        return False
    if len(key) != 32 or len(found) != 64 or BASE is None:
        return False
    a, r, s = point_of(key), point_of(found[:32]), int.from_bytes(found[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    digest = hashlib.sha512(found[:32] + key + text.encode()).digest()
    left = point_times(s, BASE)
    right = point_add(r, point_times(int.from_bytes(digest, "little") % ORDER, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


# -- Merkle trees (RFC 6962) ---------------------------------------------------------


def leaf(stream: str, seq: int, hash: str) -> bytes:
    """The hash of a stream's head as a leaf."""
    return hashlib.sha256(b"\0" + dumps([stream, seq, hash]).encode()).digest()


def root_from(found: bytes, index: int, size: int, path: list[bytes]) -> str | None:
    """The root to which a leaf's path leads (RFC 9162, 2.1.3.2); None for no path."""
    last = size - 1
    if not 0 <= index <= last:
        return None
    for other in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            found = hashlib.sha256(b"\1" + other + found).digest()
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + other).digest()
        index, last = index >> 1, last >> 1
    return found.hex() if last == 0 else None


# -- time stamps (RFC 3161), without their signatures ---------------------------------


def der(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The values that stand one after another in DER: tag and content."""
    at = 0
    while at < len(content):
        tag, size, at = content[at], content[at + 1], at + 2
        if size & 128:
            width = size & 127
            size, at = int.from_bytes(content[at : at + width], "big"), at + width
        if at + size > len(content):
            raise ValueError("DER that is cut off")
        yield tag, content[at : at + size]
        at += size


def within(content: bytes, *places: int) -> bytes:
    """The value that is reached by going into the nth one, again and again."""
    for place in places:
        content = list(der(content))[place][1]
    return content


def stamp_of(answer: bytes) -> tuple[bytes, datetime]:
    """The digest that an authority's answer is of, and its moment."""
    signed = within(answer, 0, 1, 1, 0)  # answer, token, its content, SignedData
    told = within(signed, 2, 1, 0)  # what was signed: TSTInfo
    digest, moment = within(told, 0, 2, 1), within(told, 0, 4).decode()
    whole, _, part = moment[:-1].partition(".")
    text = f"{whole}.{part or 0}+0000"
    return digest, datetime.strptime(text, "%Y%m%d%H%M%S.%f%z")


def stamp_path(number: int) -> str:
    """Where the stamp of a checkpoint lies."""
    return f"{STAMPS}checkpoint-{number:08d}.tsr"


# -- the readable list: written by the maker, and again by who verifies --------------


def before(entry: Body) -> Head:
    """Number and hash of the event after which the lines of a stream begin."""
    begins = entry.get("begins", {"seq": 0, "hash": ""})
    return begins["seq"], begins["hash"]


class Stream:
    """What the events of one stream say, as they come: rows, and readable entries.

    disclosed: personal values (JSON text) by digest. words: labels for codes.
    """

    hidden: frozenset[str] = frozenset()  # columns that ``take`` leaves out
    partial = False  # whether rows were born before the events that are here

    def __init__(self, disclosed: dict[str, str], words: Body, lang: str) -> None:
        self.disclosed, self.words, self.lang = disclosed, words, lang
        self.rows: dict[Key, Body] = {}
        self.told: dict[tuple[str, str, str], Any] = {}

    def say(self, name: str) -> str:
        """A text of the page, as the dossier brings it."""
        return str(self.words["page"][name])

    def clear(self, value: Any) -> Any:
        """A value in clear; a digest that cannot be opened stays one."""
        if isinstance(value, dict) and set(value) == {"digest"}:
            text = self.disclosed.get(value["digest"])
            return value if text is None else json.loads(text)
        return value

    def shown(self, value: Any) -> str:
        """A value as the readable list has it."""
        if value is None:
            return self.say("nothing")
        if isinstance(value, dict) and set(value) == {"digest"}:
            return self.say("erased")
        return value if isinstance(value, str) else dumps(value)

    def named(self, kind: str, code: str) -> str:
        """The label of a code with the code; the code alone where it has none."""
        label = self.words.get(kind, {}).get(code, "")
        return f"{label} ({code})" if label and label != code else code

    def take(self, body: Body) -> list[tuple[str, str, str, str]]:
        """An event's changes in words: of what, field, before, after."""
        found = []
        for _, table, pk, sign, fields in body["changes"]:
            key = (table, dumps(pk))
            of = f"{self.named('tables', table)} {key[1]}"
            row = self.rows.setdefault(key, {})
            for column, value in sorted(fields.items()):
                old, new = {"+": (None, value), "-": (value, None)}.get(sign, value)
                if old is None and sign != "+":
                    old = row.get(column)
                row[column] = new
                before, after = self.clear(old), self.clear(new)
                if (sign == "+" and after in (None, "")) or column in self.hidden:
                    continue
                name = self.named("fields", f"{table}.{column}")
                found.append((of, name, self.shown(before), self.shown(after)))
            if sign == "-":
                del self.rows[key]
        return found

    def facts(self, body: Body) -> list[str]:
        """What an event says besides its changes; pages made before had none."""
        if "facts" not in self.words["page"]:
            return []
        found = []
        for name, value in sorted((body["data"] or {}).items()):
            plain = isinstance(value, str)
            told = self.named("people", value) if plain else dumps(value)
            found.append(f"{name}: {told}")
        return found

    def who(self, body: Body) -> str:
        found = self.named("people", body["actor"])
        if body["for"]:
            absent = self.named("people", body["for"])
            found += f" ({self.say('for')} {absent})"
        return found

    def whence(self, body: Body) -> str:
        """Where an act came from; "" where its line does not say."""
        source = body.get("origin")
        return "" if source is None else self.shown(self.clear(source))

    def why(self, body: Body) -> str:
        parts = [body["reason_code"]] if body["reason_code"] else []
        if body["reason"]:
            parts.append(self.shown(self.clear(body["reason"])))
        return ", ".join(parts)

    def documents(self) -> Iterator[tuple[str, Body]]:
        """The versions of documents as they stand: title and row."""
        for (table, _), row in sorted(self.rows.items()):
            if table == VERSIONS and not (self.partial and "storage_key" not in row):
                paper = self.rows.get((PAPERS, dumps(row.get("document_id"))), {})
                yield self.shown(self.clear(paper.get("title"))), row


def begins_well(seq: Any, hash: Any) -> bool:
    """Whether a stream can begin after this event: at its own beginning, or later."""
    if type(seq) is not int or not isinstance(hash, str) or seq < 0:
        return False
    return bool(seq) == bool(hash)


def document_path(row: Body, disclosed: dict[str, str]) -> str:
    """Where a version lies: its storage key, with the ending of its name."""
    name = row.get("name")
    if isinstance(name, dict):
        name = json.loads(disclosed.get(name.get("digest", ""), '""'))
    ending = re.search(r"\.[A-Za-z0-9]{1,8}$", str(name or ""))
    return f"{DOCUMENTS}{row['storage_key']}{ending[0].lower() if ending else ''}"


def table_row(cells: Iterable[str], tag: str = "td", mark: str = "") -> str:
    inner = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
    return f"<tr{mark}>{inner}</tr>\n"


FEW = 5  # changes of an event that are shown unfolded
HTML_HEAD = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px/1.5 sans-serif;margin:1.5rem;max-width:80rem}}
table{{border-collapse:collapse;width:100%;margin:0 0 1.5rem}}
td,th{{border:1px solid #999;padding:.25rem .4rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}}ul{{margin:0;padding-left:1rem}}</style></head><body>
<h1>{title}</h1>
"""


def page_of(
    about: Body, entry: Body, lines: Iterable[Body], stream: Stream
) -> Iterator[tuple[str, str]]:
    """The readable page of a stream, piece by piece: the place, and its HTML."""
    lang, words = stream.lang, stream.named
    title = html.escape(stream.say("title").replace("{code}", entry["code"]))
    yield "head", HTML_HEAD.format(lang=lang, title=title)
    head, maker = entry["head"], words("people", about["made_by"])
    pairs = [(str(label), str(value)) for label, value in entry["facts"]]
    pairs += [
        (stream.say("stream"), entry["stream"]),
        (stream.say("count"), str(head["seq"] - before(entry)[0])),
        (stream.say("period"), f"{entry['first_at']} – {head['at']}"),
        (stream.say("head"), head["hash"]),
        (stream.say("made"), f"{about['made_at']}, {maker}"),
    ]
    if before(entry)[0]:
        pairs.append((stream.say("begins"), "{}, {}".format(*before(entry))))
    text = "<table>\n" + "".join(table_row(pair) for pair in pairs) + "</table>\n"
    yield "facts", f"{text}<p>{html.escape(stream.say('check'))}</p>\n"
    columns = ("number", "moment", "act", "who", "reason", "changes")
    text = f"<h2>{html.escape(stream.say('events'))}</h2>\n<table>\n"
    yield "events", text + table_row((stream.say(c) for c in columns), "th")
    for body in lines:
        changes = stream.take(body)
        cells = (
            str(body["seq"]),
            body["at"],
            words("verbs", body["verb"]),
            ", ".join(filter(None, (stream.who(body), stream.whence(body)))),
            stream.why(body),
        )
        told = "".join(
            f"<li>{html.escape(f'{of}, {name}: {old} → {new}')}</li>"
            for of, name, old, new in changes
        )
        told += "".join(f"<li>{html.escape(x)}</li>" for x in stream.facts(body))
        inner = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        told = f"<ul>{told}</ul>"
        if len(changes) > FEW:
            counted = f"{stream.say('changes')}: {len(changes)}"
            told = f"<details><summary>{html.escape(counted)}</summary>{told}</details>"
        row = f'<tr id="e{body["seq"]}">{inner}<td>{told}</td></tr>\n'
        yield f"{entry['stream']}#{body['seq']}", row
    text = f"</table>\n<h2>{html.escape(stream.say('documents'))}</h2>\n<table>\n"
    heads = (stream.say("file"), stream.say("version"), stream.say("bytes"), "SHA-256")
    text += table_row(heads, "th")
    for called, version in stream.documents():
        file = f"{called} {document_path(version, stream.disclosed)}"
        facts = [file, *(str(version.get(n)) for n in ("number", "size", "sha256"))]
        text += table_row(facts)
    yield "documents", text + "</table>\n"
    yield "state", f"<h2>{html.escape(stream.say('state'))}</h2>\n"
    for (table, pk), fields in sorted(stream.rows.items()):
        called = html.escape(f"{words('tables', table)} {pk}")
        text = f"<details><summary>{called}</summary><table>\n"
        for column, value in sorted(fields.items()):
            name = words("fields", f"{table}.{column}")
            text += table_row((name, stream.shown(stream.clear(value))))
        yield f"state {table} {pk}", f"{text}</table></details>\n"
    yield "end", "</body></html>\n"


# -- reading --------------------------------------------------------------------------


class Finding(NamedTuple):
    """Something that does not fit: its name in FINDINGS, where, and what."""

    kind: str
    place: str
    detail: str = ""


class Source:
    """The files of a dossier, a zip or the folder it was unpacked into."""

    def __init__(self, path: Path) -> None:
        self.zip = None if path.is_dir() else zipfile.ZipFile(path)
        self.folder = path
        if self.zip is not None:
            every = [i.filename for i in self.zip.infolist() if not i.is_dir()]
        else:
            found = (p for p in path.rglob("*") if p.is_file() or p.is_symlink())
            every = [p.relative_to(path).as_posix() for p in found]
        self.names = sorted(set(every))
        self.twice = sorted(n for n, times in Counter(every).items() if times > 1)

    def open(self, name: str) -> IO[bytes]:
        if name not in self.names:
            raise FileNotFoundError(name)
        if self.zip is not None:
            return self.zip.open(name)
        path = self.folder / name
        if path.is_symlink():
            raise OSError(f"{name} is a link")
        return path.open("rb")

    def json(self, name: str) -> Any:
        with self.open(name) as file:
            text = file.read().decode()
        value = json.loads(text)
        if dumps(value) != text:
            raise ValueError("not canonical")
        return value

    def lines(self, name: str) -> Iterator[str]:
        """The lines of a file; each ends with a line feed."""
        with self.open(name) as file:
            for line in file:
                if not line.endswith(b"\n"):
                    raise ValueError("the last line is not whole")
                yield line[:-1].decode()

    def objects(self, name: str) -> Iterator[Body]:
        for line in self.lines(name):
            value = json.loads(line)
            if not isinstance(value, dict) or dumps(value) != line:
                raise ValueError("not canonical")
            yield value


# -- verifying ----------------------------------------------------------------------


class Verifier:
    """Checks a dossier; what it finds is in ``findings``.

    given: public keys known from elsewhere; without any those of the dossier serve.
    """

    def __init__(self, path: Path, given: Iterable[str] = ()) -> None:
        self.path = path
        self.given = [key.replace(" ", "").lower() for key in given]
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.unsure: list[tuple[str, Body]] = []
        self.sizes: dict[str, tuple[int, str]] = {}
        self.elsewhere: dict[str, bool] = {}  # digests, and whether it is proven
        self.checkpoints: dict[int, Body] = {}
        self.anchors: Anchors = {}
        self.foreign = 0
        self.listed: Body | None = None
        self.above: set[str] = set()  # streams that decided on those that are here

    def add(self, kind: str, place: Any, detail: Any = "") -> None:
        self.findings.append(Finding(kind, str(place), str(detail)))

    def run(self) -> bool:
        """Check everything; True where it fits."""
        try:
            self.source = Source(self.path)
        except (*UNREADABLE, ValueError) as error:
            self.add("archive", self.path.name, error)
            return False
        for part in (self._files, self._about, self._keys):
            if not self._tried(part, part.__name__.strip("_")):
                return False
        self._tried(self._signed, CHECKPOINTS)
        self._tried(self._proven, PROOFS)
        self._tried(self._elsewhere, ELSEWHERE)
        for name in [n for n in self.sizes if n.startswith(STAMPS)]:
            self._tried(lambda n=name: self._stamped(n), name)
        expected: dict[str, Body] = {}
        for entry in self.about["streams"]:
            self._tried(lambda e=entry: self._stream(e, expected), entry["file"])
        self._tried(self._listed, LIST_CASES)
        if self.about["kind"] != "period":
            there = {str(entry["stream"]) for entry in self.about["streams"]}
            for stream in sorted(self.above - there):
                self.unsure.append(("no_part", {"stream": stream}))
        self._documents(expected)
        self.unsure += [("no_seal", {}), ("no_pdf", {}), ("no_words", {})]
        if self.foreign:
            self.unsure.append(("elsewhere", {"n": self.foreign}))
        if not self.given:
            keys = ", ".join(self.keys.values())
            self.unsure.append(
                ("own_keys", {"keys": keys}) if keys else ("no_keys", {})
            )
        return not self.findings

    @property
    def verdict(self) -> str:
        """How it ends: the name of a text in WORDING."""
        if self.findings:
            return "found"
        doubts = DOUBTS & {name for name, _values in self.unsure}
        if not doubts:
            return "whole"
        return "partly" if self.given else "unproven"

    def doubt(self, finding: str, place: str, name: str, values: Body) -> None:
        """Nothing vouches for it: broken for who gave a key, else not proven."""
        if self.given:
            self.add(finding, place)
        else:
            self.unsure.append((name, values))

    def _tried(self, part: Any, place: str) -> bool:
        """Run a part; what it cannot read is named."""
        try:
            part()
        except (*UNREADABLE, *MALFORMED) as error:
            self.add("malformed", place, f"{type(error).__name__}: {error}")
            return False
        return True

    # -- files

    def _files(self) -> None:
        """Each file is that of the manifest, none is missing, none is extra."""
        for name in self.source.twice:
            self.add("file_twice", name)
        manifest = self.source.json(MANIFEST)
        for file in manifest["files"]:
            self.sizes[str(file["path"])] = (int(file["size"]), str(file["sha256"]))
        for name in sorted(set(self.source.names) - set(self.sizes) - {MANIFEST}):
            self.add("file_extra", name)
        for name, (size, digest) in sorted(self.sizes.items()):
            if name not in self.source.names:
                self.add("file_missing", name)
                continue
            found = self._digest(name, size)
            if found != (size, digest):
                self.add("file_altered", name, f"{digest} → {found[1]}")
                self.sizes[name] = found
            self.counts["files"] += 1

    def _digest(self, name: str, most: int) -> tuple[int, str]:
        """Size and SHA-256 of a file, read no further than it should reach."""
        digest, size = hashlib.sha256(), 0
        try:
            with self.source.open(name) as file:
                while size <= most:
                    piece = file.read(CHUNK)
                    if not piece:
                        break
                    digest.update(piece)
                    size += len(piece)
        except UNREADABLE as error:
            return size, f"{type(error).__name__}: {error}"
        return size, digest.hexdigest()

    def _about(self) -> None:
        self.about = self.source.json(ABOUT)
        self.lang = str(self.about["language"])
        if self.about["v"] not in (1, 2) or not isinstance(self.about["streams"], list):
            raise ValueError("another version of the form")
        whole = self.about["v"] == 1
        for entry in self.about["streams"]:
            for name in STREAM_TEXTS:
                if not isinstance(entry[name], str):
                    raise ValueError(f"{name} of a stream")
            if whole == ("begins" in entry) or not begins_well(*before(entry)):
                raise ValueError("where a stream begins")

    def _values(self, entry: Body) -> dict[str, str]:
        """The personal values of a stream by digest; each fits its own."""
        found: dict[str, str] = {}
        for row in self.source.objects(entry["values"]):
            found[row["digest"]] = row["value"]
            self.counts["values"] += 1
            if sha256(f"{row['salt']}:{row['value']}") != row["digest"]:
                self.add("value_altered", f"{entry['stream']} {row['digest']}")
        return found

    def _elsewhere(self) -> None:
        """Erasures that other streams, or later parts, tell of: each is led on to the
        next event that a checkpoint saw."""
        anchors: Anchors = {}
        if ELSEWHERE_PROOFS in self.source.names:
            self._anchors(ELSEWHERE_PROOFS, anchors)
        open_: dict[str, tuple[Head, set[str]]] = {}
        for line in self.source.lines(ELSEWHERE):
            body = event_of(line)
            if body is None or dumps(body) != line:
                raise ValueError("no event")
            stream, seq, hash = body["stream"], body["seq"], sha256(line)
            last, digests = open_.get(stream, ((0, ""), set()))
            if last != (seq - 1, body["prev"]):
                digests = set()  # what came before is not tied to this one
            if body["verb"] == ERASE:
                digests = digests | set(body["data"]["digests"])
            for digest in digests:
                self.elsewhere.setdefault(digest, False)
            if (seq, hash) in anchors.get(stream, {}).values():
                self.elsewhere.update(dict.fromkeys(digests, True))
            open_[stream] = (seq, hash), digests

    def _keys(self) -> None:
        own = [str(key) for key in self.source.json(KEYS)]
        for key in own:
            if self.given and key not in self.given:
                self.add("key_differs", key)
        self.keys = {
            hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]: key
            for key in self.given or own
        }

    # -- checkpoints

    def _signed(self) -> None:
        """Each checkpoint is signed by a known key; they follow one another."""
        before: Body | None = None
        text = ""
        for row in self.source.objects(CHECKPOINTS):
            body = json.loads(row["body"])
            number = int(body["number"])
            if set(body) != BODY_KEYS or dumps(body) != row["body"]:
                self.add("checkpoint_altered", number)
            key = self.keys.get(body["key"])
            if not self.keys:  # said once, below: nobody can tell who signed
                self.checkpoints[number] = body
            elif key is None:
                self.add("key_unknown", number, body["key"])
            elif not signs(key, row["body"], row["signature"]):
                self.add("signature", number)
            else:
                self.checkpoints[number] = body
            self.counts["signatures"] += bool(self.keys)
            if before is not None:
                follows = number != before["number"] + 1 or body["prev"] == sha256(text)
                later = seconds(body["at"]) + SKEW >= seconds(before["at"])
                if number <= before["number"] or not follows or not later:
                    self.add("checkpoint_order", number, before["number"])
            before, text = body, row["body"]
        listed = [int(number) for number in self.about["checkpoints"]]
        for number in sorted(set(listed) - set(self.checkpoints)):
            if not any(f.place == str(number) for f in self.findings):
                self.add("checkpoint_order", number, "missing")

    def _stamped(self, name: str) -> None:
        """A time stamp is of its checkpoint's text, and not older than that."""
        number = int("".join(c for c in name if c.isdigit()))
        body = self.checkpoints.get(number)
        if body is None or name != stamp_path(number):
            self.add("stamp", name)
            return
        with self.source.open(name) as file:
            digest, moment = stamp_of(file.read())
        self.counts["stamps"] += 1
        wanted = sha256(dumps(body))
        if digest.hex() != wanted:
            self.add("stamp", name, f"{digest.hex()} / {wanted}")
        elif moment.timestamp() + SKEW < seconds(body["at"]):
            self.add("stamp", name, f"{moment} / {body['at']}")
        told = {"number": number, "at": moment.strftime("%Y-%m-%d %H:%M:%S")}
        self.unsure.append(("no_stamp", {**told, "digest": wanted, "file": name}))

    def _anchors(self, name: str, anchors: Anchors) -> None:
        """Each head that a checkpoint saw is a leaf under its signed root."""
        for row in self.source.objects(name):
            number, stream, tree = row["checkpoint"], row["stream"], row["tree"]
            place = f"{stream} @ {number}"
            self.counts["proofs"] += 1
            body = self.checkpoints.get(number)
            if body is None:
                continue  # the checkpoint is named already
            size = {"root": body["streams"], "changes": body["changed"]}[tree]
            path = [bytes.fromhex(part) for part in row["path"]]
            start = leaf(stream, row["seq"], row["hash"])
            if root_from(start, row["index"], size, path) != body[tree]:
                self.add("proof", place, tree)
                continue
            anchors.setdefault(stream, {})[number] = (row["seq"], row["hash"])

    def _proven(self) -> None:
        """The heads that checkpoints saw; each stream has those that it needs."""
        self._anchors(PROOFS, self.anchors)
        newest = max(self.checkpoints, default=0)
        for entry in self.about["streams"]:
            due = {int(number) for number in entry["covered"]}
            if self.about["v"] == 1:  # of a period, the newest saw more than is here
                due |= {newest} if due else set()
            for number in sorted(due - set(self.anchors.get(entry["stream"], {}))):
                place = f"{entry['stream']} @ {number}"
                if number in self.checkpoints and not any(
                    f.place == place for f in self.findings
                ):
                    self.add("proof_missing", place)

    # -- a stream

    def _stream(self, entry: Body, expected: dict[str, Body]) -> None:
        """The chain of a stream, and its readable page."""
        name, head = str(entry["stream"]), entry["head"]
        disclosed = self._values(entry)
        chain = Chain(self, name, disclosed, before(entry))
        kept: list[Body] = []
        first = self.about["streams"][0]["stream"]
        for line in self.source.lines(entry["file"]):
            body = chain.take(line)
            if body is not None:
                kept.append(body)
                told = (name, body["verb"], body["actor"])
                if told == (first, LIST_CASES, self.about["made_by"]):
                    self.listed = body
        chain.end(head)
        self.above |= set(chain.above())
        code = chain.code()
        if code not in (None, entry["code"]):
            self.add("code_differs", name, f"{code} / {entry['code']}")
        reader = Stream(disclosed, self.source.json(entry["words"]), self.lang)
        reader.partial = before(entry)[0] > 0
        self._readable(entry, page_of(self.about, entry, kept, reader))
        for _, row in reader.documents():
            expected[document_path(row, disclosed)] = row
        start, heads = before(entry)[0], dict(self._anchored(name))
        if start and start not in heads:
            self.unsure.append(("no_begin", {"stream": name, "n": start + 1}))
        for seq in sorted(seq for seq in heads if seq < start)[-1:]:
            self.add("event_missing", f"{name}#{seq + 1}–{start}")
        covered = max([start, *heads])
        values = {"stream": name, "n": chain.seq - covered}
        if covered == start and chain.seq > covered:
            self.doubt("uncovered", name, "no_cover", values)
        elif chain.seq > covered:
            self.unsure.append(("no_end", values))

    def _anchored(self, stream: str) -> list[Head]:
        return list(self.anchors.get(stream, {}).values())

    def _readable(self, entry: Body, pieces: Iterator[tuple[str, str]]) -> None:
        """The page in the dossier is the one that its events give."""
        with self.source.open(entry["readable"]) as file:
            for place, text in pieces:
                wanted = text.encode()
                if file.read(len(wanted)) != wanted:
                    self.add("readable_differs", entry["readable"], place)
                    for _ in pieces:  # documents are known at the end
                        pass
                    return
                self.counts["readable"] += 1
            if file.read(1):
                self.add("readable_differs", entry["readable"], "end")

    # -- the cases of a round

    def _listed(self) -> None:
        """Every case that the round's events name as one of it is here."""
        if self.about["kind"] != "round":
            return
        stream = str(self.about["streams"][0]["stream"])
        if self.listed is None:
            self.unsure.append(("no_list", {"stream": stream}))
            return
        here = {entry["code"] for entry in self.about["streams"]}
        for code in self.listed["data"]["cases"]:
            self.counts["cases"] += 1
            if code not in here:
                self.add("case_missing", code, f"{stream}#{self.listed['seq']}")
        if self.listed["data"]["others"]:
            values = {"stream": stream, "n": self.listed["data"]["others"]}
            self.unsure.append(("others", values))

    # -- documents

    def _documents(self, expected: dict[str, Body]) -> None:
        """Each document is the one of its event, and none is there without one."""
        for path, row in sorted(expected.items()):
            there = path in self.sizes and path in self.source.names
            if not there and row.get("scan_state") == INFECTED:
                continue  # closed to everybody, and left out
            if not there and path in self.about.get("infected_later", ()):
                self.unsure.append(("left_out", {"path": path}))
                continue
            self.counts["documents"] += 1
            if not there:
                self.add("document_missing", path, row.get("sha256"))
                continue
            wanted = (row.get("size"), row.get("sha256"))
            if self.sizes[path] != wanted:
                detail = f"{wanted[1]} → {self.sizes[path][1]}"
                self.add("document_altered", path, detail)
        for path in sorted(self.sizes):
            if path.startswith(DOCUMENTS) and path not in expected:
                self.add("document_unknown", path)


class Chain:
    """The events of one stream, one after another."""

    def __init__(
        self, verifier: Verifier, stream: str, disclosed: dict[str, str], start: Head
    ) -> None:
        self.verifier, self.stream, self.add = verifier, stream, verifier.add
        self.disclosed = disclosed
        (self.seq, self.hash), self.at, self.torn = start, "", False
        self.seen: dict[int, list[tuple[int, str]]] = {}
        for number, (seq, hash) in verifier.anchors.get(stream, {}).items():
            self.seen.setdefault(seq, []).append((number, hash))
        self._anchored(self.seq, f"{stream}#{self.seq}")
        self.moments: dict[int, str] = {}
        self.rows: dict[Key, Body] = {}
        self.pending: list[list[Any]] = []
        self.tx: Any = None
        self.digests: dict[str, str] = {}
        self.erased: set[str] = set()

    def take(self, line: str) -> Body | None:
        """Check an event; None where it is no event at all."""
        verifier, place = self.verifier, f"{self.stream}#{self.seq + 1}"
        verifier.counts["events"] += 1
        body = event_of(line)
        if body is None:
            self.add("event_altered", place, "malformed")
            self.seq, self.hash = self.seq + 1, sha256(line)
            return None
        seq, at, moment = body["seq"], body["at"], seconds(body["at"])
        place = f"{self.stream}#{seq}"
        if dumps(body) != line:
            self.add("event_altered", place, "not canonical")
        if body["stream"] != self.stream or seq <= self.seq:
            self.add("event_moved", place, f"{body['stream']}#{seq}")
        elif seq > self.seq + 1:
            gap = f"{self.stream}#{self.seq + 1}"
            self.add(
                "event_missing", gap if seq == self.seq + 2 else f"{gap}–{seq - 1}"
            )
        if body["prev"] != self.hash:
            self.add("chain_broken", place, f"prev {body['prev']} → {self.hash}")
        if self.at and moment < seconds(self.at):
            self.add("time_order", place, f"{self.at} → {at}")
        self.seq, self.hash, self.at = max(seq, self.seq), sha256(line), at
        self.moments[seq] = at
        self._anchored(seq, place)
        self._changes(body, place)
        return body

    def _anchored(self, seq: int, place: str) -> None:
        """Is it the event that checkpoints saw? The first that is not is named."""
        for number, hash in self.seen.get(seq, ()):
            if hash != self.hash and not self.torn:
                self.torn = True
                self.add("anchor_differs", place, f"checkpoint {number}: {hash}")

    def _changes(self, body: Body, place: str) -> None:
        """Replay what changed; note the digests of personal values."""
        if body["reason"]:
            self.digests.setdefault(body["reason"]["digest"], f"{place} reason")
        if isinstance(body.get("origin"), dict):
            self.digests.setdefault(body["origin"]["digest"], f"{place} origin")
        if body["verb"] == ERASE:
            self.erased |= set(body["data"]["digests"])
        if body["tx"] != self.tx:
            self._apply()
            self.tx = body["tx"]
        for change in body["changes"]:
            self.pending.append([*change, place])

    def _apply(self) -> None:
        """The changes of a transaction in the order in which they were made."""
        for _, table, pk, sign, fields, place in sorted(
            self.pending, key=lambda change: change[0]
        ):
            key = (table, dumps(pk))
            row = self.rows.setdefault(key, {})
            for column, value in fields.items():
                old, new = {"+": (None, value), "-": (value, None)}.get(sign, value)
                digest = isinstance(new, dict) and set(new) == {"digest"}
                known = row.get(column)
                hidden = isinstance(known, dict) and set(known) == {"digest"}
                if digest:
                    self.digests.setdefault(new["digest"], f"{place} {table}.{column}")
                elif sign == "-" and old is None:
                    pass  # personal by now: not written down once more
                elif sign != "+" and column in row and not hidden and old != known:
                    where = f"{place} {table} {key[1]} {column}"
                    self.add("row_differs", where, f"{known} → {old}")
                row[column] = new
            if sign == "-":
                del self.rows[key]
        self.pending = []

    def above(self) -> Iterator[str]:
        """The round of a case, the programme of a round, where its row tells."""
        for kind, column, table in ABOVE:
            if self.stream.partition(":")[0] == kind:
                key = (TABLE_OF.get(kind, kind), self.stream.partition(":")[2])
                found = self.rows.get(key, {}).get(column)
                if isinstance(found, int):
                    yield f"{table}:{found}"

    def code(self) -> str | None:
        """The code of the case whose stream this is, where its row tells."""
        kind, _, pk = self.stream.partition(":")
        found = self.rows.get((TABLE_OF.get(kind, kind), pk), {}).get("code")
        return found if isinstance(found, str) else None

    def end(self, head: Body) -> None:
        """The end of the stream: its head, checkpoints, moments, personal values."""
        self._apply()
        if head["seq"] > self.seq:
            self.add("stream_cut", self.stream, f"{self.seq} / {head['seq']}")
        elif head["seq"] < self.seq:
            self.add("stream_longer", self.stream, f"{self.seq} / {head['seq']}")
        elif (head["hash"], head["at"]) != (self.hash, self.at):
            self.add("head_differs", self.stream, f"{head['hash']} / {self.hash}")
        self._covered()
        self._opened()

    def _covered(self) -> None:
        """No checkpoint saw more than there is, or moments that do not fit its own."""
        anchored = sorted(self.verifier.anchors.get(self.stream, {}).items())
        for number, (seq, _) in anchored:
            if seq > self.seq:
                detail = f"{self.seq} / {seq} (checkpoint {number})"
                self.add("stream_cut", self.stream, detail)
                break
        for number, (seq, _) in anchored:
            at = seconds(self.verifier.checkpoints[number]["at"])
            for other, moment in self.moments.items():
                late = other <= seq and seconds(moment) > at + SKEW
                early = other > seq and seconds(moment) < at - SKEW
                if late or early:
                    place = f"{self.stream}#{other}"
                    self.add("time_order", place, f"{moment} (checkpoint {number})")

    def _opened(self) -> None:
        """Each personal value is there, or an event tells of its erasure."""
        for digest, place in self.digests.items():
            if digest in self.disclosed:
                continue
            if digest in self.erased or digest in self.verifier.elsewhere:
                self.verifier.counts["erased"] += 1
                if digest not in self.erased:
                    self.verifier.foreign += 1
                    if not self.verifier.elsewhere[digest]:
                        told = {"place": place}
                        self.verifier.doubt(
                            "erasure_unproven", place, "no_erasure", told
                        )
            else:
                self.add("value_missing", place, digest)


# -- telling ------------------------------------------------------------------------


def told(verifier: Verifier, lang: str) -> Iterator[str]:
    """What was checked and what was found, in lines."""
    zh = lang.startswith("zh")
    for finding in verifier.findings:
        text = f"[{finding.kind}] {finding.place}: {FINDINGS[finding.kind][zh]}"
        text += f" ({finding.detail})" if finding.detail else ""
        yield CONTROL.sub("�", text)
    yield say("checked", lang)
    for name, count in verifier.counts.items():
        yield f"  {COUNTED[name][zh]}: {count}"
    if verifier.path.is_file():
        digest = hashlib.sha256()
        with verifier.path.open("rb") as file:
            for piece in iter(lambda: file.read(CHUNK), b""):
                digest.update(piece)
        yield say("sha", lang)
        yield f"  {digest.hexdigest()}"
    yield say("unsure", lang)
    for name, values in verifier.unsure:
        yield f"  {say(name, lang, **values)}"
    yield say(verifier.verdict, lang, n=len(verifier.findings))


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify a dossier. 核验存证包。")
    parser.add_argument("dossier", type=Path, help="zip or folder / 压缩包或文件夹")
    parser.add_argument("--key", action="append", default=[], help="public key / 公钥")
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    asked = parser.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    verifier = Verifier(asked.dossier, asked.key)
    verifier.run()
    for line in told(verifier, asked.lang):
        sys.stdout.write(f"{line}\n")
    return {"whole": PROVEN, "found": BROKEN}.get(verifier.verdict, UNPROVEN)


if __name__ == "__main__":
    sys.exit(main())
