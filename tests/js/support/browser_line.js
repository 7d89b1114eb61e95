// What a browser has and Node 20 has not: a page's address, "online", and WebSocket.

/** Every socket that was dialled, newest last; the test is its server. */
export const dialled = [];

class FakeWebSocket {
  static OPEN = 1;

  constructor(url) {
    this.url = String(url);
    this.readyState = 0;
    this.sent = [];
    dialled.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.drop(1005);
  }

  accept() {
    this.readyState = FakeWebSocket.OPEN;
    this.onopen();
  }

  tell(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  /** The line ends; the browser says so a little later. */
  drop(code) {
    this.readyState = 3;
    queueMicrotask(() => this.onclose({ code }));
  }
}

const page = new EventTarget();
globalThis.WebSocket = FakeWebSocket;
globalThis.addEventListener = page.addEventListener.bind(page);
globalThis.removeEventListener = page.removeEventListener.bind(page);

/** A page at this address whose network comes back. */
export const goOnline = () => page.dispatchEvent(new Event("online"));
export const visit = (href) => {
  globalThis.location = { href };
};
visit("https://exam.example/exam/");

/** Lets everything happen that waits for no timer. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
