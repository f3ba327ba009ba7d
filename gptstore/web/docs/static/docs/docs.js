// Marks where one is on a page of the documentation, and lets the keyboard scroll what is wider than the page.

const prose = document.querySelector("[data-docs]");

function labelWide(box, label) {
  if (box.scrollWidth > box.clientWidth) {
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", label);
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) labelWide(target, target.matches("pre") ? prose.dataset.code : prose.dataset.table);
});
for (const box of prose.querySelectorAll("pre, .table-wrap")) sizes.observe(box);

const toc = document.querySelector(".docs-toc");
const links = new Map([...(toc?.querySelectorAll("a") ?? [])].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
const headings = [...prose.querySelectorAll(":is(h2, h3)[id]")];

function markCurrent() {
  const top = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) + 8;
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top <= (atEnd ? innerHeight : top));
  const current = passed.at(-1)?.id;
  for (const [id, link] of links) {
    if (id === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const link = links.get(current);
  if (link && (link.offsetTop < toc.scrollTop || link.offsetTop + link.offsetHeight > toc.scrollTop + toc.clientHeight)) {
    toc.scrollTop = link.offsetTop - toc.clientHeight / 2; // the page itself stays where it is
  }
}

let due = 0;
addEventListener("scroll", () => { due ||= requestAnimationFrame(() => { due = 0; markCurrent(); }); }, { passive: true });
markCurrent();
