// @ts-check
/**
 * The stores that every storage port has. Rows that share an index key come in the
 * order of their own key, so `queue` and `age` give the oldest chunk first.
 *
 * A port has one method, `transact(stores, mode, work, durability)`: `work` gets
 * `get, all, list, put, delete`, sees its own writes, and all of it is kept or none.
 */
export const SCHEMA = {
  segments: { keyPath: "uuid", autoIncrement: false, indexes: { recording: "recording" } },
  chunks: {
    keyPath: "order",
    autoIncrement: true,
    indexes: {
      identity: ["segment", "seq"],
      queue: ["recording", "status"],
      age: "status",
    },
  },
  bodies: { keyPath: "order", autoIncrement: false, indexes: {} },
  meta: { keyPath: "key", autoIncrement: false, indexes: {} },
};

export const SCHEMA_VERSION = 1;
