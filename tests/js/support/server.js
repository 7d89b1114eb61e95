// @ts-check
/** A real HTTP server on a free port; `answer(request, body)` gives each reply. */
import { createServer } from "node:http";

export async function serve(answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    const reply = await answer(request, body);
    if (reply === null) {
      request.socket.destroy();
      return;
    }
    const { status = 200, json, bytes, headers = {} } = reply;
    response.writeHead(status, { Connection: "close", ...headers });
    response.end(bytes ?? JSON.stringify(json));
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = /** @type {any} */ (server.address());
  const close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  return { url: `http://127.0.0.1:${port}`, requests, close };
}

/** The locks of one browser: one holder a name, the others wait in turn. */
export class Locks {
  #turns = new Map();

  request(name, { signal }, hold) {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const aborted = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    });
    const held = Promise.race([before, aborted]).then(() => hold());
    this.#turns.set(
      name,
      Promise.allSettled([before, held]),
    );
    return held;
  }
}
