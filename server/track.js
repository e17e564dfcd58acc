// Counts the views of this page: <script src="/track.js" defer></script>
// No cookie and no storage; who asks not to be tracked is not counted.
// faztTrack("signed_up", { plan: "pro" }) counts something else.
(() => {
  const off = navigator.doNotTrack === "1" || navigator.globalPrivacyControl;
  let referrer = document.referrer;
  let last;
  const send = (name, props) => {
    if (off) return;
    const page = location.pathname + location.search;
    fetch("/track", { method: "POST", keepalive: true, credentials: "omit", body: JSON.stringify({ name, props, page, referrer }) }).catch(() => {});
    referrer = "";
  };
  const view = () => {
    if (last !== (last = location.pathname)) send();
  };
  const push = history.pushState;
  history.pushState = function (...args) {
    push.apply(this, args);
    view();
  };
  addEventListener("popstate", view);
  window.faztTrack = send;
  if (document.prerendering) document.addEventListener("prerenderingchange", view, { once: true });
  else view();
})();
