// Calls of the host. What it refuses is thrown as a Problem, in the host's own words (RFC 9457).

export interface FieldFault {
  field: string;
  message: string;
  path?: string; // where it stands in what was sent, if that is not the field alone: /triggers/0/parameters/From
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly faults: FieldFault[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

export interface List<Item> {
  items: Item[];
  next: string | null;
}

// What every call of this page says of itself. Before anybody is signed in no tenant is named: not everybody may look
// into the default one.
const caller = {
  csrf: "",
  tenant: null as string | null,
  language: "en",
  signedOut: () => {}, // the host no longer knows who calls
  renew: async () => false, // whether there is a newer proof of who calls, in place of one that counts no more
};

export function setCaller(values: Partial<typeof caller>): void {
  Object.assign(caller, values);
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

async function send(method: Method, path: string, body?: unknown, accept = "application/json", renewed = false): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: accept,
    "Accept-Language": caller.language,
  };
  if (caller.tenant !== null) headers["X-Orch-Tenant"] = caller.tenant;
  if (method !== "GET") headers["X-CSRF-Token"] = caller.csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Problem(0, "unreachable", "");
  }
  if (answer.ok) return answer;
  const document = await answer.json().catch(() => ({}));
  if (document.code === "not-signed-in") caller.signedOut();
  if (document.code === "csrf" && !renewed && (await caller.renew())) return send(method, path, body, accept, true);
  const wait = Number(answer.headers.get("Retry-After"));
  throw new Problem(
    answer.status,
    document.code ?? "failed",
    document.detail ?? document.title ?? answer.statusText,
    document.errors ?? [],
    Number.isFinite(wait) && wait > 0 ? wait : null,
  );
}

async function call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  const answer = await send(method, path, body);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

export const http = {
  get: <Answer>(path: string) => call<Answer>("GET", path),
  post: <Answer>(path: string, body: unknown = {}) => call<Answer>("POST", path, body),
  put: <Answer>(path: string, body: unknown) => call<Answer>("PUT", path, body),
  remove: (path: string) => call<void>("DELETE", path),

  // A call whose answer comes line by line; each is handed over as it comes.
  async lines(path: string, body: unknown, take: (line: unknown) => void): Promise<void> {
    const answer = await send("POST", path, body, "application/x-ndjson");
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      rest += value ?? "";
      const whole = rest.split("\n");
      rest = done ? "" : whole.pop()!;
      for (const line of whole) {
        if (line === "") continue;
        const parsed = JSON.parse(line);
        if (parsed.problem) throw new Problem(parsed.problem.status, parsed.problem.code, parsed.problem.detail, parsed.problem.errors);
        take(parsed);
      }
      if (done) return;
    }
  },

  // All of a list that is known to be short.
  async all<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    let after: string | null = null;
    do {
      const page: List<Item> = await http.get(`${path}${path.includes("?") ? "&" : "?"}limit=1000${after === null ? "" : `&after=${encodeURIComponent(after)}`}`);
      items.push(...page.items);
      after = page.next;
    } while (after !== null);
    return items;
  },
};

// A path of the host with its parts encoded: path`/api/tasks/${id}`.
export function path(parts: TemplateStringsArray, ...names: (string | number)[]): string {
  return String.raw({ raw: parts }, ...names.map((name) => encodeURIComponent(name)));
}
