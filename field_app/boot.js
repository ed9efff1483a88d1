/**
 * Before the app: one file of it that could not be read (a worker that the system ended in mid-answer, say) would leave an
 * empty page, on a tablet that nobody near can mend. So the page is loaded again, three times at most; then it says so.
 */
(() => {
  const STARTS = "muster.field.starts";
  const MOST = 3;
  const PAUSE_MS = 300;
  let failed = false;
  addEventListener("load", () => { if (!failed) sessionStorage.removeItem(STARTS); }); // after the modules, as they ran or not
  addEventListener("error", (event) => {
    if (!(event.target instanceof HTMLScriptElement) || event.target.type !== "module") return;
    failed = true;
    const starts = Number(sessionStorage.getItem(STARTS) ?? 0) + 1;
    sessionStorage.setItem(STARTS, String(starts));
    if (starts <= MOST) {
      setTimeout(() => location.reload(), PAUSE_MS);
      return;
    }
    sessionStorage.removeItem(STARTS);
    const root = document.getElementById("app");
    root?.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", role: "alert", textContent: "Muster could not start. What is kept on this tablet is still there: close this page and open it again." }));
  }, true);
})();
