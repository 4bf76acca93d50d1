import { afterEach, describe, expect, it, vi } from "vitest";

import { http, path, Problem, setCaller } from "./http";

// An answer whose body comes in these pieces.
function answer(pieces: (string | Uint8Array)[], init: ResponseInit = {}): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
      controller.close();
    },
  });
  return new Response(body, init);
}

function hostAnswers(...answers: (Response | Error)[]) {
  const fetched = vi.fn(async (_path: string, _options: RequestInit) => {
    const next = answers.shift()!;
    if (next instanceof Error) throw next;
    return next;
  });
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

function headersOf(fetched: ReturnType<typeof hostAnswers>): Record<string, string> {
  return fetched.mock.lastCall![1].headers as Record<string, string>;
}

async function linesOf(...pieces: (string | Uint8Array)[]): Promise<unknown[]> {
  hostAnswers(answer(pieces));
  const seen: unknown[] = [];
  await http.lines("/x", {}, (line) => seen.push(line));
  return seen;
}

afterEach(() => {
  vi.unstubAllGlobals();
  setCaller({ csrf: "", tenant: null, language: "en", signedOut: () => {}, renew: async () => false });
});

describe("an answer line by line", () => {
  it("is handed over as it stands, wherever the network cuts it", async () => {
    expect(await linesOf('{"a":1}\n{"a"', ":2}", '\n\n{"a":3}\n')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it("may be cut within a letter, and end without a line's end", async () => {
    const bytes = new TextEncoder().encode('{"имя":"Ж"}');
    expect(await linesOf(bytes.slice(0, 3), bytes.slice(3, 10), bytes.slice(10))).toEqual([{ имя: "Ж" }]);
  });

  it("may be empty", async () => {
    expect(await linesOf()).toEqual([]);
  });

  it("is a problem from the line on that tells one", async () => {
    hostAnswers(answer(['{"a":1}\n{"problem":{"status":422,"code":"invalid","detail":"no","errors":[{"field":"Imap","message":"is required"}]}}\n']));
    const seen: unknown[] = [];
    await expect(http.lines("/x", {}, (line) => seen.push(line))).rejects.toMatchObject({ status: 422, code: "invalid", message: "no", faults: [{ field: "Imap" }] });
    expect(seen).toEqual([{ a: 1 }]);
  });
});

describe("a call", () => {
  it("says who calls, and proves it where it changes something", async () => {
    setCaller({ csrf: "proof", tenant: "acme", language: "ru" });
    const fetched = hostAnswers(Response.json({}), Response.json({}));
    await http.get("/x");
    expect(headersOf(fetched)).toMatchObject({ "Accept-Language": "ru", "X-Orch-Tenant": "acme" });
    expect(headersOf(fetched)).not.toHaveProperty("X-CSRF-Token");
    await http.post("/x", { a: 1 });
    expect(headersOf(fetched)).toMatchObject({ "X-CSRF-Token": "proof", "Content-Type": "application/json" });
    expect(fetched.mock.lastCall![1].body).toBe('{"a":1}');
  });

  it("names no tenant before one is known, but the default one by its empty name", async () => {
    const fetched = hostAnswers(Response.json({}), Response.json({}));
    await http.get("/x");
    expect(headersOf(fetched)).not.toHaveProperty("X-Orch-Tenant");
    setCaller({ tenant: "" });
    await http.get("/x");
    expect(headersOf(fetched)["X-Orch-Tenant"]).toBe("");
  });

  it("that is refused is a problem in the host's words", async () => {
    hostAnswers(new Response('{"code":"too-many","detail":"wait"}', { status: 429, headers: { "Retry-After": "7" } }), new Response("<html>", { status: 502, statusText: "Bad Gateway" }));
    await expect(http.get("/x")).rejects.toMatchObject({ status: 429, code: "too-many", message: "wait", retryAfter: 7 });
    await expect(http.get("/x")).rejects.toMatchObject({ status: 502, code: "failed", message: "Bad Gateway", retryAfter: null });
  });

  it("of somebody whom the host no longer knows is told of", async () => {
    const signedOut = vi.fn();
    setCaller({ signedOut });
    hostAnswers(new Response('{"code":"wrong-credentials"}', { status: 401 }), new Response('{"code":"not-signed-in"}', { status: 401 }));
    await expect(http.post("/x")).rejects.toMatchObject({ code: "wrong-credentials" });
    expect(signedOut).not.toHaveBeenCalled();
    await expect(http.post("/x")).rejects.toMatchObject({ code: "not-signed-in" });
    expect(signedOut).toHaveBeenCalledOnce();
  });

  it("whose proof counts no more is made once more with a newer one, if there is one", async () => {
    const refused = () => new Response('{"code":"csrf"}', { status: 403 });
    setCaller({ csrf: "old", renew: async () => (setCaller({ csrf: "new" }), true) });
    const fetched = hostAnswers(refused(), Response.json({ a: 1 }), refused(), refused());
    expect(await http.post("/x")).toEqual({ a: 1 });
    expect(headersOf(fetched)["X-CSRF-Token"]).toBe("new");
    await expect(http.post("/x")).rejects.toMatchObject({ code: "csrf" });
    setCaller({ renew: async () => false });
    hostAnswers(refused());
    await expect(http.post("/x")).rejects.toMatchObject({ code: "csrf" });
  });

  it("that reaches nobody is a problem, too", async () => {
    hostAnswers(new TypeError("failed to fetch"));
    await expect(http.get("/x")).rejects.toBeInstanceOf(Problem);
  });

  it("asks for all pages of a list", async () => {
    const fetched = hostAnswers(Response.json({ items: [1, 2], next: "a b" }), Response.json({ items: [3], next: null }));
    expect(await http.all("/x?state=failed")).toEqual([1, 2, 3]);
    expect(fetched.mock.calls.map(([called]) => called)).toEqual(["/x?state=failed&limit=1000", "/x?state=failed&limit=1000&after=a%20b"]);
  });

  it("has each part of its path encoded", () => {
    expect(path`/api/tasks/${"a/b c"}/x/${7}`).toBe("/api/tasks/a%2Fb%20c/x/7");
  });
});
