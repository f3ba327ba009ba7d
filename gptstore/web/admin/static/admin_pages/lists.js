// Gives the filters that complete names a name of their own: select2 leaves them to their empty content.
django.jQuery(() => {
  for (const select of document.querySelectorAll("#changelist-filter select")) {
    const label = select.labels[0];
    const box = select.nextElementSibling?.querySelector(".select2-selection");
    if (!label || !box) continue;
    label.id = `${select.id}-label`;
    box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby") ?? ""}`.trim());
    const chosen = box.querySelector(".select2-selection__rendered");
    chosen?.removeAttribute("role"); // a text in the box, no field of its own
    chosen?.removeAttribute("aria-readonly");
    django.jQuery(select).on("select2:open", () => {
      const field = document.querySelector(".select2-container--open .select2-search__field");
      field?.setAttribute("aria-label", label.textContent.trim());
      field?.focus();
    });
  }
});
