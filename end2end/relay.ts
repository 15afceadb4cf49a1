// The network between two processes, which can be gone: then nothing is refused and nothing arrives.

import { createConnection, createServer, type Socket } from "node:net";

/** A port of loopback that leads to another one. */
export interface Relay {
  /** From now on nothing passes, in neither direction, also on connections that stand. */
  cut(): void;
  /** What waited is lost; new connections pass. */
  mend(): void;
  close(): Promise<void>;
}

export async function relay(port: number, to: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((from) => {
    if (isCut) from.pause();
    const onward = isCut ? [] : [createConnection({ host: "127.0.0.1", port: to })];
    const ends = [from, ...onward];
    for (const [place, end] of ends.entries()) {
      const other = ends[1 - place];
      sockets.add(end);
      end.on("data", (chunk) => other?.write(chunk));
      // The reason is the other side's to tell.
      end.on("error", () => undefined);
      end.on("close", () => { sockets.delete(end); other?.destroy(); });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const drop = () => { for (const socket of sockets) socket.destroy(); };
  return {
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend: () => {
      isCut = false;
      drop();
    },
    close: () => {
      drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
