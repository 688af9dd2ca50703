"""The picture of a flow: what is done, open, held by whom, how often looped.

viewflow lays the nodes out and writes BPMN 2.0; the live state is ours,
because its chart keeps one status a node and a reopened node looks finished.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from viewflow.workflow import chart
from viewflow.workflow.status import STATUS

from grants.models import Case
from workflows.flows import FLOWS, ApplicationFlow, CaseFlow, ProjectFlow
from workflows.models import Process, Task, WorkItem
from workflows.nodes import OPEN_STATUSES, Due

#: Where a project has ended; its picture stays the project's.
PROJECT_ENDED = ("ARCHIVED", "TERMINATED", "CLAWBACK", "CLAWBACK_DONE")
DONE, OPEN = "done", "open"
#: Whether the reader of a picture may know who holds an open item.
MayName = Callable[[WorkItem], bool]
STYLE = """
.flow text{font-family:sans-serif;font-size:12px;fill:#182433}
.flow .task,.flow .event,.flow .gateway{fill:#fff;stroke:#5c6b80;stroke-width:1.5}
.flow .gateway-marker{fill:#5c6b80;stroke:none}
.flow .call{stroke-width:3}
.flow .call-marker{fill:#fff;stroke:#5c6b80}
.flow .done .task,.flow .done .event,.flow .done .gateway{fill:#e6f4ea;stroke:#2b7a3f}
.flow .open .task,.flow .open .event,.flow .open .gateway{fill:#fff3d6;stroke:#a15c00}
.flow .open .task{stroke-width:3}
.flow .edge{fill:none;stroke:#5c6b80;stroke-width:1.2}
.flow text.edge-label{font-size:10px;fill:#49566b}
.flow text.note{font-size:11px;fill:#7a4300}
"""


@dataclass(frozen=True)
class NodeState:
    """One node of a case's flow as it stands."""

    flow: type[CaseFlow]
    node: str
    title: str
    state: str  # "", "done" or "open"; the open task wins
    holder: str
    since: datetime | None
    loops: int


def title_of(node: Any) -> str:
    return str(node.task_title)


def main_flow(case: Case) -> type[CaseFlow]:
    """The flow whose picture belongs to the case's phase."""
    from workflows.engine import IN_PROJECT

    if case.status in IN_PROJECT or case.status in PROJECT_ENDED:
        return ProjectFlow
    return ApplicationFlow


def node_states(case: Case, may_name: MayName) -> list[NodeState]:
    """Every node that the case reached or could reach; three queries.

    Holders are named where `may_name` says so: readers differ in what they
    may know, and this app does not know the readers.
    """
    tasks: dict[Any, list[Task]] = defaultdict(list)
    flows = {
        process.flow_class: process
        for process in Process.objects.filter(case=case).order_by("pk")
    }
    for task in Task.objects.filter(case=case).order_by("pk"):
        tasks[task.flow_task].append(task)
    items = {
        item.task_id: item
        for item in WorkItem.objects.filter(case=case, closed_at=None).select_related(
            "holder"
        )
    }
    states = []
    for flow in (f for f in FLOWS if f in flows or f is main_flow(case)):
        for node in flow.instance.nodes():
            if not isinstance(node, Due):
                states.append(state_of(flow, node, tasks[node], items, may_name))
    return states


def state_of(
    flow: type[CaseFlow],
    node: Any,
    tasks: list[Task],
    items: dict[int, WorkItem],
    may_name: MayName,
) -> NodeState:
    open_now = [task for task in tasks if task.status in OPEN_STATUSES]
    done = [task for task in tasks if task.status == STATUS.DONE]
    held = [items[task.pk] for task in open_now if task.pk in items]
    names = sorted(
        {str(item.holder) for item in held if item.holder and may_name(item)}
    )
    return NodeState(
        flow=flow,
        node=node.name,
        title=title_of(node),
        state=OPEN if open_now else DONE if done else "",
        holder=", ".join(names),
        since=min((task.created for task in open_now), default=None),
        loops=max(0, len(tasks) - 1) if tasks and not tasks[0].seat_id else 0,
    )


# -- pictures ----------------------------------------------------------------------


def flow_svg(flow: type[CaseFlow], states: dict[str, NodeState] | None = None) -> str:
    """A flow as SVG, in the active language; with live states if given."""
    grid = chart.calc_layout_data(flow)
    states = states or {}
    parts = [edge_svg(edge) for edge in grid.edges]
    parts += [cell_svg(cell, states.get(cell.node.name)) for cell in grid.cells]
    width = max(int(c.x + c.width) for c in grid.cells) + 60
    height = max(int(c.y + c.height) for c in grid.cells) + 60
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="img" '
        f'aria-label="{escape(str(flow.process_title))}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#5c6b80"/></marker></defs>'
        + "".join(parts)
        + "</svg>"
    )


def edge_svg(edge: Any) -> str:
    points = " ".join(f"{int(x)},{int(y)}" for x, y in edge.segments)
    line = f'<polyline class="edge" points="{points}" marker-end="url(#arrow)"/>'
    if edge.label and edge.label_pos:
        x, y = edge.label_pos
        line += (
            f'<text class="edge-label" x="{int(x)}" y="{int(y)}">'
            f"{escape(str(edge.label))}</text>"
        )
    return line


def wrapped(text: str, wide: int) -> list[str]:
    """Lines of a caption; a Chinese character counts for two."""
    lines, line, used = [], "", 0
    words = text.split(" ") if text.isascii() else list(text)
    space = " " if text.isascii() else ""
    for word in words:
        size = sum(1 if c.isascii() else 2 for c in word) + len(space)
        if line and used + size > wide:
            lines, line, used = [*lines, line], "", 0
        line, used = (line + space + word if line else word), used + size
    return [*lines, line]


def cell_svg(cell: Any, state: NodeState | None) -> str:
    shape, node = cell.shape, cell.node
    kind = state.state if state else ""
    title = "" if isinstance(node, Due) else title_of(node)
    body = node.shape["svg"]
    is_task = node.shape.get("text-align") == "middle"
    lines = wrapped(title, 20 if is_task else 18)
    first = shape.height / 2 - 7 * (len(lines) - 1) if is_task else shape.height + 14
    captions = "".join(
        f'<text text-anchor="middle" x="{shape.width / 2:.0f}" '
        f'y="{first + 14 * n:.0f}">{escape(line)}</text>'
        for n, line in enumerate(lines)
        if line
    )
    note = note_of(state)
    if note:
        captions += (
            f'<text class="note" text-anchor="middle" x="{shape.width / 2:.0f}" '
            f'y="-5">{escape(note)}</text>'
        )
    return (
        f'<g class="node {kind}" id="node-{node.name}" '
        f'transform="translate({int(shape.x)},{int(shape.y)})">{body}{captions}</g>'
    )


def note_of(state: NodeState | None) -> str:
    """Holder, since when, and the loop count, as said above a node."""
    if state is None or not state.state:
        return ""
    said = []
    if state.state == OPEN and state.since:
        said.append(date_format(localtime(state.since), "m-d"))
        if state.holder:
            said.append(state.holder)
    if state.loops:
        said.append(_("×%(count)s") % {"count": state.loops + 1})
    return " ".join(said)


def case_svg(case: Case, may_name: MayName) -> str:
    """The case's main flow with its live state, as a file of its own."""
    flow = main_flow(case)
    states = {s.node: s for s in node_states(case, may_name) if s.flow is flow}
    return standalone(flow_svg(flow, states))


def standalone(svg: str) -> str:
    """The same picture as a file of its own, with its style inside."""
    head, rest = svg.split(">", 1)
    return f"{head}><style>{STYLE}</style>{rest}"


def flow_bpmn(flow: type[CaseFlow]) -> str:
    """The flow as BPMN 2.0 XML that other modellers open."""
    return tidy(chart.grid_to_bpmn(chart.calc_layout_data(flow)))


def nobody(item: WorkItem) -> bool:
    """For what is read by anybody: no holder is named."""
    return False


def case_bpmn(case: Case) -> str:
    """The case's main flow as BPMN 2.0, states in the names."""
    flow = main_flow(case)
    states = {s.node: s for s in node_states(case, nobody) if s.flow is flow}
    grid = chart.calc_layout_data(flow)
    for cell in grid.cells:
        state = states.get(cell.node.name)
        if state and state.state:
            cell.status = _("open") if state.state == OPEN else _("done")
    return tidy(chart.grid_to_bpmn(grid))


def tidy(xml: str) -> str:
    """Without the template's blank lines."""
    return "\n".join(line.rstrip() for line in xml.splitlines() if line.strip()) + "\n"
