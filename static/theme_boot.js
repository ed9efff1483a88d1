// Before the first paint, so that a dark room gets no white flash.
(function () {
  var name = null;
  try { name = localStorage.getItem("muster.theme"); } catch (_) { /* forbidden storage: the system's choice holds */ }
  document.documentElement.dataset.theme = name && /^(light|dark|contrast)$/.test(name) ? name : "auto";
})();
