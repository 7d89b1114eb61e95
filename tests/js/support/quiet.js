// Node's `spec` reporter without the tests that passed: what failed, and the counts.
import { spec } from "node:test/reporters";

const TOLD = new Set(["test:fail", "test:diagnostic", "test:stdout", "test:stderr"]);

async function* told(source) {
  for await (const event of source) {
    if (TOLD.has(event.type) && !event.data.message?.startsWith("duration_ms ")) yield event;
  }
}

export default async function* quiet(source) {
  const report = new spec();
  for await (const event of told(source)) report.write(event);
  report.end();
  yield* report;
}
