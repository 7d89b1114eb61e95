// @ts-check
/** Rows of the chunk store and how they change; every function runs in a transaction. */

export const identity = ({ recording, segment, seq }) => ({ recording, segment, seq });

/** Writes the chunk and moves its segment's end, once. */
export async function insert(tx, { bytes, ...chunk }) {
  const [known] = await tx.list("chunks", "identity", [chunk.segment, chunk.seq], 1);
  if (known) return;
  const size = bytes.byteLength;
  const segment = await tx.get("segments", chunk.segment);
  const order = await tx.put("chunks", { ...chunk, size, status: "pending", problem: null });
  await tx.put("bodies", { order, bytes });
  await tx.put("segments", {
    ...segment,
    count: chunk.seq + 1,
    head: chunk.chain,
    bytes: segment.bytes + size,
  });
}

function recount(segment, row, status, by) {
  const next = { ...segment };
  if (status === "problem") next.problems += by;
  if (status === "acknowledged") {
    next.acknowledged += by;
    next.acknowledgedBytes += by * row.size;
  }
  return next;
}

/** @param {Record<string, number[][]>} missing */
export function spread(missing) {
  const keys = [];
  for (const [segment, ranges] of Object.entries(missing)) {
    for (const [first, last] of ranges) {
      for (let seq = first; seq <= last; seq += 1) keys.push({ segment, seq });
    }
  }
  return keys;
}

/** Moves one chunk to another status; the row before, or null when nothing changed. */
export async function changeStatus(tx, { segment, seq }, status, problem) {
  const [row] = await tx.list("chunks", "identity", [segment, seq], 1);
  if (!row || row.status === status) return null;
  const owner = await tx.get("segments", segment);
  await tx.put("segments", recount(recount(owner, row, row.status, -1), row, status, 1));
  await tx.put("chunks", { ...row, status, problem });
  return row;
}
