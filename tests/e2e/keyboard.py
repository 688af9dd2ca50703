"""A person without a mouse: only keys, and every focus must be seen."""

from typing import Any

from playwright.sync_api import Locator, Page

#: Where the focus is, whether one sees that, and whether anything covers it.
FOCUS = """(target) => {
    const here = document.activeElement;
    const style = getComputedStyle(here);
    const box = here.getBoundingClientRect();
    const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
    const y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    return {
        there: here === target,
        none: here === document.body || here === document.documentElement,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        covered: !(top && (here.contains(top) || top.contains(here))),
        html: here.outerHTML.slice(0, 120),
    };
}"""
#: Stops of the longest page, a screening's checklist.
MOST = 300


class Keyboard:
    """Keys pressed on one page; `hidden` are stops whose focus nobody sees."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, page.keyboard
        self.hidden: list[str] = []

    def focus(self, target: Locator | None = None) -> dict[str, Any]:
        handle = target.element_handle() if target is not None else None
        return self.page.evaluate(FOCUS, handle)

    def to(self, place: str | Locator) -> None:
        """Press Tab until the focus is there."""
        target = self.page.locator(place).first if isinstance(place, str) else place
        handle = target.element_handle()
        for _stop in range(MOST):
            self.keys.press("Tab")
            found = self.page.evaluate(FOCUS, handle)
            if not found["none"] and not found["outlined"]:
                self.hidden.append(f"no outline: {found['html']}")
            elif not found["none"] and found["covered"]:
                self.hidden.append(f"covered: {found['html']}")
            if found["there"]:
                return
        raise AssertionError(f"no way to {place} by {MOST} tabs")

    def follow(self, place: str | Locator, key: str = "Enter") -> None:
        """Go to a link or button and press it; wait for the page it leads to."""
        self.to(place)
        with self.page.expect_navigation():
            self.keys.press(key)

    def write(self, name: str, text: str) -> None:
        """Go to a field and type into it, over what stands there."""
        self.to(f"[name='{name}']")
        self.keys.press("Control+A")
        self.keys.type(text)

    def select(self, name: str, value: str) -> None:
        """Go to a list of choices and walk down to one of them."""
        field = self.page.locator(f"select[name='{name}']")
        self.to(field)
        self.keys.press("Home")
        for _choice in range(field.locator("option").count()):
            if field.input_value() == value:
                return
            self.keys.press("ArrowDown")
        raise AssertionError(f"{name} has no {value}")

    def tick(self, name: str, value: str) -> None:
        """Go to a group of buttons and walk to one of them."""
        self.to(f"[name='{name}']")
        self.keys.press("Space")
        for _choice in range(self.page.locator(f"[name='{name}']").count()):
            if self.page.locator(f"[name='{name}'][value='{value}']").is_checked():
                return
            self.keys.press("ArrowDown")
        raise AssertionError(f"{name} has no {value}")

    def sign_in(self, username: str, password: str) -> None:
        self.page.goto("/accounts/login/")
        self.write("login", username)
        self.write("password", password)
        with self.page.expect_navigation():
            self.keys.press("Enter")

    def open_task(self, number: int) -> None:
        """By the menu into the inbox, and to a task."""
        self.follow("nav a[href='/inbox/']")
        self.follow(f"main a[href='/work/{number}/']")
