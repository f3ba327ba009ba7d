"""The page of `gptstore dev` in a browser: what a save changes, a run in place, and what was typed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.waiting import wait_until
from tests.authors.dev.project import ASK, HEAD, HOOK, body_of, write_asker
from tests.e2e.axe import serious_findings
from tests.e2e.devices import PHONE, Devices
from tests.e2e.latin_words import latin_words

LONG = 20_000
CHINESE_ASK = """\
@tool(
    title={"en": "Ask", "zh-Hans": "提问"},
    summary={"en": "Ask the model.", "zh-Hans": "向模型提问。"},
    slug="ask",
    category="writing",
    examples=[Example({"en": "Hello", "zh-Hans": "问候"}, {"text": "你好"})],
)
def ask(
    ctx: Context,
    text: Annotated[str, Field(title={"en": "Text", "zh-Hans": "文本"}, max_length=50)],
    mood: Annotated[
        Literal["calm", "wild"],
        Field(
            title={"en": "Mood", "zh-Hans": "语气"},
            labels={"calm": {"en": "Calm", "zh-Hans": "平静"}, "wild": {"en": "Wild", "zh-Hans": "热烈"}},
        ),
    ] = "calm",
) -> Iterator[str]:
    ctx.log("已收到")
    ctx.progress(1, 2, "第一步")
    yield from ctx.model.stream([{"role": "user", "content": text}], max_tokens=50)
    if mood == "wild":
        os._exit(3)
"""
NAMES = {"gptstore", "dev", "acme", "asker", "Token", "English", "JSON", "Ctrl", "Good", "morning"}
"""The words in Latin letters on a page in Chinese: names, and the model's answer."""


@dataclass
class Project:
    """A project that is open in `gptstore dev`. url: its page, with the token."""

    folder: Path
    url: str
    process: subprocess.Popen[str]

    def save(self, code: str) -> float:
        """Save the plugin, and return when."""
        (self.folder / "acme_asker.py").write_text(HEAD + code + HOOK.format("ask"))
        return time.monotonic()


@pytest.fixture(scope="module")
def project(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    desk = tmp_path_factory.mktemp("desk")
    (desk / "answers.txt").write_text("Good **morning**.")
    folder = write_asker(desk / "asker")
    command = [sys.executable, "-m", "gptstore.sdk.cli", "dev", "asker", "--model", "answers.txt", "--no-open"]
    process = subprocess.Popen(command, cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    with process.stdout:
        yield Project(folder, process.stdout.readline().strip(), process)
    process.terminate()
    process.wait(30)


@pytest.fixture
def devices(browser: Browser, project: Project) -> Iterator[Devices]:
    devices = Devices(browser, project.url)
    yield devices
    devices.close()
    assert not devices.problems.found


@pytest.fixture
def page(devices: Devices, project: Project) -> Iterator[Page]:
    project.save(ASK)
    page = devices.open()
    page.goto(project.url)
    expect(page.locator("#head .lead")).to_have_text("Ask the model.", timeout=LONG)
    expect(page.locator("#problem")).to_be_empty(timeout=LONG)
    expect(page.get_by_role("group", name="Mood").get_by_role("radio")).to_have_count(2, timeout=LONG)
    yield page


def run(page: Page, text: str = "Hello") -> None:
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Run", exact=False).first.click()


def test_a_save_changes_the_form_within_a_second_and_keeps_what_was_typed(page: Page, project: Project) -> None:
    # Given a form with something typed and chosen
    page.get_by_label("Text").fill("Kept")
    page.get_by_role("radio", name="Wild").check()
    page.get_by_label("Text").focus()
    # When other inputs are saved, one after the other
    took = []
    for number in range(3):
        saved = project.save(ASK.replace('= "calm") ->', f'= "calm", times{number}: int = 3) ->'))
        expect(page.locator(f"#id_input-times{number}")).to_have_value("3", timeout=LONG)
        took.append(time.monotonic() - saved)
    # Then it is there soon, and so is what was typed
    assert min(took) < 1, took
    expect(page.get_by_label("Text")).to_have_value("Kept")
    expect(page.get_by_label("Text")).to_be_focused()
    assert page.locator("[name=input-mood]:checked").get_attribute("value") == "wild"
    assert '"times2"' in (page.locator("#manifest").text_content() or "")


def test_a_default_that_nobody_touched_follows_the_save(page: Page, project: Project) -> None:
    project.save(ASK.replace('= "calm"', '= "wild"'))

    expect(page.locator("[name=input-mood][value=wild]")).to_be_checked(timeout=LONG)


def test_a_broken_save_stands_on_the_page_until_it_is_mended(page: Page, project: Project) -> None:
    (project.folder / "acme_asker.py").write_text("def broken(:\n")
    problem = page.locator(".problem-line")
    expect(problem).to_contain_text("asker/acme_asker.py:1: ", timeout=LONG)
    expect(page.get_by_role("button", name="Run")).to_be_disabled()

    project.save(ASK)

    expect(problem).to_have_count(0, timeout=LONG)
    expect(page.get_by_role("button", name="Run")).to_be_enabled()


def test_a_run_streams_and_shows_what_the_model_was_asked(page: Page, project: Project) -> None:
    # Given a tool that waits in the middle until a file is there
    go_on = project.folder / "go-on"  # a sandbox shows the tool no more than its project
    lines = 'yield "first "\nyield from ctx.model.stream(f"Say: {text}", max_tokens=9)\n'
    lines += f"while not os.path.exists({str(go_on)!r}):\n    time.sleep(0.01)\nyield ' last'"
    project.save(body_of(lines).replace('title="Ask"', 'title="Ask it", output="markdown"'))
    expect(page.get_by_role("heading", name="Ask it")).to_be_visible(timeout=LONG)
    # When it runs
    run(page)
    # Then its output, and the request, are there before its end
    output = page.locator("#output")
    expect(output.locator("strong")).to_have_text("morning", timeout=LONG)
    expect(page.locator(".request")).to_contain_text("Say: Hello")
    expect(page.locator(".request")).to_contain_text("max_tokens=9")
    expect(page.locator("#run .pill")).to_have_text("Running")
    go_on.touch()
    expect(page.locator("#run .pill")).to_have_text("Succeeded", timeout=LONG)
    expect(output).to_have_text("first Good morning. last")
    expect(page.locator("#run [role=status]")).to_have_text("The answer is complete.")
    expect(page.get_by_role("button", name="Run")).to_be_enabled()


def test_the_rows_of_a_table_arrive_one_by_one_and_can_be_saved(page: Page, project: Project) -> None:
    # Given a tool that waits between its rows until a file is there
    go_on = project.folder / "more-rows"
    lines = 'yield {"who": "Ada", "pages": 3}\n'
    lines += f"while not os.path.exists({str(go_on)!r}):\n    time.sleep(0.01)\nyield {{'who': 'Bob', 'pages': 12}}"
    code = body_of(lines).replace('title="Ask"', 'title="Count", output="table"')
    project.save(code.replace("-> Iterator[str]", "-> Iterator[dict[str, str | int]]"))
    expect(page.get_by_role("heading", name="Count")).to_be_visible(timeout=LONG)
    # When it runs
    run(page)
    # Then the first row is there, below its head, before the second
    rows = page.locator("#output tbody tr")
    expect(rows).to_have_text(["Ada3"], timeout=LONG)
    expect(page.locator("#output thead")).to_have_text("whopages")
    expect(page.locator("#run .pill")).to_have_text("Running")
    go_on.touch()
    expect(page.locator("#run .pill")).to_have_text("Succeeded", timeout=LONG)
    expect(rows).to_have_text(["Ada3", "Bob12"])
    # And it is saved as a file that a spreadsheet reads
    with page.expect_download() as saving:
        page.get_by_role("link", name="CSV").click()
    assert Path(saving.value.path()).read_bytes().decode("utf-8-sig") == "who,pages\r\nAda,3\r\nBob,12\r\n"
    assert saving.value.suggested_filename.endswith(".csv")


def test_a_run_is_canceled(page: Page, project: Project) -> None:
    project.save(
        body_of('yield "slow"\nwhile not ctx.canceled:\n    time.sleep(0.01)\nyield "more"').replace("Ask", "Slow")
    )
    expect(page.get_by_role("heading", name="Slow")).to_be_visible(timeout=LONG)
    run(page)
    expect(page.locator("#output")).to_contain_text("slow", timeout=LONG)

    page.get_by_role("button", name="Cancel run").click()

    expect(page.locator("#run .pill")).to_have_text("Canceled", timeout=LONG)


def test_what_is_wrong_stands_at_its_field_and_is_gone_once_it_is_right(page: Page) -> None:
    page.get_by_label("Text").evaluate("control => control.required = false")
    page.get_by_label("Text").fill("  ")
    page.keyboard.press("Control+Enter")

    error = page.locator("#id_input-text_error")
    expect(error).to_have_text("This field is required.")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Text").fill("Hello")
    expect(error).to_be_empty()


def test_an_example_fills_the_form(page: Page) -> None:
    page.get_by_role("link", name="Hello").click()

    expect(page.get_by_label("Text")).to_have_value("Hello")
    expect(page.locator("#tool-form [role=status]")).to_have_text("The example is filled in.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_phone(devices: Devices, project: Project, page: Page, scheme: str) -> None:
    phone = devices.open(color_scheme=scheme, **PHONE)
    phone.goto(project.url)
    run(phone)
    expect(phone.locator("#run .pill")).to_have_text("Succeeded", timeout=LONG)

    assert serious_findings(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_works_without_javascript(devices: Devices, project: Project, page: Page) -> None:
    plain = devices.open(java_script_enabled=False)
    plain.goto(project.url)

    run(plain, "Plain")

    expect(plain.locator("#run .pill")).to_have_text("Succeeded")
    expect(plain.locator("#output")).to_have_text("Good **morning**.")
    expect(plain.locator(".request")).to_contain_text("calm: Plain")


def test_a_long_run_is_watched_and_canceled_without_javascript(devices: Devices, project: Project, page: Page) -> None:
    project.save(
        body_of('yield "slow"\nwhile not ctx.canceled:\n    time.sleep(0.01)\nyield "more"').replace("Ask", "Slow")
    )
    expect(page.get_by_role("heading", name="Slow")).to_be_visible(timeout=LONG)
    plain = devices.open(java_script_enabled=False)
    plain.goto(project.url)
    run(plain, "Plain")
    expect(plain.locator("#run .pill")).to_have_text("Running")

    plain.get_by_role("button", name="Cancel run").click()

    expect(plain.locator("#run .pill")).to_have_text("Canceled", timeout=LONG)
    expect(plain.get_by_label("Text")).to_have_value("Plain")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_walk_in_chinese_on_a_phone_meets_no_english(
    devices: Devices, project: Project, page: Page, scheme: str
) -> None:
    # Given a tool with Chinese texts, and a phone with a Chinese browser
    phone = devices.open(locale="zh-CN", color_scheme=scheme, **PHONE)
    phone.goto(project.url)
    project.save("from typing import Annotated\n\nfrom gptstore.sdk import Field\n\n\n" + CHINESE_ASK)
    expect(phone.get_by_role("heading", name="提问")).to_be_visible(timeout=LONG)
    expect(phone.locator("#dev-say")).to_have_text("表单已按保存的内容更新。")
    assert_chinese(phone)
    # When the form is left empty, filled by an example, run, and run to a failure
    phone.get_by_label("文本").evaluate("control => control.required = false")
    phone.get_by_role("button", name="运行").click()
    expect(phone.locator("#id_input-text_error")).to_have_text("此项必填。")
    assert_chinese(phone)
    phone.get_by_role("link", name="问候").click()
    expect(phone.locator("#tool-form [role=status]")).to_have_text("已填入示例。")
    phone.get_by_role("button", name="运行").click()
    expect(phone.locator("#run .pill")).to_have_text("成功", timeout=LONG)
    expect(phone.locator(".request")).to_contain_text("请求 1")
    assert_chinese(phone)
    phone.get_by_role("radio", name="热烈").check()
    phone.get_by_role("button", name="运行").click()
    expect(phone.locator("#run .pill")).to_have_text("失败", timeout=LONG)
    expect(phone.locator("#run .error-summary")).to_contain_text("其进程以状态码 3 退出。")
    # Then everything is Chinese, also the page of that run, and what a broken save leaves
    assert_chinese(phone)
    phone.goto(phone.locator("#run").get_attribute("data-page") or "")
    assert_chinese(phone)
    (project.folder / "acme_asker.py").write_text("def broken(:\n")
    expect(phone.locator(".problem-line")).to_contain_text("asker/acme_asker.py:1: ", timeout=LONG)
    assert_chinese(phone)


def assert_chinese(page: Page) -> None:
    assert latin_words(page) - NAMES == set()
    assert "工具" in page.locator(".footer p").inner_text() and "The tool" not in page.locator(".footer p").inner_text()
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_language_is_chosen_without_javascript(devices: Devices, project: Project, page: Page) -> None:
    plain = devices.open(java_script_enabled=False)
    plain.goto(project.url)
    run(plain, "Plain")
    address = plain.url

    plain.get_by_role("button", name="简体中文").click()

    expect(plain.locator("#run .pill")).to_have_text("成功")
    expect(plain.get_by_role("button", name="简体中文")).to_have_attribute("aria-current", "true")
    assert plain.url == address
    plain.get_by_role("button", name="English").click()
    expect(plain.locator("#run .pill")).to_have_text("Succeeded")


def test_the_server_ends_with_its_pages_open_and_leaves_no_process(devices: Devices, tmp_path: Path) -> None:
    # Given a second server, with a page open in the browser
    folder = write_asker(tmp_path / "asker")
    (tmp_path / "answers.txt").write_text("Hello")
    command = [sys.executable, "-m", "gptstore.sdk.cli", "dev", str(folder), "--no-open", "--model", "answers.txt"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    page = devices.open()
    page.goto(process.stdout.readline().strip())
    children = children_of(process.pid)
    assert children
    # When it is ended
    process.terminate()
    _out, errors = process.communicate(timeout=30)
    # Then nothing is left, and the page says so
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), "the end of its processes")
    assert "Traceback" not in errors and "ERROR" not in errors
    expect(page.locator("#away")).to_be_visible()


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
