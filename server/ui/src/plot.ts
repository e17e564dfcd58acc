// Pictures that the server draws, as elements of this page: so they take its
// colours. A document is asked for, since nothing here makes markup of text.

export function loadPlot(address: string, signal: AbortSignal): Promise<Element> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = (): void => reject(new Error("the picture could not be loaded"));
    request.open("GET", address);
    request.responseType = "document";
    request.addEventListener("load", () => {
      const root = request.status === 200 ? request.responseXML?.documentElement : undefined;
      if (root instanceof Element && root.localName === "svg") resolve(document.importNode(root, true));
      else fail();
    });
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send();
  });
}
