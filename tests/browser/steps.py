"""What a user does, for the browser tests."""

from playwright.sync_api import Error, Locator, Page, expect

READY_MS = 180_000
SOME_FRAMES = """() => new Promise((done) => {
  const next = (left) => left ? requestAnimationFrame(() => next(left - 1)) : done();
  next(30);
})"""


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
    """Open the sampling controls and ask for short answers."""
    page.click(f"#{task}-sampling button")
    set_number(page, f"{task}-max_new_tokens", count)


def set_number(page: Page, ident: str, value: object) -> None:
    """Put a number into its box and leave the box."""
    box = page.locator(f"#{ident} input")
    fill_in(box, str(value))
    box.press("Tab")
    expect(box).to_have_value(str(value))


def fill_in(box: Locator, text: str) -> None:
    """Fill a box that has just come into view: while it settles Gradio puts its old value back once."""
    for _ in range(10):
        box.fill(text)
        box.evaluate(SOME_FRAMES)
        if box.input_value() == text:
            return
    expect(box).to_have_value(text)
