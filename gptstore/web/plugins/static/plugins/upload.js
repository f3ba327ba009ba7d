// Sends a bundle with a progress bar. Without this script the form sends it as any other.

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form) return;
  event.preventDefault();
  send(form);
});

function send(form) {
  const request = new XMLHttpRequest();
  const status = form.querySelector("[role=status]");
  const bar = form.querySelector("progress");
  const button = form.querySelector("[type=submit]");
  form.querySelector(".uploading").hidden = false;
  button.disabled = true;
  bar.value = 0;
  status.textContent = status.dataset.sending;
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    status.textContent = status.dataset.checking;
  });
  request.addEventListener("load", () => show(request));
  for (const end of ["error", "abort", "timeout"]) {
    request.addEventListener(end, () => {
      button.disabled = false;
      bar.value = 0;
      status.textContent = status.dataset.failed;
    });
  }
  request.open("POST", form.action);
  request.send(new FormData(form));
}

// Shows the page that answered: its main part replaces the one that is shown.
function show(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) {
    location.reload();
    return;
  }
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  if (request.responseURL) history.pushState(null, "", request.responseURL);
  main.focus();
  window.scrollTo(0, 0);
}

window.addEventListener("popstate", () => location.reload());
