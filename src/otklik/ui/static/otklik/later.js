// Scripts not needed for the first paint: <script type="text/later" src="…"> is fetched after the style sheets (a
// deferred script runs no sooner), in the order of the page and before its "load" event.
(function () {
  "use strict";
  var listen = document.addEventListener;
  var built = false;
  listen.call(document, "DOMContentLoaded", function () { built = true; });
  // They may run after DOMContentLoaded; scripts that wait for it (htmx does) are called at once.
  document.addEventListener = function (kind, act) {
    if (kind === "DOMContentLoaded" && built) {
      act.call(document, new Event(kind));
    } else {
      listen.apply(document, arguments);
    }
  };
  document.querySelectorAll('script[type="text/later"]').forEach(function (wanted) {
    var script = document.createElement("script");
    script.src = wanted.getAttribute("src");
    script.async = false;
    document.head.appendChild(script);
  });
})();
