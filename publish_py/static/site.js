// Draws each chart over its picture. Without scripts, or if drawing fails, the picture stays.
(function () {
  "use strict";
  function draw() {
    if (typeof window.vegaEmbed !== "function") return;
    document.querySelectorAll(".chart[data-spec]").forEach(function (place) {
      var source = document.getElementById(place.dataset.spec);
      if (!source) return;
      var picture = place.querySelector("img");
      var drawing = document.createElement("div");
      drawing.className = "drawing";
      place.appendChild(drawing);
      window
        .vegaEmbed(drawing, JSON.parse(source.textContent), { renderer: "svg", actions: false })
        .then(function () {
          drawing.setAttribute("role", "img");
          drawing.setAttribute("aria-label", place.dataset.label || "");
          if (picture) picture.remove();
        })
        .catch(function () {
          drawing.remove();
        });
    });
  }
  if (document.readyState === "complete") draw();
  else window.addEventListener("load", draw);
})();
