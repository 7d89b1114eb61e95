// @ts-check
import { retryAfterMs } from "./upload_verdict.js";

/** The server refused; `code` is stable, `title` is in the candidate's language. */
export class ApiProblem extends Error {
  constructor({ status, code, title = "", facts = {}, retryAfterMs: wait = 0 }) {
    super(code);
    this.status = status;
    this.code = code;
    this.title = title;
    this.facts = facts;
    this.retryAfterMs = wait;
  }
}

/** No answer came: the network, or a page that is not our server. */
export class Offline extends Error {
  code = "offline";
}

/**
 * The JSON of a good reply; otherwise throws `ApiProblem`, or `Offline` when a server
 * that is not ours (a portal, a proxy) answered instead.
 * @param {Response} response
 */
export async function readReply(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && (body !== null || response.status === 204)) return body;
  if (typeof body?.code !== "string") throw new Offline(`status ${response.status}`);
  const wait = retryAfterMs(response.headers.get("Retry-After"));
  throw new ApiProblem({ ...body, status: response.status, retryAfterMs: wait });
}
