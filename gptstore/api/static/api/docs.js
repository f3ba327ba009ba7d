// Shows the OpenAPI document with Swagger UI. Requests to change something carry the CSRF token of this page.

const place = document.getElementById("api");

window.SwaggerUIBundle({
  url: place.dataset.openapiUrl,
  domNode: place,
  layout: "BaseLayout",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestInterceptor(request) {
    request.headers["X-CSRFToken"] = place.dataset.csrfToken;
    return request;
  },
});
