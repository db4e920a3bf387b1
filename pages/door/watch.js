// Leaves nothing on the screen once the session has ended, in another window or by its time.
(() => {
  const look = async () => {
    const answer = await fetch("/session", {cache: "no-store"}).catch(() => null);
    if (answer && answer.status === 401) {
      document.documentElement.hidden = true;
      location.replace("/login?next=" + encodeURIComponent(location.pathname + location.search));
    }
  };
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  addEventListener("pageshow", (event) => event.persisted && look());
})();
