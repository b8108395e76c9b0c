"""What a user does, for the browser tests."""

from playwright.sync_api import Error, Page, expect

READY_MS = 180_000


def opened(page: Page, address: str, task: str, lang: str = "en") -> Page:
    """The page at a task's tab, with the model loaded."""
    for _ in range(240):
        try:
            page.goto(f"{address}/?task={task}&lang={lang}")
            break
        except Error:  # the server is not up yet
            page.wait_for_timeout(250)
    expect(page.locator("#header .state.ready")).to_be_visible(timeout=READY_MS)
    expect(page.locator(f"#{task}-run")).to_be_visible()
    return page


def run(page: Page, task: str) -> None:
    """Run the tab's task to its end."""
    page.click(f"#{task}-run")
    expect(page.locator(f"#{task}-status .badge")).to_be_visible(timeout=READY_MS)


def limit_tokens(page: Page, task: str, count: int) -> None:
    """Open the sampling controls and ask for short answers, typing as a person does."""
    page.click(f"#{task}-sampling button")
    box = page.locator(f"#{task}-max_new_tokens input")
    # A value that arrives while the controls are still being put in place is taken back by them.
    box.scroll_into_view_if_needed()
    box.click()
    box.press("ControlOrMeta+a")
    box.press_sequentially(str(count), delay=60)
    box.press("Tab")
    expect(box).to_have_value(str(count))
