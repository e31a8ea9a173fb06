// Starts Swagger UI over the document beside this page; nothing is fetched from elsewhere.
"use strict";
window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  tagsSorter: "alpha",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
