// Shows the OpenAPI document with Swagger UI, in the colours that the site has.

const place = document.getElementById("api");
const root = document.documentElement;
const darkDevice = matchMedia("(prefers-color-scheme: dark)");

function followTheme() {
  const theme = root.dataset.theme ?? (darkDevice.matches ? "dark" : "light");
  root.classList.toggle("dark-mode", theme === "dark");
}

followTheme();
darkDevice.addEventListener("change", followTheme);
new MutationObserver(followTheme).observe(root, { attributeFilter: ["data-theme"] });

window.SwaggerUIBundle({
  url: place.dataset.openapiUrl,
  domNode: place,
  layout: "BaseLayout",
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestInterceptor(request) {
    request.headers["X-CSRFToken"] = place.dataset.csrfToken; // lets the browser's session change something
    return request;
  },
});
