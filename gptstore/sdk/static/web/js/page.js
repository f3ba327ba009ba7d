// On every page: the theme button and copy buttons.
import { copyOnClick } from "./copy.js";

const THEMES = ["auto", "light", "dark"];

function showTheme(button, theme) {
  const label = button.dataset[`label${theme[0].toUpperCase()}${theme.slice(1)}`];
  button.setAttribute("aria-label", label);
  button.title = label;
}

function startThemeButton(button) {
  const root = document.documentElement;
  showTheme(button, root.dataset.theme ?? "auto");
  button.hidden = false;
  button.addEventListener("click", () => {
    const theme = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Private windows may forbid it: the choice then lasts as long as the page.
    }
    showTheme(button, theme);
  });
}

document.querySelectorAll("[data-theme-toggle]").forEach(startThemeButton);
document.addEventListener("click", copyOnClick);
